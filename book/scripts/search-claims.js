// Above what the search finds in the pages stand the claims that have the number or the words.
document.addEventListener("DOMContentLoaded", async () => {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const results = document.querySelector("#search-results");
  if (!query.trim() || !results) return;
  const claims = await window.loadClaims().catch(() => ({}));
  const element = window.bookElement;
  const found = window.findClaims(query, claims).slice(0, 12);
  if (!found.length) return;
  const items = found.map((id) => {
    const { says, figures, verdict, css, more } = claims[id];
    return element("li", {},
      element("a", { href: `claims/${id}.html` }, says), " ",
      element("span", { class: "verdict", "data-verdict": css }, verdict),
      element("p", {}, figures.map(([name, value]) => `${name} ${value}`).join(" · ")),
      element("p", {}, more));
  });
  results.before(
    element("section", { class: "claims-found", "aria-label": "Claims" },
      element("h2", {}, found.length === 1 ? "One claim" : `${found.length} claims`),
      element("ul", {}, ...items)));
});
