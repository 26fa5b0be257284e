// Sharing the weights: the step's time by its causes, and what more users make of it.

const POINTS = 61;
const MOST = 1e5;
const written = (number) => quantityGrouped(String(Number(number.toPrecision(6))));

// A sentence of the package, its blanks filled in.
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (_, name) => values[name]);

const sharing = (spec, formulas, between) => {
  const effective = ({ values, off }) => {
    const found = {};
    for (const [name, value] of Object.entries(values)) if (value !== null) found[name] = value;
    for (const term of off) Object.assign(found, spec.terms[term].off);
    for (const [name, value] of Object.entries(values)) {
      if (value !== null || name === "chip_rent") continue;
      const end = (side) => (typeof side === "string" ? (found[side] ?? 1) : side);
      if (spec.neededIf[name].every(([left, right]) => end(left) > end(right))) {
        const { label } = spec.fields.find((field) => field.name === name);
        throw new InputError(filled(spec.unknown, { label }));
      }
      found[name] = 1;
    }
    const each = spec.split.parts.reduce((product, name) => product * found[name], 1);
    if (found[spec.split.whole] % each) throw new InputError(filled(spec.split.sentence, found));
    for (const [name, [most, sentence]] of Object.entries(spec.atMost)) {
      if (found[name] > found[most]) throw new InputError(filled(sentence, found));
    }
    return found;
  };

  const fits = (found) => formulas.memory_filled(found) <= found.usable_share * (1 + spec.noise);

  // The most users that fit: none if the weights do not, or null if a user takes no room.
  const weightsFit = (found) => fits({ ...found, context: 0 });
  const mostUsers = (found) => {
    if (!weightsFit(found)) return 0;
    return found.context === 0 ? null : formulas.largest_batch({ ...found, room: formulas.room(found) });
  };

  // Of two parts that overlap the longer counts whole, and hides some of the shorter.
  const breakdown = (found) => {
    const times = Object.fromEntries(spec.times.map((name) => [name, formulas[name](found)]));
    const hidden = {};
    for (const [one, other, overlapped] of spec.overlaps) {
      const shorter = times[other] > times[one] ? one : other;
      hidden[shorter] = formulas[overlapped](found);
      times[shorter] -= hidden[shorter];
    }
    return { times, hidden };
  };

  const compute = (state) => {
    const found = effective(state);
    const most = mostUsers(found);
    const [held, usable] = [formulas.weights_held(found), formulas.memory_usable(found)];
    const always = {
      memory_usable: usable,
      critical_users: formulas.critical_users(found),
      largest_batch: most,
      memory_needed: weightsFit(found) ? formulas.memory_needed(found) : held,
    };
    if (!fits(found)) {
      const refusal = filled(weightsFit(found) ? spec.memory.users : spec.memory.weights, {
        name: "It",
        users: written(found.concurrent_users),
        context: written(found.context),
        most: written(most),
        held: show(held, "byte"),
        usable: show(usable, "byte"),
      });
      return { numbers: always, refusal };
    }
    const { times, hidden } = breakdown(found);
    const parts = {};
    for (const [name, causes] of Object.entries(spec.parts)) {
      const sum = (of) => causes.reduce((total, cause) => total + (of[cause] ?? 0), 0);
      parts[`part:${name}`] = sum(times);
      if (`hidden:${name}` in spec.outputs) parts[`hidden:${name}`] = sum(hidden);
    }
    const numbers = { ...always, ...parts };
    for (const name of ["step_time", "user_speed", "throughput", "flops_utilization", "bandwidth_utilization"])
      numbers[name] = formulas[name](found);
    numbers.cost_per_token = found.chip_rent === undefined ? null : formulas.cost_per_token(found);
    return { numbers, refusal: "" };
  };

  // Utilization and speeds over the number of users, as far as their caches fit.
  const curve = (state) => {
    const found = effective(state);
    const most = mostUsers(found);
    const points = [];
    const at = { ...found };
    for (let k = 0; k < POINTS; k += 1) {
      const concurrent_users = MOST ** (k / (POINTS - 1));
      at.concurrent_users = concurrent_users;
      if (!fits(at)) points.push([concurrent_users, null, null, null]);
      else {
        const speed = formulas.user_speed(at);
        points.push([concurrent_users, formulas.flops_utilization(at), speed, concurrent_users * speed]);
      }
    }
    return { points, most };
  };

  const safely = (state) => {
    try {
      return curve(state);
    } catch (error) {
      if (error instanceof InputError) return { points: [], most: null };
      throw error;
    }
  };

  const snap = (name, value, { values }) => {
    if (name !== "chips") return value;
    const each = values.stages * values.replicas;
    const copies = Math.round(value / each);
    const further = copies * each === values.chips ? Math.sign(value - values.chips) : 0;
    return Math.max(1, copies + further) * each;
  };

  const expectation = (state, { refusal }) => {
    const { fitted, experts, values } = spec.presets[state.preset];
    if (refusal) return "";
    if (Object.keys(spec.terms).every((term) => state.off.has(term))) return spec.cautions.roofline;
    const are = (wanted) => Object.keys(fitted).every((name) => state.values[name] === wanted[name]);
    if (are(values)) return spec.cautions.untuned;
    if (!are(fitted) || state.off.size) return spec.cautions.own;
    return experts ? spec.cautions.experts : spec.cautions.fitted;
  };

  const mount = (root, { get, choose, commit }) => {
    const host = root.querySelector(".ex-chart");
    const bar = root.querySelector(".ex-bar");
    const list = root.querySelector(".ex-parts");
    const caution = root.querySelector("[data-caution]");
    const fill = root.querySelector(".ex-fill");
    const references = new Map();
    let current;
    let worked = null;
    let xAt;

    // Many times as much work as the numbers: done where the chart is drawn or its data are taken.
    const drawn = () => (worked ??= safely(current));

    const reference = (preset) => {
      if (!references.has(preset)) {
        const { values, off } = spec.presets[preset];
        references.set(preset, safely({ preset, values, off: new Set(off) }));
      }
      return references.get(preset);
    };

    const sentence = ({ values }, { numbers }) => {
      const users = show(values.concurrent_users, "user");
      return (
        `${users} at once: a step takes ${show(numbers.step_time, "second")}, each gets ` +
        `${show(numbers.user_speed, "token/second")}, and ${show(numbers.flops_utilization, "fraction")} ` +
        "of the arithmetic is used."
      );
    };

    const draw = (state, results) => {
      const { numbers } = results;
      for (const name of Object.keys(spec.parts)) {
        const time = numbers[`part:${name}`] ?? 0;
        bar.querySelector(`[data-part="${name}"]`).style.flexGrow = time / (numbers.step_time || 1);
        const hidden = numbers[`hidden:${name}`] ?? 0;
        const item = list.querySelector(`[data-part="${name}"]`);
        item.toggleAttribute("hidden", !time && !hidden);
        item.querySelector(".ex-hidden")?.toggleAttribute("hidden", !hidden);
        item.querySelector(".ex-time").toggleAttribute("hidden", !time);
      }
      const share = (numbers.memory_needed ?? 0) / (numbers.memory_usable || 1);
      fill.style.setProperty("--filled", Math.min(1, share));
      fill.classList.toggle("ex-over", share > 1);
      writeChanged(caution, expectation(state, results));
      current = state;
      worked = null;
      drawInto(host, results.refusal || sentence(state, results), (width, height) =>
        chart(state, results, width, height));
    };

    const chart = ({ preset, values }, { numbers }, width, height) => {
      const { points, most } = drawn();
      const before = reference(preset).points;
      const left = 52;
      const right = width - 24;
      const middle = Math.round(height / 2);
      const upper = { left, right, top: 22, bottom: middle - 14 };
      const lower = { left, right, top: middle + 22, bottom: height - 38 };
      const x = (xAt = logScale(1, MOST, left, right));
      const used = logScale(1e-4, 1, upper.bottom, upper.top);
      const speeds = [...points, ...before].flatMap((p) => [p[2], p[3]]).filter(Boolean);
      const low = 10 ** Math.floor(Math.log10(Math.max(Math.min(...speeds, 1), 0.01)));
      const high = 10 ** Math.ceil(Math.log10(Math.max(...speeds, 100)));
      const speed = logScale(low, high, lower.bottom, lower.top);
      const xTicks = decades(1, MOST, width < 420 ? 3 : 6);
      const users = values.concurrent_users;
      const critical = numbers.critical_users;
      const parts = [
        axes(upper, { x, xTicks, y: used, yTicks: [1e-4, 1e-3, 1e-2, 0.1, 1], yShow: (v) => show(v, "fraction"), title: "Share of the arithmetic that is used" }),
        axes(lower, { x, xTicks, xShow: (v) => show(v, "dimensionless"), y: speed, yTicks: decades(low, high, 5), yShow: (v) => show(v, "dimensionless", 1), title: "Tokens per second", xTitle: "users at once" }),
      ];
      let moved = false;
      for (const [frame, y, column, kind] of [
        [upper, used, 1, "ex-line"], [lower, speed, 2, "ex-line"], [lower, speed, 3, "ex-line ex-second"],
      ]) {
        const clipped = (line) => line.map((p) => [p[0], p[column] === null || y(p[column]) > frame.bottom + 0.5 ? null : p[column]]);
        const [was, now] = [before, points].map((line) => linePath(clipped(line), x, y));
        parts.push(`<path d="${was}" class="ex-reference"/><path d="${now}" class="${kind}"/>`);
        moved ||= was !== now;
      }
      const full = most !== null && most < MOST && x(Math.max(1, most));
      parts.push(
        full === false
          ? ""
          : `<rect x="${round1(full)}" y="${upper.top}" width="${round1(right - full)}" height="${lower.bottom - upper.top}" class="ex-full"/>` +
              beside(full, lower.bottom - 7, "memory is full", upper, "ex-mark"),
      );
      parts.push(
        critical && critical <= MOST && critical >= 1
          ? svgLine(x(critical), upper.top, x(critical), lower.bottom, "ex-critical") +
              beside(x(critical), upper.bottom - 8, `critical: ${show(critical, "dimensionless")}`, upper, "ex-mark")
          : "",
      );
      parts.push(svgLine(x(users), upper.top, x(users), lower.bottom, "ex-here"));
      if (moved) parts.push(svgText(left, height - 6, "dotted: before your changes", "ex-mark"));
      const point = (y, value, text, frame, before) => {
        if (!value || y(value) > frame.bottom) return "";
        const high = y(value) < frame.top + 20; // above it stands the panel's title
        const label = beside(x(users), y(value) + (high ? 17 : -8), text, frame, "ex-value", before && !high);
        return `<circle cx="${round1(x(users))}" cy="${round1(y(value))}" r="5" class="ex-point"/>${label}`;
      };
      parts.push(point(used, numbers.flops_utilization, show(numbers.flops_utilization ?? 0, "fraction"), upper, true));
      parts.push(point(speed, numbers.user_speed, `each ${show(numbers.user_speed ?? 0, "dimensionless")}`, lower, false));
      parts.push(users > 1.5 ? point(speed, numbers.throughput, `all ${show(numbers.throughput ?? 0, "dimensionless")}`, lower, true) : "");
      return parts;
    };

    // The reader's point can be dragged; the slider does the same from the keyboard.
    draggable(host, {
      start: () => get("concurrent_users"),
      move: (pixel) => {
        const at = Number(xAt.invert(pixel).toPrecision(2));
        choose("concurrent_users", Math.round(Math.min(MOST, Math.max(1, at))));
      },
      done: commit,
      undo: (users) => choose("concurrent_users", users),
    });

    const table = () => ({
      columns: ["users at once", "share of the arithmetic used", "tokens per second of each", "tokens per second of all"],
      rows: drawn().points.map((row) => row.map((cell) => (cell === null ? "" : String(cell)))),
    });

    return { draw, sentence, table };
  };

  return { compute, effective, between, mount, snap };
};
