// What would flip it: a tornado about the reader's own figures, and where a conclusion turns.

const flip = (spec, formulas, between) => {
  // The line on which an input is looked for: its logarithm, or the logit of a share.
  const place = (name, value) => {
    const [low, high] = RANGES[name];
    if (value <= low) return -spec.edge;
    if (high === null) return Math.log(value - low);
    return value >= high ? spec.edge : Math.log(value - low) - Math.log(high - value);
  };
  const valueAt = (name, at) => {
    const [low, high] = RANGES[name];
    return high === null ? low + Math.exp(at) : low + (high - low) / (1 + Math.exp(-at));
  };

  const answerOf = ({ preset, values }) => {
    const { formula, factor } = spec.presets[preset];
    return (changed) => formulas[formula]({ ...values, ...changed }) * factor;
  };

  // The nearest place on one side of `start` where `excess` is zero, or null.
  const crossing = (excess, start, way) => {
    let [here, before, step] = [start, excess(start), way / 2];
    while (Math.abs(here - start) < spec.far && Math.abs(step) > 1e-6) {
      let after;
      try {
        after = excess(here + step);
      } catch (error) {
        if (!(error instanceof InputError)) throw error;
        step /= 2; // beyond what the equation allows: approach its border
        continue;
      }
      if (before * after <= 0) return bisected(excess, here, here + step, before);
      [here, before] = [here + step, after];
    }
    return null;
  };

  const bisected = (excess, from, to, before) => {
    let [left, right] = [from, to];
    for (let k = 0; k < 80; k += 1) {
      const middle = (left + right) / 2;
      if (middle === left || middle === right) break;
      const found = excess(middle);
      if (found === 0) return middle;
      if (before * found > 0) left = middle;
      else right = middle;
    }
    return right;
  };

  const turn = (state, name) => {
    const answer = answerOf(state);
    const { threshold } = spec.presets[state.preset];
    const excess = (at) => answer({ [name]: valueAt(name, at) }) / threshold - 1;
    const start = place(name, state.values[name]);
    const found = [-1, 1].map((way) => crossing(excess, start, way)).filter((at) => at !== null);
    if (!found.length) return null;
    return valueAt(name, found.reduce((a, b) => (Math.abs(b - start) < Math.abs(a - start) ? b : a)));
  };

  const compute = (state) => {
    const { bars, ends, holds, threshold } = spec.presets[state.preset];
    const answer = answerOf(state);
    const now = answer({});
    const numbers = { answer: now, holds: Number(holds === "at least" ? now >= threshold : now <= threshold) };
    for (const name of bars) {
      numbers[`low:${name}`] = answer({ [name]: ends[name][0] });
      numbers[`high:${name}`] = answer({ [name]: ends[name][1] });
    }
    for (const name of Object.keys(state.values)) numbers[`turn:${name}`] = turn(state, name);
    return { numbers, refusal: "" };
  };

  const mount = (root) => {
    const host = root.querySelector(".ex-chart");
    const verdict = root.querySelector("[data-verdict-word]");
    const turns = [...root.querySelectorAll("[data-turn]")];
    const labels = Object.fromEntries(spec.fields.map(({ name, label }) => [name, label]));
    const own = Object.fromEntries(spec.fields.map(({ name }) => [name, RANGES[name][4]]));
    let last;

    const sentence = ({ preset }, { numbers }) => {
      const { holds, unit, says, threshold } = spec.presets[preset];
      return (
        `“${says}” That takes ${holds} ${show(threshold, unit)}; these figures give ` +
        `${show(numbers.answer, unit)}, so the statement is ${numbers.holds ? "true" : "false"}.`
      );
    };

    const draw = (state, results) => {
      const { numbers } = results;
      last = { state, results };
      const { bars, ends, holds, threshold, unit } = spec.presets[state.preset];
      writeChanged(verdict, results.refusal ? "" : `${numbers.holds ? "True" : "False"} with these inputs.`);
      setChanged(verdict, "data-holds", numbers.holds ?? "");
      for (const row of turns) {
        const name = row.dataset.turn;
        row.toggleAttribute("hidden", Boolean(results.refusal) || !(name in state.values));
        const at = numbers[`turn:${name}`] ?? null;
        row.querySelector(".ex-turns-at").toggleAttribute("hidden", at === null);
        row.querySelector(".ex-never").toggleAttribute("hidden", at !== null);
        const [low, high] = ends[name] ?? [];
        row.querySelector(".ex-inside").toggleAttribute("hidden", at === null || at < low || at > high);
      }
      drawInto(host, results.refusal || sentence(state, results), (width, height) => {
        const narrow = width < 480;
        const frame = { left: narrow ? 16 : 246, right: width - 24, top: 26, bottom: height - 26 };
        const known = [threshold, numbers.answer, ...bars.flatMap((name) => [numbers[`low:${name}`], numbers[`high:${name}`]])].filter((value) => value > 0);
        const low = 10 ** Math.floor(Math.log10(Math.min(...known) * 0.99));
        const high = 10 ** Math.ceil(Math.log10(Math.max(...known) * 1.01));
        const x = logScale(low, high, frame.left, frame.right);
        const step = (frame.bottom - frame.top) / bars.length;
        const [from, to] = holds === "at least" ? [x(threshold), frame.right] : [frame.left, x(threshold)];
        const parts = [
          `<rect x="${round1(from)}" y="${frame.top}" width="${round1(to - from)}" height="${frame.bottom - frame.top}" class="ex-true"/>`,
          axes(frame, { x, xTicks: decades(low, high, narrow ? 3 : 6), xShow: (v) => show(v, unit, 2), yTicks: [] }),
        ];
        const words = [];
        bars.forEach((name, k) => {
          const y = frame.top + (k + (narrow ? 0.65 : 0.5)) * step;
          const [a, b] = [numbers[`low:${name}`], numbers[`high:${name}`]];
          words.push(narrow ? svgText(frame.left, y - 15, labels[name], "ex-mark") : svgText(frame.left - 8, y + 4, labels[name], "", "end"));
          if (!(a > 0) || !(b > 0)) return;
          parts.push(`<rect x="${round1(x(Math.min(a, b)))}" y="${round1(y - 9)}" width="${round1(Math.max(1.5, Math.abs(x(b) - x(a))))}" height="18" class="ex-bin"/>`);
        });
        if (numbers.answer > 0) {
          parts.push(svgLine(x(numbers.answer), frame.top - 4, x(numbers.answer), frame.bottom, "ex-here"));
          parts.push(beside(x(numbers.answer), frame.top - 10, `now ${show(numbers.answer, unit)}`, frame, "ex-value"));
        }
        parts.push(svgLine(x(threshold), frame.top, x(threshold), frame.bottom, "ex-threshold"));
        parts.push(beside(x(threshold), frame.bottom - 6, holds, frame, "ex-mark"));
        return [...parts, ...words];
      });
    };

    const table = () => {
      const { state, results } = last;
      const { bars, holds, threshold, unit } = spec.presets[state.preset];
      const { numbers } = results;
      return {
        columns: ["what", "unit", "now", "turns at", `answer at its low end, in ${unit}`, `answer at its high end, in ${unit}`],
        rows: [
          ["answer", unit, String(numbers.answer), `${holds} ${threshold}`, "", ""],
          ...Object.entries(state.values).map(([name, value]) => [
            labels[name], own[name], String(value), String(numbers[`turn:${name}`] ?? ""),
            ...["low", "high"].map((end) => (bars.includes(name) ? String(numbers[`${end}:${name}`]) : "")),
          ]),
        ],
      };
    };

    return { draw, sentence, table };
  };

  return { compute, effective: ({ values }) => values, between, mount };
};
