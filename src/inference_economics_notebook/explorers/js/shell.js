// What every explorer does alike: fields, presets, terms, history, copies and downloads. A view
// adds what is its own: `compute(state)` gives { numbers, refusal } or throws an InputError,
// `draw(state, results)` paints the rest, `sentence` says it in words, `table` gives its data.

const nothing = { numbers: {}, refusal: "" };

const read = (field, text, unit) => allowed(field, parseTyped(text, field, unit) * field.factor);

const allowed = (field, number) => {
  const value = within(field.name, number);
  if (field.whole && value % 1) throw new InputError(`${value} is not a whole number`);
  return value;
};

// In an address numbers stand in full, in the glossary's own unit.
const exact = (field, text) => {
  if (!/^[\d.e+-]+$/.test(text)) throw new InputError(`${quoted(text)} is not a number`);
  return allowed(field, Number(text));
};

// The text of a field's box: its value in the unit that the box has, which need not be the glossary's.
const shown = ({ unit, factor }, value) => (value === null ? "" : show(value / factor, unit, 4));

function createExplorer(spec, view) {
  const fields = new Map(spec.fields.map((field) => [field.name, field]));

  const presetState = (id) => ({
    preset: id,
    values: { ...spec.presets[id].values },
    off: new Set(spec.presets[id].off),
  });

  const stateOf = (model) => {
    const preset = model.get("preset");
    const values = {};
    for (const name of Object.keys(spec.presets[preset].values)) values[name] = model.get(name);
    return { preset, values, off: new Set(model.get("off")) };
  };

  // The state as it stands in an address: version, preset with its stamp, what differs from it.
  const encode = (state) => {
    const preset = spec.presets[state.preset];
    const changed = Object.entries(state.values)
      .filter(([name, value]) => value !== preset.values[name])
      .map(([name, value]) => `~${name}:${String(value).replace("+", "")}`); // a + would be read as a blank
    const terms = [...state.off].sort().join(".");
    const off = terms === [...preset.off].sort().join(".") ? "" : `~off:${terms}`;
    return `${spec.version}~${state.preset}.${preset.stamp}${changed.join("")}${off}`;
  };

  // The reverse, as far as it can be read; `notes` say what could not be.
  const decode = (text, fallback) => {
    const notes = [];
    const [version, start, ...parts] = text.split("~");
    const [id, stamp] = (start ?? "").split(".");
    if (!/^\d+$/.test(version) || Number(version) > spec.version)
      notes.push("This link is from a later version of the book, or damaged: some of it may be lost.");
    const known = Object.hasOwn(spec.presets, id);
    if (!known) notes.push(`It starts from ${quoted(id)}, which is not there.`);
    const state = known ? presetState(id) : fallback();
    if (known && stamp !== spec.presets[id].stamp)
      notes.push("The figures that it starts from have changed since it was made.");
    for (const part of parts) {
      const [given, value = ""] = part.split(/:(.*)/s);
      const name = renamed(given, Number(version));
      if (name === "off") {
        state.off = new Set(value.split(".").filter(Boolean));
        for (const term of state.off)
          if (!Object.hasOwn(spec.terms, term)) {
            state.off.delete(term);
            notes.push(`${quoted(term)} is not known here.`);
          }
      } else if (!Object.hasOwn(state.values, name)) notes.push(`${quoted(name)} is not known here.`);
      else
        try {
          state.values[name] = exact(fields.get(name), value);
        } catch (error) {
          notes.push(`${fields.get(name).label}: ${error.message}.`);
        }
    }
    return { state, notes };
  };

  const renamed = (name, version) => {
    for (let from = version; from < spec.version; from += 1) name = spec.renamed[from]?.[name] ?? name;
    return name;
  };

  // `addresses` are those of the site, where there is one: a notebook has none that others could open.
  const render = ({ model, el, addresses }) => {
    const onPage = el.matches(".explorer");
    if (!onPage) el.innerHTML = model.get("markup");
    const root = onPage ? el : el.querySelector(".explorer");
    if (!onPage) nameApart(root);
    const find = (selector) => root.querySelector(selector);
    const all = (selector) => [...root.querySelectorAll(selector)];
    const rows = new Map(
      all("[data-field]").map((row) => [
        row.dataset.field,
        { row, box: row.querySelector(".ex-box"), slider: row.querySelector(".ex-slider"),
          note: row.querySelector(".ex-note") },
      ]),
    );
    const numbers = all("[data-output]").map((place) => [place.dataset.output, place]);
    const lines = all("[data-worked]");
    const terms = all("[data-term]");
    const details = find(".ex-worked");
    const select = find("[data-preset]");
    const about = find("[data-about]");
    const told = find("[data-sentence]");
    const heard = find("[data-heard]");
    const painted = view.mount(root, {
      get: (name) => model.get(name), choose: (name, value) => change({ [name]: value }), commit,
    });
    const complaints = new Map();
    let results = nothing;
    let said;
    let changing = false;
    let waiting = false;

    const current = () => stateOf(model);

    function evaluate(state) {
      try {
        return view.compute(state);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        const { symbol, value, words, unit } = error;
        if (!spec.computed[symbol]) return { numbers: {}, refusal: error.message };
        const comes = Number.isFinite(value) ? `comes to ${show(value, unit)}` : "cannot be computed";
        return { numbers: {}, refusal: `With these inputs the ${spec.computed[symbol]} ${comes}; it must be ${words}.` };
      }
    }

    function paint() {
      const state = current();
      const preset = spec.presets[state.preset];
      results = evaluate(state);
      let changed = false;
      for (const [name, entry] of rows) {
        const { row, box, slider } = entry;
        const value = state.values[name];
        row.toggleAttribute("hidden", value === undefined);
        if (row.hidden) continue;
        if (complaints.has(name) && complaints.get(name) !== value) complain(name, "");
        const text = shown(fields.get(name), value);
        if (box.value !== text) box.value = text;
        changed = row.classList.toggle("ex-changed", value !== preset.values[name]) || changed;
        row.classList.toggle("ex-idle", [...state.off].some((term) => name in spec.terms[term].off));
        if (slider) {
          if (entry.at !== value) Object.assign(entry, { at: value, stop: nearest(fields.get(name).stops, value ?? 0) });
          if (slider.valueAsNumber !== entry.stop) slider.value = entry.stop;
          setChanged(slider, "aria-valuetext", text);
        }
      }
      for (const box of terms) box.checked = !state.off.has(box.dataset.term);
      if (select.value !== state.preset) select.value = state.preset;
      writeChanged(about, changed && preset.note ? `Before your changes: ${preset.note}` : preset.note);
      for (const [name, place] of numbers) {
        const value = results.numbers[name] ?? null;
        setChanged(place, "value", value ?? "");
        const { unit, digits, factor, missing } = spec.outputs[name];
        const none = results.refusal ? "–" : missing;
        writeChanged(place, value === null ? none : show(value / factor, unit, digits));
      }
      painted.draw(state, results);
      const sentence = results.refusal || painted.sentence(state, results);
      writeChanged(told, sentence);
      told.classList.toggle("ex-refused", Boolean(results.refusal));
      say(sentence);
      if (details?.open) work(state);
    }

    // What a line comes to; null where an input is not given, such as a rent that nobody states.
    function resultOf(name, value) {
      try {
        return value(name);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        return null;
      }
    }

    // Lines whose result is nothing, such as the time of a term that is switched off, are left out.
    function work(state) {
      const values = results.refusal ? {} : { ...spec.constants, ...view.effective(state) };
      const value = (name) => {
        if (name in view.between) values[name] ??= view.between[name](values);
        return values[name];
      };
      for (const line of lines) {
        line.toggleAttribute("hidden", Boolean(results.refusal) || !resultOf(line.dataset.worked, value));
        if (line.hidden) continue;
        for (const place of line.querySelectorAll("[data-value]")) {
          const name = place.dataset.value;
          const [unit, factor] = spec.units[name];
          writeChanged(place, show(value(name) / factor, unit, 4));
        }
      }
    }

    // What is too wide for its place scrolls, and so must be reached by keyboard too.
    function reachable() {
      for (const step of all(".worked-step")) step.tabIndex = step.scrollWidth > step.clientWidth ? 0 : -1;
    }

    function change(values, off, preset) {
      changing = true;
      if (preset !== undefined) model.set("preset", preset);
      if (off !== undefined) model.set("off", [...off]);
      for (const [name, value] of Object.entries(values)) model.set(name, value);
      changing = false;
      model.save_changes();
      paint();
    }

    function commit() {
      if (details?.open) reachable();
      root.dispatchEvent(new CustomEvent("explorer:commit", { bubbles: true }));
    }

    function start(id) {
      const { values, off } = presetState(id);
      for (const name of rows.keys()) complain(name, "");
      change(values, off, id);
      commit();
    }

    // What is said of a field holds as long as its value stays.
    function complain(name, text) {
      const { note, box } = rows.get(name);
      writeChanged(note, text);
      if (text) {
        box.setAttribute("aria-invalid", "true");
        complaints.set(name, model.get(name));
      } else {
        box.removeAttribute("aria-invalid");
        complaints.delete(name);
      }
    }

    function say(sentence) {
      clearTimeout(said);
      said = setTimeout(() => { heard.textContent = sentence; }, 600);
    }

    function typed(name) {
      const { box } = rows.get(name);
      const field = fields.get(name);
      const before = model.get(name);
      const standing = shown(field, before);
      if (box.value === standing) return; // rounded, as it was shown
      try {
        const value = read(field, box.value, standing.replace(/^[^a-zµ]*/i, ""));
        complain(name, "");
        change({ [name]: value });
        commit();
      } catch (error) {
        if (!(error instanceof InputError || error instanceof QuantityError)) throw error;
        const kept = before === null ? "still not given" : `still ${standing}`;
        // The label stands beside it, and the unit in the box.
        const reason = error.message.replace(`${name} = `, "").replace(/, in \S+$/, "");
        complain(name, `${reason}; ${kept}.`);
        paint();
        say(`${field.label}: ${reason}; ${kept}.`);
      }
    }

    root.addEventListener("input", ({ target }) => {
      const name = target.closest("[data-field]")?.dataset.field;
      if (!name || !target.matches(".ex-slider")) return;
      complain(name, "");
      const stop = fields.get(name).stops[target.valueAsNumber];
      change({ [name]: view.snap?.(name, stop, current()) ?? stop });
    });
    root.addEventListener("change", ({ target }) => {
      const name = target.closest("[data-field]")?.dataset.field;
      if (target.matches(".ex-box")) typed(name);
      else if (target.matches(".ex-slider")) commit();
      else if (target.matches("[data-preset]")) start(target.value);
      else if (target.matches("[data-term]")) {
        const off = new Set(model.get("off"));
        if (target.checked) off.delete(target.dataset.term);
        else off.add(target.dataset.term);
        change({}, off);
        commit();
      }
    });
    // Enter in a box takes its value; a browser would do nothing outside a form.
    root.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && event.target.matches(".ex-box")) typed(event.target.closest("[data-field]").dataset.field);
    });
    root.addEventListener("click", ({ target }) => actions[target.closest("[data-action]")?.dataset.action]?.(target));
    details?.addEventListener("toggle", () => { paint(); reachable(); });

    const address = () => addresses?.page(encode(current())) ?? "";
    // How high it is in a frame of a width: folded, as it begins there, and with the lines below it.
    const heightAt = (width) => {
      const copied = root.cloneNode(true);
      copied.style.cssText = `position: absolute; box-sizing: border-box; width: ${width}px; margin: 0`;
      for (const folded of copied.querySelectorAll("details")) folded.open = false;
      root.after(copied);
      const height = copied.offsetHeight + 64;
      copied.remove();
      return height;
    };
    // In a narrow window it needs more height: the style chooses, and no script.
    const frame = () => {
      const [wide, narrow] = [heightAt(640), heightAt(328)];
      const height = `clamp(${wide}px, (720px - 100vw) * 1000, ${narrow}px)`;
      return `<iframe src="${addresses.frame(encode(current()))}" title="${spec.title}" width="100%" height="${wide}" style="border: 0; height: ${height}" loading="lazy"></iframe>`;
    };
    for (const action of ["link", "embed"])
      find(`[data-action="${action}"]`).toggleAttribute("hidden", !addresses);

    const actions = {
      reset: () => start(model.get("preset")),
      fitted: () => { change(spec.presets[model.get("preset")].fitted); commit(); },
      link: (button) => copy(button, address()),
      embed: (button) => copy(button, frame()),
      comment: (button) => copy(button, comment()),
      csv: () => download(`${spec.id}.csv`, "text/csv", origin().map((line) => `# ${line}\n`).join("") + csv(painted.table())),
      svg: () => download(`${spec.id}.svg`, "image/svg+xml", standalone(find(".ex-chart svg"), origin())),
    };

    // Inputs as lines of text: all of them, or those that were changed and those that say most.
    function assumed({ preset, values, off }, every) {
      const before = spec.presets[preset].values;
      const given = Object.entries(values)
        .filter(([name, value]) => value !== null && (every || value !== before[name] || spec.named.includes(name)))
        .map(([name, value]) => `${fields.get(name).label}: ${shown(fields.get(name), value)}`);
      const terms = Object.entries(spec.terms).map(([id, { label }]) => `${label.toLowerCase()} ${off.has(id) ? "off" : "on"}`);
      return terms.length ? [...given, `Terms: ${terms.join(", ")}`] : given;
    }

    const outcome = () => results.refusal || painted.sentence(current(), results);
    const startLabel = () => spec.presets[current().preset].label;

    // What a file says of itself, wherever it goes.
    const origin = () => [
      `${spec.title}: ${outcome()}`, `From “${startLabel()}”`, ...assumed(current(), true), spec.book, address(),
    ].filter(Boolean);

    function comment() {
      const link = address();
      return [
        `**${spec.title}**: ${outcome()}`, "", `Assumptions (from “${startLabel()}”):`, "",
        ...assumed(current(), false).map((line) => `- ${line}`), "",
        (link && `[Change them](${link}) · `) + spec.book, "",
      ].join("\n");
    }

    async function copy(button, text) {
      const label = (button.dataset.label ??= button.textContent);
      button.textContent = (await toClipboard(text)) ? "Copied" : "Could not copy";
      setTimeout(() => { button.textContent = label; }, 1500);
    }

    for (const control of all("[disabled]")) control.disabled = false;
    // In JupyterLab arrows would move among cells.
    for (const control of all("input, select, button, summary")) control.dataset.lmSuppressShortcuts = "";
    root.dataset.live = "";
    // Another view, or Python, changes one value after the other: paint when all are there.
    const refresh = () => {
      if (changing || waiting) return;
      waiting = true;
      queueMicrotask(() => {
        waiting = false;
        paint();
      });
    };
    model.on("change", refresh);
    const chart = find(".ex-chart");
    const resized = new ResizeObserver(() => {
      sizes.set(chart, { width: chart.clientWidth, height: chart.clientHeight });
      painted.draw(current(), results);
      reachable();
    });
    sizes.set(chart, { width: chart.clientWidth, height: chart.clientHeight });
    resized.observe(chart);
    paint();
    return () => { resized.disconnect(); model.off("change", refresh); };
  };

  return { spec, render, encode, decode, presetState, stateOf };
}

let views = 0;

// The same widget may stand twice in a notebook: each view gets ids of its own.
function nameApart(root) {
  views += 1;
  for (const name of ["id", "for", "aria-describedby"])
    for (const element of [root, ...root.querySelectorAll(`[${name}]`)])
      if (element.hasAttribute(name)) element.setAttribute(name, `${element.getAttribute(name)}-${views}`);
}

function nearest(stops, value) {
  let best = 0;
  for (let k = 1; k < stops.length; k += 1)
    if (Math.abs(stops[k] - value) < Math.abs(stops[best] - value)) best = k;
  return best;
}

// Numbers without the noise of floats in their last digits.
const csvCell = (cell) => {
  if (cell && Number.isFinite(Number(cell))) return String(Number(Number(cell).toPrecision(12)));
  return /[",\n]/.test(cell ?? "") ? `"${cell.replaceAll('"', '""')}"` : (cell ?? "");
};
const csv = ({ columns, rows }) => [columns, ...rows].map((row) => row.map(csvCell).join(",")).join("\n") + "\n";

function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

// The clipboard's own interface is there only on secure pages; a file opened from disk is none.
async function toClipboard(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const focused = document.activeElement;
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    focused?.focus();
    return done;
  }
}

// A copy of the chart that carries the colors and type it has on the page, and says what it shows.
function standalone(svg, origin) {
  const copied = svg.cloneNode(true);
  const kept = ["fill", "fill-opacity", "stroke", "stroke-width", "stroke-dasharray", "opacity",
    "font-family", "font-size", "font-weight", "text-anchor", "paint-order", "stroke-linejoin"];
  const originals = [...svg.querySelectorAll("*")];
  [...copied.querySelectorAll("*")].forEach((element, k) => {
    const style = getComputedStyle(originals[k]);
    for (const property of kept) element.setAttribute(property, style.getPropertyValue(property));
    element.removeAttribute("class");
  });
  const paper = getComputedStyle(svg.closest(".explorer")).backgroundColor;
  copied.style.background = paper;
  copied.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const about = document.createElementNS("http://www.w3.org/2000/svg", "desc");
  about.textContent = origin.join("\n");
  copied.prepend(about);
  return new XMLSerializer().serializeToString(copied);
}
