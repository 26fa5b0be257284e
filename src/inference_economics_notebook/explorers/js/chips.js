// Chips for an audience: the faster it reads, the more of them.

const chips = (spec, formulas, between) => {
  const NAMES = ["tokens_per_second_per_chip", "audience_chips", "tokens_per_second_per_user"];

  const compute = ({ values }) => {
    const numbers = {};
    for (const name of NAMES) numbers[name] = formulas[name](values);
    const { audience_chips } = numbers;
    numbers.mask_cost_per_chip = formulas.mask_cost_per_chip({ ...values, audience_chips });
    numbers.reading_rate = formulas.reading_rate(values);
    return { numbers, refusal: "" };
  };

  const { stops } = spec.fields.find(({ name }) => name === "token_interval");
  const [SHORTEST, LONGEST] = [stops[0], stops.at(-1)];
  const POINTS = 81;

  const curve = ({ values }) => {
    const points = [];
    for (let k = 0; k < POINTS; k += 1) {
      const token_interval = SHORTEST * (LONGEST / SHORTEST) ** (k / (POINTS - 1));
      points.push([token_interval, formulas.audience_chips({ ...values, token_interval })]);
    }
    return points;
  };

  const mount = (root, { get, choose, commit }) => {
    const host = root.querySelector(".ex-chart");
    let points = [];
    let xAt;

    const sentence = ({ values }, { numbers }) =>
      `${show(values.active_users, "user")} get a token every ${show(values.token_interval, "second")} ` +
      `from ${show(numbers.audience_chips, "chip")}: ${show(numbers.reading_rate * 60, "dimensionless")} words a minute each.`;

    const draw = (state, results) => {
      const { values } = state;
      const { audience_chips: here } = results.numbers;
      points = results.refusal ? [] : curve(state);
      drawInto(host, results.refusal || sentence(state, results), (width, height) => {
        const frame = { left: 70, right: width - 24, top: 24, bottom: height - 40 };
        const x = (xAt = logScale(SHORTEST, LONGEST, frame.left, frame.right));
        const ends = [...points.map((p) => p[1]), ...spec.stated.map((s) => s[2])];
        const low = 10 ** Math.floor(Math.log10(Math.min(...ends) / 3));
        const high = 10 ** Math.ceil(Math.log10(Math.max(...ends) * 3));
        const y = logScale(low, high, frame.bottom, frame.top);
        const parts = [
          axes(frame, {
            x, xTicks: decades(SHORTEST, LONGEST, 5), xShow: (v) => show(v, "second"), xTitle: "from one token to the next",
            y, yTicks: decades(low, high, 6), yShow: (v) => show(v, "dimensionless"), title: "Chips",
          }),
          `<path d="${linePath(points, x, y)}" class="ex-line"/>`,
        ];
        spec.stated.forEach(([name, at, count], k) => {
          parts.push(`<circle cx="${round1(x(at))}" cy="${round1(y(count))}" r="5" class="ex-dot ex-said"/>`);
          // In lines that end below their dot, left of the curve; the second one's above it, so that
          // the first one's has room.
          const lines = name.split(", ");
          const from = k === 1 ? 5 - 14 * lines.length : 19;
          lines.forEach((line, i) => parts.push(svgText(x(at) + 6, y(count) + from + 14 * i, line, "ex-mark", "end")));
        });
        if (here) {
          const at = x(Math.min(LONGEST, Math.max(SHORTEST, values.token_interval)));
          parts.push(`<circle cx="${round1(at)}" cy="${round1(y(here))}" r="5.5" class="ex-point"/>`);
          parts.push(beside(at, y(here) - 9, show(here, "chip"), { ...frame, right: width }, "ex-value"));
        }
        return parts;
      });
    };

    draggable(host, {
      start: () => get("token_interval"),
      move: (pixel) => {
        const at = Math.min(LONGEST, Math.max(SHORTEST, xAt.invert(pixel)));
        choose("token_interval", Number(at.toPrecision(2)));
      },
      done: commit,
      undo: (interval) => choose("token_interval", interval),
    });

    const table = () => ({
      columns: ["seconds from one token to the next", "chips"],
      rows: points.map((row) => row.map(String)),
    });

    return { draw, sentence, table };
  };

  return { compute, effective: ({ values }) => values, between, mount };
};
