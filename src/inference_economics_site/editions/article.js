// In a page of the built site: its article as XHTML, still and whole, for a book to be assembled
// from. Ids get the page's name in front; links within the book name PAGE.xhtml#PAGE--ID.
async ({ page, pages, places, address, live }) => {
  const XLINK = "http://www.w3.org/1999/xlink";
  const XHTML = "http://www.w3.org/1999/xhtml";
  const MOST_COLUMNS = 8;
  const article = document.querySelector("article.bd-article");
  const all = (selector) => [...article.querySelectorAll(selector)];
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  const element = (name, kind, ...children) => {
    const made = document.createElement(name);
    made.className = kind;
    made.append(...children);
    return made;
  };
  const frozen = (source, properties) => {
    const style = getComputedStyle(source);
    return properties.map((name) => `${name}: ${style.getPropertyValue(name)}`).join("; ");
  };

  // ---- The explorers: drawn, in their first state, without what can be pressed ----
  const SHAPE = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray"];
  const TEXT = ["fill", "font-size", "font-weight", "paint-order", "stroke", "stroke-width"];

  for (const root of all("[data-explorer]")) {
    root.scrollIntoView();
    const chart = root.querySelector(".ex-chart");
    while (root.dataset.live === undefined || (chart && !chart.querySelector("svg"))) await frame();
    await frame();
    await frame();
    chart?.removeAttribute("style");
    for (const picture of root.querySelectorAll(".ex-chart svg")) {
      for (const part of picture.querySelectorAll("*")) {
        part.setAttribute("style", frozen(part, part.matches("text, tspan") ? TEXT : SHAPE));
      }
      const { width, height } = picture.getBoundingClientRect();
      picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
      for (const name of ["width", "height", "style"]) picture.removeAttribute(name);
    }
    for (const part of root.querySelectorAll(".ex-bar span"))
      part.setAttribute("style", `width: ${part.style.flexGrow * 100 || 0}%`);

    const chosen = root.querySelector("[data-preset]");
    chosen.closest("label").replaceWith(
      element("p", "ex-preset", root.querySelector(".ex-preset span").textContent.trim(), ": ",
        element("strong", "", chosen.selectedOptions[0].textContent)),
    );
    const given = [...root.querySelectorAll(".ex-fields .ex-field:not([hidden])")].map((field) =>
      element("div", "", element("dt", "", field.querySelector("label").textContent),
        element("dd", "", field.querySelector(".ex-box").value)));
    root.querySelector(".ex-fields").replaceWith(element("dl", "ex-inputs", ...given));
    const terms = root.querySelector(".ex-terms");
    if (terms) {
      const counted = [...terms.querySelectorAll("label")]
        .filter((label) => label.querySelector("input").checked)
        .map((label) => label.textContent.trim().toLowerCase());
      terms.replaceWith(element("p", "ex-counted", `Also counted: ${counted.join(", ") || "nothing"}.`));
    }
    const say = element("p", "ex-live", live);
    if (address) {
      const link = element("a", "", `${address}${page}.html`);
      link.href = `${address}${page}.html#${root.id}`;
      say.append(" ", link);
    }
    for (const more of root.querySelectorAll("details, .ex-actions, .ex-heard, .ex-link")) more.remove();
    root.append(say);
    root.removeAttribute("data-state");
  }

  // ---- Questions: asked where they stand, answered at the end of the chapter ----
  const asked = all("[data-question]");
  if (asked.length) {
    const answers = element("section", "answers", element("h2", "", "Answers"));
    answers.id = "answers";
    for (const root of asked) {
      for (const text of root.querySelectorAll(".q-row, .q-said, legend, .q-options input")) text.remove();
      for (const form of root.querySelectorAll("form")) form.replaceWith(...form.querySelectorAll(".q-options"));
      const answer = root.querySelector(".q-answer");
      const title = element("a", "", ...[".q-number", ".q-name"].map((part) => root.querySelector(part).textContent).join(": "));
      title.href = `#${root.id}`;
      const worked = element("section", "question", element("p", "q-title", title), ...answer.childNodes);
      worked.id = `answer-${root.dataset.question}`;
      worked.querySelector("summary").remove();
      const way = element("a", "", "Answer");
      way.href = `#${worked.id}`;
      answer.replaceWith(element("p", "q-way", way));
      answers.append(worked);
    }
    asked.at(-1).closest("section:not(.question)").after(answers);
  }

  // ---- What belongs to a screen ----
  for (const button of all("th button")) button.replaceWith(...button.childNodes);
  for (const left of all("button, form, script, style, template, .headerlink, .ledger-filter, details:is(.hide, .signs), figure > :is(.about, .save), .page-foot, [hidden]"))
    left.remove();
  for (const folded of all("details")) folded.open = true;
  // The theme makes what scrolls reachable by key, and does so sooner or later.
  for (const reached of all("[tabindex]")) reached.removeAttribute("tabindex");

  // ---- Two computations of one figure, which paper sets side by side ----
  for (const arithmetic of all(".claim-arithmetic")) {
    const bases = [...arithmetic.querySelectorAll(":scope > div:has(> .claim-basis)")];
    if (bases.length < 2) continue;
    const row = element("div", "bases");
    bases[0].before(row);
    row.append(...bases);
  }

  // ---- Tables wider than a page: each row becomes a list of what it says ----
  for (const table of all("table")) {
    const names = [...(table.tHead?.rows[0].cells ?? [])].map((cell) => cell.textContent.trim());
    if (names.length <= MOST_COLUMNS) continue;
    const records = [...table.tBodies[0].rows].map((row) => {
      const [name, ...cells] = row.cells;
      const said = cells.flatMap((cell, k) => cell.textContent.trim()
        ? [element("div", "", element("dt", "", names[k + 1]), element("dd", "", ...cell.childNodes))]
        : []);
      const record = element("div", "record",
        element("p", "record-name", ...name.childNodes), element("dl", "", ...said));
      if (row.id) record.id = row.id;
      return record;
    });
    table.replaceWith(element("div", "records", ...records));
  }

  // ---- Colors as they are in light, since not every reader knows variables ----
  const root = getComputedStyle(document.documentElement);
  const colored = /var\((--[\w-]+)(?:,\s*([^()]*))?\)/g;
  for (const part of all("svg, svg *"))
    for (const { name, value } of [...part.attributes])
      if (value.includes("var("))
        part.setAttribute(name, value.replace(colored, (_, variable, other) =>
          root.getPropertyValue(variable).trim() || other));

  // ---- Ids and links ----
  const own = (id) => `${page}--${id}`;
  const site = new URL(".", location.href).href;
  for (const link of all("a[href]")) {
    let to = new URL(link.getAttribute("href"), location.href);
    if (!to.href.startsWith(site)) continue;
    // What has a page of its own on the site stands in a chapter too.
    const place = places[to.href.slice(site.length)];
    if (place) to = new URL(place, site);
    const name = to.pathname.slice(new URL(site).pathname.length).replace(/\.html$/, "");
    if (!pages.includes(name)) {
      if (address) link.href = `${address}${to.href.slice(site.length)}`;
      else link.replaceWith(...link.childNodes);
    } else link.setAttribute("href", `${name}.xhtml${to.hash && `#${name}--${to.hash.slice(1)}`}`);
  }
  const taken = new Set();
  for (const part of all("*")) {
    for (const { name, value } of [...part.attributes]) {
      // A link leads to the first of a name, and XHTML has no second.
      if (name === "id" && taken.has(value)) part.removeAttribute(name);
      else if (name === "id") { taken.add(value); part.id = own(value); }
      else if (name === "xlink:href" && value.startsWith("#")) part.setAttributeNS(XLINK, name, `#${own(value.slice(1))}`);
      else if (name === "href" && value.startsWith("#")) part.setAttribute(name, `#${own(value.slice(1))}`);
      else if (/^aria-(labelledby|describedby)$|^(headers|for)$/.test(name))
        part.setAttribute(name, value.split(/\s+/).map(own).join(" "));
      else if (value.includes("url(#"))
        part.setAttribute(name, value.replace(/url\("?#([^)"]+)"?\)/g, (_, id) => `url(#${own(id)})`));
    }
  }
  article.id = page;

  const heading = article.querySelector("h1");
  const number = heading.querySelector(".section-number")?.textContent.trim() ?? "";
  const headings = all("h2").map((each) => [each.closest("section[id]").id, each.textContent.trim()]);
  return {
    page,
    number: number.replace(/\.$/, ""),
    title: heading.textContent.trim().slice(number.length).trim(),
    sections: headings,
    xhtml: new XMLSerializer().serializeToString(article).replaceAll(` xmlns="${XHTML}"`, ""),
  };
}
