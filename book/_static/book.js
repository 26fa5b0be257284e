// A box that scrolls can be reached with the keyboard; one that does not is no stop on the way.
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

const watch = () => {
  for (const box of document.querySelectorAll("div.math, .pst-scrollable-table-container, .wide")) {
    scrollers.unobserve(box);
    scrollers.observe(box);
  }
};

document.addEventListener("DOMContentLoaded", watch);
// MathJax typesets before this event: look again, now that equations have their width.
window.addEventListener("load", () => window.MathJax?.startup?.promise?.then(watch));

// The search shows text around what it finds: without the source of equations.
document.addEventListener("DOMContentLoaded", () => {
  if (typeof Search === "undefined") return;
  const { htmlToText } = Search;
  Search.htmlToText = (source, anchor) => {
    const page = new DOMParser().parseFromString(source, "text/html");
    for (const equation of page.querySelectorAll(".math")) equation.remove();
    return htmlToText(page.documentElement.outerHTML, anchor);
  };
});

// Printed, a page shows what is folded.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll(".claim-arithmetic")) folded.open = true;
});
