// How many users: each circumstance asks for more of them.

const users = (spec, formulas, between) => {
  const compute = ({ values }) => {
    const steady = formulas.steady(values);
    const numbers = { present: formulas.present(values), generating: formulas.generating(values), steady };
    for (const [name, audience] of Object.entries(spec.audiences))
      numbers[`share:${name}`] = formulas.audience_share({ user_base: steady, audience });
    return { numbers, refusal: "" };
  };

  const rowsOf = ({ values }, { numbers }) => [
    ["served at once", values.concurrent_users, "ex-own"],
    ["always served", numbers.present, "ex-own"],
    ["reading and typing, too", numbers.generating, "ex-own"],
    ["in the quiet hours, too", numbers.steady, "ex-own ex-final"],
    ...Object.entries(spec.marks).map(([name, value]) => [name, value, "ex-said"]),
    ...Object.entries(spec.audiences).map(([name, value]) => [name, value, "ex-known"]),
  ];

  const mount = (root) => {
    const host = root.querySelector(".ex-chart");
    let rows = [];

    const sentence = ({ values }, { numbers }) =>
      `To serve ${show(values.concurrent_users, "user")} at once takes ${show(numbers.steady, "user")}: ` +
      `each is being served for ${show(values.daily_use * values.generation_share, "second")} a day` +
      (values.steady_margin > 1
        ? `, and the mean load is ${show(values.steady_margin, "dimensionless")} times that of the quietest hour.`
        : ".");

    const draw = (state, results) => {
      rows = rowsOf(state, results);
      drawInto(host, results.refusal || sentence(state, results), (width, height) => {
        const narrow = width < 480;
        const frame = { left: narrow ? 142 : 252, right: width - 24, top: 8, bottom: height - 26 };
        const x = logScale(1, 1e10, frame.left, frame.right);
        const step = (frame.bottom - frame.top) / rows.length;
        const parts = [axes(frame, { x, xTicks: decades(1, 1e10, narrow ? 3 : 6), xShow: (v) => show(v, "dimensionless"), yTicks: [] })];
        rows.forEach(([name, value, kind], k) => {
          const y = frame.top + (k + 0.5) * step;
          const label = narrow ? name.split(",")[0] : name;
          parts.push(svgText(frame.left - 8, y + 4, label, kind.includes("ex-own") ? "" : "ex-tick", "end"));
          if (!value || value < 1) return;
          const at = x(Math.min(value, 1e10));
          parts.push(svgLine(frame.left, y, at, y, `ex-stem ${kind}`));
          parts.push(`<circle cx="${round1(at)}" cy="${round1(y)}" r="4.5" class="ex-dot ${kind}"/>`);
          parts.push(beside(at, y + 4, show(value, "dimensionless"), frame, kind.includes("ex-own") ? "ex-value" : "ex-mark"));
        });
        return parts;
      });
    };

    const table = () => ({ columns: ["what", "users"], rows: rows.map(([name, value]) => [name, String(value ?? "")]) });

    return { draw, sentence, table };
  };

  return { compute, effective: ({ values }) => values, between, mount };
};
