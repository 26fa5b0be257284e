// A brain in bytes: the points of a lattice, drawn through the equation, as a distribution.

const brain = (spec, formulas, between) => {
  // Where a normal variable lies at each chance; the other half mirrors the first.
  const deviates = [...spec.deviates, 0, ...spec.deviates.map((deviate) => -deviate).reverse()];
  const [POINTS, STEP] = spec.lattice;
  const LEAST = 1e9;
  const MOST = 1e18;
  const BINS = 90;

  const quantile = (central, below, above, deviate) => central * (deviate < 0 ? below : above) ** deviate;

  // The value below which a share of sorted ones lies, between neighbors in proportion.
  const sortedQuantile = (sorted, share) => {
    const at = share * (sorted.length - 1);
    const floor = Math.floor(at);
    const next = sorted[Math.min(floor + 1, sorted.length - 1)];
    return sorted[floor] + (at - floor) * (next - sorted[floor]);
  };

  const bytes = ({ values, off }, synapses, bits_per_synapse) =>
    off.has("wiring")
      ? formulas.strengths({ synapses, bits_per_synapse })
      : formulas.wired({ synapses, bits_per_synapse, neurons: values.neurons });

  const draws = (state) => {
    const { values } = state;
    const found = new Float64Array(POINTS);
    for (let k = 0; k < POINTS; k += 1) {
      const synapses = quantile(values.synapses, values.synapses_below, values.synapses_above, deviates[k]);
      const bits = quantile(values.bits_per_synapse, values.bits_below, values.bits_above, deviates[(k * STEP) % POINTS]);
      found[k] = bytes(state, synapses, bits);
    }
    return found.sort();
  };

  const compute = (state) => {
    const { values } = state;
    const drawn = draws(state);
    const numbers = {
      central: bytes(state, values.synapses, values.bits_per_synapse),
      low: sortedQuantile(drawn, spec.low),
      median: sortedQuantile(drawn, 0.5),
      high: sortedQuantile(drawn, spec.high),
    };
    for (const [name, capacity] of Object.entries(spec.marks)) {
      numbers[`bits:${name}`] = formulas.implied({ capacity, synapses: values.synapses });
      const least = capacity * spec.as_large;
      numbers[`chance:${name}`] = drawn.reduce((count, one) => count + (one >= least), 0) / POINTS;
    }
    return { numbers, refusal: "", drawn };
  };

  const mount = (root) => {
    const host = root.querySelector(".ex-chart");
    let bins = [];

    const sentence = (state, { numbers }) =>
      numbers.low === numbers.high
        ? `A brain’s synapses hold ${show(numbers.central, "byte")}, on these figures.`
        : `Nine in ten draws lie from ${show(numbers.low, "byte", 2)} to ${show(numbers.high, "byte", 2)}; ` +
          `half lie at or above ${show(numbers.median, "byte", 2)}.`;

    const draw = (state, results) => {
      const { numbers } = results;
      bins = Array.from({ length: BINS }, (_, k) => [LEAST * (MOST / LEAST) ** (k / BINS), 0]);
      for (const one of results.drawn ?? []) {
        const k = Math.floor((BINS * Math.log(one / LEAST)) / Math.log(MOST / LEAST));
        if (k >= 0 && k < BINS) bins[k][1] += 1 / POINTS;
      }
      drawInto(host, results.refusal || sentence(state, results), (width, height) => {
        const frame = { left: 12, right: width - 24, top: 88, bottom: height - 24 };
        const x = logScale(LEAST, MOST, frame.left, frame.right);
        const tallest = Math.max(...bins.map((bin) => bin[1]), 0.02);
        const bar = (frame.right - frame.left) / BINS;
        const parts = [axes(frame, { x, xTicks: decades(LEAST, MOST, width < 480 ? 4 : 10), xShow: (v) => show(v, "byte"), yTicks: [] })];
        const [from, to] = numbers.low < numbers.high ? [x(numbers.low), x(numbers.high)] : [0, 0];
        parts.push(`<rect x="${round1(from)}" y="${frame.top}" width="${round1(to - from)}" height="${frame.bottom - frame.top}" class="ex-full"/>`);
        let path = "";
        for (const [at, share] of bins) {
          const tall = round1(((frame.bottom - frame.top) * share) / tallest);
          if (tall > 0) path += `M${round1(x(at))} ${frame.bottom}v${-tall}h${round1(bar - 0.6)}v${tall}z`;
        }
        parts.push(`<path d="${path}" class="ex-bin"/>`);
        const level = (k) => 14 + 20 * k;
        const marks = Object.entries(spec.marks);
        marks.forEach(([, capacity], k) => parts.push(svgLine(x(capacity), level(k) + 5, x(capacity), frame.bottom, "ex-critical")));
        parts.push(numbers.central ? svgLine(x(numbers.central), frame.top, x(numbers.central), frame.bottom, "ex-here") : "");
        const called = (name) => (width < 480 ? name.split(",")[0] : name); // the table has the rest
        marks.forEach(([name, capacity], k) => parts.push(beside(x(capacity), level(k), called(name), frame, "ex-mark")));
        return parts;
      });
    };

    const table = () => ({ columns: ["bytes, from", "share of the points"], rows: bins.map((bin) => bin.map(String)) });

    return { draw, sentence, table };
  };

  return { compute, effective: ({ values }) => values, between, mount };
};
