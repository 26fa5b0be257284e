// A box that scrolls can be reached with the keyboard; one that does not is no stop on the way.
const scrollers = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
    else target.removeAttribute("tabindex");
  }
});

const watch = () => {
  for (const box of document.querySelectorAll("div.math, .pst-scrollable-table-container, .wide, div.highlight pre, .cell_output > .output")) {
    scrollers.unobserve(box);
    scrollers.observe(box);
  }
};

document.addEventListener("DOMContentLoaded", watch);

// Printed, a page shows what is folded.
window.addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll(".claim-arithmetic")) folded.open = true;
});
