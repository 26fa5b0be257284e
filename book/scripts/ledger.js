// The ledger's table: filtered by words and verdict, sorted by a column. Without this script it
// is a plain table. The filter is kept in the address, so that a view of it can be linked to.

const table = document.querySelector("table.ledger");
const body = table.tBodies[0];
const rows = [...body.rows];
const asked = new URLSearchParams(location.search);

const element = window.bookElement;

const words = element("input", { type: "search", name: "q", placeholder: "144K, brain, NVLink …" });
const verdicts = element("select", { name: "verdict" }, element("option", { value: "" }, "all"));
for (const item of document.querySelectorAll(".score-legend li")) {
  const label = item.textContent.replace(/[\d,]/g, "").trim();
  verdicts.append(element("option", { value: item.dataset.verdict }, label));
}
const count = element("output", {});
const form = element(
  "form", { class: "ledger-filter", role: "search", "aria-label": "Filter the claims" },
  element("label", {}, "Search ", words), element("label", {}, "Verdict ", verdicts), count,
);
(table.closest(".pst-scrollable-table-container") ?? table).before(form);

// The claims by their numbers and words; asked for when something is sought.
let claims;

async function filter() {
  const sought = words.value.trim();
  if (sought) claims ??= await window.loadClaims().catch(() => undefined);
  const found = sought && claims ? new Set(window.findClaims(sought, claims)) : undefined;
  const bare = found ? "" : sought.toLowerCase();  // without the cards, the row's own text
  let shown = 0;
  for (const row of rows) {
    row.hidden =
      (verdicts.value !== "" && row.dataset.verdict !== verdicts.value) ||
      (found !== undefined && !found.has(row.id.replace(/^row-/, ""))) ||
      !row.textContent.toLowerCase().includes(bare);
    shown += row.hidden ? 0 : 1;
  }
  count.textContent = `${shown} of ${rows.length} claims`;
}

function remember() {
  const state = new URLSearchParams();
  if (words.value) state.set("q", words.value);
  if (verdicts.value) state.set("verdict", verdicts.value);
  history.replaceState(null, "", `${state.size ? `?${state}` : location.pathname}${location.hash}`);
}

form.addEventListener("input", () => { filter(); remember(); });
form.addEventListener("submit", (event) => event.preventDefault());

function compare(left, right, column, direction) {
  const [a, b] = [left, right].map((row) => row.cells[column]);
  const [x, y] = [a, b].map((cell) => cell.dataset.sort ?? cell.textContent);
  const numeric = !Number.isNaN(Number(x)) && !Number.isNaN(Number(y));
  return direction * (numeric ? x - y : x.localeCompare(y));
}

// Figures are in units of their own, so their columns have no order; the first has the text's.
[...table.tHead.rows[0].cells].forEach((head, column) => {
  if (head.classList.contains("number")) return;
  const button = element("button", { type: "button" }, ...head.childNodes);
  head.append(button);
  button.addEventListener("click", () => {
    const direction = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    body.append(...[...rows].sort((a, b) => compare(a, b, column, direction)));
  });
});

words.value = asked.get("q") ?? "";
if ([...verdicts.options].some((option) => option.value === asked.get("verdict"))) {
  verdicts.value = asked.get("verdict");
}
filter().then(() => {
  // Who has looked something up wants to see what was found, and not the page's introduction.
  if (location.search && !location.hash) form.scrollIntoView();
});
