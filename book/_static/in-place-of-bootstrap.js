// What the theme asks of Bootstrap, whose script takes longer to run than all others together: the
// hints below its buttons, and the mark in the contents at what is being read. The third, a button
// that leads back to the top, is hidden by the theme's own style.
(() => {
  const hint = Object.assign(document.createElement("div"), { role: "tooltip" });
  hint.className = "tooltip bs-tooltip-auto fade";
  hint.dataset.popperPlacement = "bottom";
  hint.style.position = "fixed";
  hint.innerHTML = '<div class="tooltip-arrow"></div><div class="tooltip-inner"></div>';
  const [arrow, words] = hint.children;
  arrow.style.position = "absolute";
  let waiting;

  const show = (button, text) => {
    words.textContent = text;
    document.body.append(hint);
    const at = button.getBoundingClientRect();
    if (!at.width) return;  // it has gone meanwhile
    const middle = at.left + at.width / 2;
    const room = document.documentElement.clientWidth - hint.offsetWidth;
    const left = Math.max(0, Math.min(middle - hint.offsetWidth / 2, room));
    hint.style.left = `${left}px`;
    hint.style.top = `${at.bottom + 6}px`;
    arrow.style.left = `${middle - left - arrow.offsetWidth / 2}px`;
    hint.classList.add("show");
  };
  const later = (act, wait) => {
    clearTimeout(waiting);
    waiting = setTimeout(act, wait);
  };
  const hide = () => {
    hint.classList.remove("show");
    hint.remove();
  };

  for (const button of document.querySelectorAll('[data-bs-toggle="tooltip"]')) {
    const text = button.dataset.bsTitle ?? button.title;
    if (!button.hasAttribute("aria-label") && !button.textContent.trim()) button.ariaLabel = text;
    button.removeAttribute("title");  // the browser's own hint would be a second one
    for (const event of ["mouseenter", "focus"])
      button.addEventListener(event, () => later(() => show(button, text), 500));
    for (const event of ["mouseleave", "blur"])
      button.addEventListener(event, () => later(hide, 100));
  }
  document.addEventListener("keydown", ({ key }) => { if (key === "Escape") later(hide, 0); });

  // The last section, as they stand in the text, that reaches into the window's upper part.
  const links = new Map();
  for (const link of document.querySelectorAll("#pst-page-toc-nav a[href^='#']")) {
    const section = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (section) links.set(section, link);
  }
  const read = new Set();
  const sections = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) read.add(target);
      else read.delete(target);
    }
    const last = [...links.keys()].findLast((section) => read.has(section));
    for (const link of links.values()) link.classList.remove("active");
    for (let entry = links.get(last)?.closest("li"); entry; entry = entry.parentElement.closest("li"))
      entry.querySelector("a").classList.add("active");
  }, { rootMargin: "0px 0px -60%" });
  for (const section of links.keys()) sections.observe(section);
})();
