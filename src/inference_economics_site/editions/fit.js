// The browser makes every page smaller if one thing is wider than the paper: make that smaller.
// What is still too wide is named.
(paper) => {
  for (const wide of document.querySelectorAll("div.math, table, pre, figure")) {
    const needed = wide.scrollWidth / wide.parentElement.clientWidth;
    if (needed > 1) wide.style.zoom = 0.99 / needed;
  }
  if (document.documentElement.scrollWidth <= paper + 1) return null;
  const right = (part) => part.getBoundingClientRect().right;
  const [widest] = [...document.querySelectorAll("main *")].sort((a, b) => right(b) - right(a));
  return `${widest.closest("[id]")?.id} <${widest.tagName} class="${widest.className}">`;
}
