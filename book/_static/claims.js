// A claim's number anywhere in the text shows the claim's card when it is pointed at, focused or
// tapped. The cards come from one file, asked for when the first is wanted; without it, and
// without this script, the number is a link to the claim's page.
(() => {
  const ROOT = document.documentElement.dataset.content_root ?? "";
  const ADDRESS = /(?:^|\/)claims\/([a-z0-9-]+)\.html$/;
  const LINKS = '.bd-article a[href*="claims/"], .bd-article .claim-page a[href$=".html"]';

  let cards;

  // Not `fetch`: a page that was opened from a folder may load a script, and nothing else.
  window.loadClaims = () => {
    cards ??= new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: `${ROOT}claims/cards.js` });
      window.bookClaims = (found) => { script.onload = null; resolve(found); };
      // A host may answer with some page in its place, which loads and gives none.
      script.onload = script.onerror = () => { cards = undefined; reject(new Error("the claims' cards do not load")); };
      document.head.append(script);
    });
    return cards;
  };

  const element = (name, attributes, ...children) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    made.append(...children);
    return made;
  };
  window.bookElement = element;

  const idOf = (link) => ADDRESS.exec(new URL(link.href).pathname)?.[1];
  const linkOf = (target) => {
    const link = target instanceof Element && target.closest(LINKS);
    return link && idOf(link) && !link.closest("h1, .claim-neighbors, table.ledger") ? link : null;
  };

  const box = element("div", { class: "claim-card", id: "claim-card" });
  box.hidden = true;
  let shown, leaving, wanted, opened;

  // A sheet on a phone has a way out and a way on; a card beside the number, which is a link
  // itself, only describes it.
  const fill = (id, { says, who, figures, verdict, css, more, worked }, href, sheet) => {
    const rows = figures.map(([name, value]) =>
      element("div", {}, element("dt", {}, name), element("dd", {}, value)));
    const way = element("button", { type: "button", class: "claim-card-close", "aria-label": "Close" }, "×");
    way.addEventListener("click", close);
    box.dataset.verdict = css;
    box.setAttribute("role", sheet ? "dialog" : "tooltip");
    box.setAttribute("aria-label", `Claim ${id}`);
    box.replaceChildren(
      ...(sheet ? [way] : []),
      element("p", { class: "claim-card-says" }, says),
      element("dl", { class: "claim-figures" }, ...rows),
      element("p", { class: "claim-card-verdict" },
        element("span", { class: "verdict", "data-verdict": css }, verdict), " ", more),
      ...worked.map((line) => element("p", { class: "claim-card-worked" }, line)),
      element("p", { class: "claim-card-foot" }, ...(sheet ? [element("a", { href }, "See the arithmetic"), element("br", {})] : []), `${id} · ${who}`),
    );
  };

  // Below the number, or above it where there is more room; on a phone at the window's foot.
  const isNarrow = () => document.documentElement.clientWidth < 640;
  const place = (link) => {
    const at = link.getBoundingClientRect();
    const { clientWidth: width, clientHeight: height } = document.documentElement;
    const narrow = isNarrow();
    box.classList.toggle("claim-card-sheet", narrow);
    // The number that was tapped stays in sight above the sheet.
    if (narrow) scrollBy(0, Math.max(0, at.bottom + 12 - (height - box.offsetHeight)));
    const below = narrow || height - at.bottom > Math.min(box.offsetHeight + 16, at.top);
    box.style.left = narrow ? "" : `${Math.max(8, Math.min(at.left - 16, width - box.offsetWidth - 8))}px`;
    box.style.top = narrow ? "" : `${below ? at.bottom + 6 : at.top - box.offsetHeight - 6}px`;
  };

  const close = () => {
    clearTimeout(leaving);
    wanted = undefined;
    shown?.removeAttribute("aria-describedby");
    shown = undefined;
    box.hidden = true;
  };

  const open = async (link) => {
    clearTimeout(leaving);
    if (link === shown) return;
    wanted = link;
    const card = (await window.loadClaims().catch(() => ({})))[idOf(link)];
    if (wanted !== link || !card) return Boolean(card);  // the reader has moved on
    close();
    fill(idOf(link), card, link.href, isNarrow());
    if (!box.isConnected) document.body.append(box);
    box.hidden = false;
    place(link);
    shown = link;
    opened = performance.now();
    link.setAttribute("aria-describedby", box.id);
    return true;
  };

  const leave = () => {
    wanted = undefined;
    clearTimeout(leaving);
    leaving = setTimeout(close, 250);  // long enough to reach the card itself
  };

  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "touch") return;
    const link = linkOf(event.target);
    if (link) open(link);
    else if (box.contains(event.target)) clearTimeout(leaving);
    else if (shown || wanted) leave();
  });
  document.addEventListener("focusin", (event) => {
    const link = linkOf(event.target);
    if (link && link.matches(":focus-visible")) open(link);
    else if (shown && !box.contains(event.target)) leave();
  });
  // A scroll that the card itself has asked for does not close it.
  window.addEventListener("scroll", () => {
    if (shown && performance.now() - opened > 400 && !box.matches(":hover")) close();
  }, { passive: true });

  // The first tap shows the card, which has the link; a second tap follows it.
  let touched = false;
  document.addEventListener("pointerdown", (event) => {
    touched = event.pointerType === "touch";
    if (touched && shown && !box.contains(event.target) && !linkOf(event.target)) close();
  });
  document.addEventListener("keydown", (event) => {
    touched = false;
    if (event.key === "Escape") close();
  });
  document.addEventListener("click", async (event) => {
    const link = touched && linkOf(event.target);
    if (!link || link === shown || box.contains(event.target)) return;
    event.preventDefault();
    if (!await open(link)) location.href = link.href;
  });

  // What a claim is looked up by: its words as they stand, and its numbers however written.
  const SIZES = { k: 1e3, m: 1e6, b: 1e9, g: 1e9, t: 1e12, p: 1e15, e: 1e18,
    thousand: 1e3, million: 1e6, billion: 1e9, trillion: 1e12,
    kilo: 1e3, mega: 1e6, giga: 1e9, tera: 1e12, peta: 1e15, exa: 1e18 };
  const NUMBER = /^(\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?)\s*(thousand|million|billion|trillion|kilo|mega|giga|tera|peta|exa|[kmbgtpe])?(b|bytes?|flops?|flop\/s|w|watts?|s|users?|tokens?|chips?|parameters?|bits?)?(?:\/s)?$/;
  const SMALL = { "%": 0.01, ms: 1e-3, min: 60, minutes: 60, years: 31557600 };

  const numberOf = (text) => {
    const [, small, unit] = /^([\d.]+)\s*(%|ms|min|minutes|years)$/.exec(text) ?? [];
    if (unit) return Number(small) * SMALL[unit];
    const [, digits, size] = NUMBER.exec(text) ?? [];
    return digits ? Number(digits.replaceAll(",", "")) * (SIZES[size] ?? 1) : undefined;
  };

  const plain = (text) => text.toLowerCase().replace(/(\d),(?=\d)/g, "$1").replace(/(\d)\s+(?=[a-z%])/g, "$1");

  // Claims that have the number asked for come first, then those that have all the words.
  window.findClaims = (query, claims) => {
    const asked = query.trim().toLowerCase();
    if (!asked) return [];
    const number = numberOf(asked);
    const words = plain(asked).split(/\s+/);
    const byNumber = [], byWords = [];
    for (const [id, claim] of Object.entries(claims)) {
      // Asked for a number, one does not want all that a note or a place mentions.
      const more = number === undefined ? [claim.who, claim.note, claim.verdict] : [];
      const text = plain([id, claim.says, ...claim.figures.flat(), ...more].join(" "));
      const near = (each) => Math.abs(each / number - 1) < 0.005;
      if (number !== undefined && claim.numbers.some(near)) byNumber.push(id);
      else if (words.every((word) => text.includes(word))) byWords.push(id);
    }
    return [...byNumber, ...byWords];
  };
})();
