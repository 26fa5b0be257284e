// What functions of the explorers' scripts give, worked out by hand: an expression and its value.
// It is read within the scripts' own scope, with the symbols' ranges that test_scripts.py gives.

const same = (value) => value;
const refusal = (act) => {
  try { return act(); } catch (error) { return `${error.constructor.name}: ${error.message}`; }
};
const rest = { name: "rest", label: "Rest", unit: "byte", factor: 1, prefixed: true,
  spellings: { GB: 1e9, byte: 1 } };
const speed = { name: "users", label: "Speed", unit: "word/minute", factor: 1 / 60,
  spellings: { "words/min": 1 }, counted: true };
const rate = { name: "users", unit: "FLOP/second", factor: 1, prefixed: true,
  spellings: { "PFLOP/s": 1e15 } };
const count = { name: "users", label: "Users", unit: "user", factor: 1, whole: true,
  spellings: { users: 1 }, counted: true };
const share = { name: "share", unit: "percent", factor: 0.01, spellings: { "%": 1 } };
const explorer = createExplorer({
  id: "it", version: 3, fields: [rest, count], terms: { t1: {}, t2: {} },
  renamed: { 1: { old: "mid" }, 2: { mid: "rest" }, 3: { rest: "later" } },
  presets: {
    a: { values: { rest: 1, users: 2 }, off: ["t2", "t1"], stamp: "s1" },
    b: { values: { rest: 5 }, off: [], stamp: "s2" },
  },
}, {});
const plain = ({ preset, values, off }) => ({ preset, values, off: [...off] });
const encoded = (preset, values, off) => {
  const state = explorer.presetState(preset);
  Object.assign(state.values, values);
  return explorer.encode(off ? { ...state, off: new Set(off) } : state);
};
const decoded = (text) => {
  const { state, notes } = explorer.decode(text, () => explorer.presetState("b"));
  return [plain(state), notes];
};
const place = () => {
  const root = document.createElement("div");
  root.innerHTML = "<div class=ex-chart></div>";
  return root;
};
const placed = (markup) =>
  [...markup.matchAll(/<text x="(.*?)" y="(.*?)" .*? text-anchor="(.*?)">(.*?)</g)].map((one) => one.slice(1));

const turning = (f, preset, values) =>
  flip({ edge: 40, far: 60, presets: { it: {
    formula: "f", factor: 2, bars: ["users"], ends: { users: [1, 9] }, ...preset,
  } } }, { f }, {}).compute({ preset: "it", values }).numbers;
const product = ({ users, share }) => users * (1 + share);
const hill = ({ users }) => (users - 2) * (10 - users) / 2;
const cut = ({ users }) => { if (users > 5) throw new InputError("too many"); return users / 2; };

const brains = brain(
  { deviates: [-1], lattice: [3, 2], low: 0.25, high: 0.75, marks: { card: 200 }, as_large: 1 },
  {
    strengths: ({ synapses, bits_per_synapse }) => (synapses * bits_per_synapse) / 8,
    wired: ({ synapses, bits_per_synapse, neurons }) => (synapses * bits_per_synapse) / 8 + neurons,
    implied: ({ capacity, synapses }) => (8 * capacity) / synapses,
  }, {});
const head = { synapses: 100, synapses_below: 2, synapses_above: 4, bits_per_synapse: 8,
  bits_below: 2, bits_above: 2, neurons: 1000 };
const inHead = (off) => brains.compute({ values: head, off: new Set(off) }).numbers;

const audience = users(
  { audiences: { Town: 4000 }, marks: { said: 900 } },
  {
    present: ({ concurrent_users }) => 2 * concurrent_users,
    generating: ({ concurrent_users }) => 4 * concurrent_users,
    steady: ({ concurrent_users }) => 8 * concurrent_users,
    audience_share: ({ user_base, audience }) => user_base / audience,
  }, {});
const day = (steady_margin) => ({ values: { concurrent_users: 100, daily_use: 600, generation_share: 0.5, steady_margin } });

const silicon = chips(
  { fields: [{ name: "token_interval", stops: [0.01, 0.1, 1] }], stated: [] },
  {
    tokens_per_second_per_chip: ({ fast }) => fast,
    tokens_per_second_per_user: ({ token_interval }) => 1 / token_interval,
    audience_chips: ({ active_users, token_interval, fast }) => active_users / token_interval / fast,
    mask_cost_per_chip: ({ cost, audience_chips }) => cost / audience_chips,
    reading_rate: ({ token_interval }) => 0.75 / token_interval,
  }, {});
const reading = { values: { active_users: 1e7, token_interval: 0.1, fast: 1e6, cost: 5000 } };

const VALUES = {
  within: [
    [() => within("rest", 0), 0],
    [() => within("share", 1), 1],
    [() => within("bits", 10), 10],
    [() => within("bits", 2), 2],
    [() => within("half", 1), 1],
    [() => refusal(() => within("half", 0)), "InputError: half = 0: must be above 0 and at most 1"],
    [() => refusal(() => within("users", 0)), "InputError: users = 0: must be above zero, in user"],
    [() => refusal(() => within("share", 1.1)), "InputError: share = 1.1: must be from 0 to 1, in fraction"],
    [() => refusal(() => within("bits", 11)), "InputError: bits = 11: must be from 2 to 10"],
    [() => refusal(() => within("bits", 1.9)), "InputError: bits = 1.9: must be from 2 to 10"],
    [() => refusal(() => within("rest", Infinity)), "InputError: rest = Infinity: must be zero or more, in byte"],
    [() => refusal(() => within("rest", NaN)), "InputError: rest = NaN: must be zero or more, in byte"],
    // What is left of rounding, as large as the largest input makes it, is taken for the end.
    [() => within("rest", -5e-10, [1, 1000]), 0],
    [() => within("rest", -1e-9, [1, 1000]), 0],
    [
      () => refusal(() => within("rest", -2e-9, [1, 1000])),
      "InputError: rest = -2e-9: must be zero or more, in byte",
    ],
    [() => refusal(() => within("rest", -5e-10)), "InputError: rest = -5e-10: must be zero or more, in byte"],
    [() => within("share", 1 + 5e-13, [1000]), 1],
    [() => within("share", -5e-13, [1000]), 0],
    [() => typeof refusal(() => within("share", 1 + 2e-12, [1000])), "string"],
    [() => typeof refusal(() => within("half", -5e-13, [1])), "string"],
    [() => typeof refusal(() => within("bits", 2 - 5e-13, [1])), "string"],
    [() => typeof refusal(() => within("copies", 1 - 5e-13, [1])), "string"],
  ],
  shown: [
    [() => show(3.35e12, "byte/second/chip"), "3.35 TB/s"],
    [() => show(8e10, "byte/chip"), "80 GB"],
    [() => show(1, "byte"), "1 byte"],
    [() => show(2, "byte/parameter"), "2 bytes/parameter"],
    [() => show(2000, "FLOP/byte"), "2,000 FLOP/byte"],
    [() => show(1.98e15, "FLOP/second"), "1.98 PFLOP/s"],
    [() => show(700, "watt"), "700 W"],
    [() => show(2.5e6, "joule"), "2.5 MJ"],
    [() => show(0.02667, "second"), "26.7 ms"],
    [() => show(59.96, "second"), "60 s"],
    [() => show(90, "second"), "1.5 min"],
    [() => show(86400, "second"), "1 day"],
    [() => show(2 * 365.25 * 86400, "second"), "2 years"],
    [() => show(3e9, "second", 5), "95.064 years"],
    [() => show(3e-10, "second"), "0.3 ns"],
    [() => show(0, "second"), "0 s"],
    [() => show(0.125, "fraction"), "12.5%"],
    [() => show(12.5, "percent"), "12.5%"],
    [() => show(3e-5, "dollar/token"), "$30 per million tokens"],
    [() => show(2.5, "dollar/chip/hour"), "$2.50 per chip/h"],
    [() => show(1.5e9, "dollar"), "$1.5 billion"],
    [() => show(-1.5e9, "dollar"), "-$1.5 billion"],
    [() => show(144000, "user"), "144,000 users"],
    [() => show(1, "user"), "1 user"],
    [() => show(1e7, "user"), "10 million users"],
    [() => show(6.4e9, "base_pair"), "6.4 billion base pairs"],
    [() => show(1e14, "synapse"), "100 trillion synapses"],
    [() => show(1e15, "synapse"), "1,000 trillion synapses"],
    [() => show(1e16, "synapse"), "1 × 10¹⁶ synapses"],
    [() => show(3e-5, "dimensionless"), "3 × 10⁻⁵"],
    [() => show(1e-4, "dimensionless"), "0.0001"],
    [() => show(1234567, "byte", 4), "1.235 MB"],
    [() => show(1234, "dimensionless", 2), "1,200"],
    [() => show(0.15, "dimensionless", 1), "0.2"],
    [() => show(987654, "dimensionless"), "987,654"],
    [() => show(999999, "dimensionless"), "1 million"],
    [() => show(NaN, "byte"), "–"],
  ],
  read: [
    [() => parseQuantity("3.35 TB/s", { spellings: { "TB/s": 1e12 } }), 3350000000000.0],
    [() => parseQuantity("1,440,000", { spellings: {} }), 1440000],
    [() => parseQuantity("144K", { spellings: { users: 1 }, counted: true }), 144000],
    [() => parseQuantity("1.6 trillion users", { spellings: { users: 1 }, counted: true }), 1600000000000.0],
    [() => parseQuantity("7b", { spellings: { users: 1 }, counted: true }), 7000000000.0],
    [() => parseQuantity("20%", { spellings: { "%": 0.01 } }), 0.2],
    [() => parseQuantity("20%", { spellings: { "%": 1 } }), 20],
    [() => parseQuantity("$2.5/h", { spellings: { "$/h": 1 / 3600 }, money: true }), 2.5 / 3600],
    [() => parseQuantity("$2 per chip", { spellings: { "$/chip": 3 }, money: true }), 6],
    [() => parseQuantity("3 × 10⁻²", { spellings: {} }), 0.03],
    [() => parseQuantity("2×10⁶ B", { spellings: { B: 1 } }), 2000000.0],
    [
      () => refusal(() => parseQuantity("1,44,000", { spellings: {} })),
      'QuantityError: "1,44,000" is not a quantity: write a number, as in "3.35"',
    ],
    [
      () => refusal(() => parseQuantity("7 K", { spellings: { TB: 1e12 } })),
      'QuantityError: "7 K" has no unit that fits: write a number and a unit, as in "3.35 TB"',
    ],
    [
      () => refusal(() => parseQuantity("x", { spellings: { "$/h": 1 }, money: true, counted: true })),
      'QuantityError: "x" is not a quantity: write a number and a unit, as in "$20/h"',
    ],
    [() => refusal(() => parseQuantity("1e400", { spellings: {} })), 'QuantityError: "1e400" is too large a number'],
  ],
  charts: [
    [() => [1, 10, 100].map(logScale(1, 100, 0, 200)), [0, 100, 200]],
    [() => [1e-4, 1e-2, 1].map(logScale(1e-4, 1, 210, 10)), [210, 110, 10]],
    [() => logScale(1, 1e4, 50, 250).invert(150), 100],
    [() => logScale(2, 8, 0, 2).invert(1), 4],
    [() => logScale(1e-4, 1, 210, 10).invert(60), 0.1],
    [() => decades(1, 1e5, 6), [1, 10, 100, 1000, 10000.0, 100000.0]],
    [() => decades(1, 1e5, 5), [1, 100, 10000.0]],
    [() => decades(1, 1e5, 3), [1, 100, 10000.0]],
    [() => decades(1, 1e10, 4), [1, 1000, 1000000.0, 1000000000.0]],
    [() => decades(2, 500, 5), [10, 100]],
    [() => decades(0.001, 1, 9), [0.001, 0.01, 0.1, 1]],
    [() => decades(2, 5, 9), []],
    [() => [1.25, 1.24, 3, -1.26].map(round1), [1.3, 1.2, 3, -1.3]],
    [
      () => linePath([[1, 1], [10, 10], [100, null], [1000, 1000], [2, 0.26]], same, (v) => 2 * v),
      "M1 2L10 20M1000 2000L2 0.5",
    ],
    [() => linePath([[1, 0], [2, 5], [3, -1], [4, 6]], same, same), "M2 5M4 6"],
    [() => linePath([], same, same), ""],
    [() => escaped('<a & "b">'), "&#60;a &#38; &#34;b&#34;&#62;"],
    [() => textWidth("abcde"), 33],
    [() => svgText(1.26, 2, "<", "k"), '<text x="1.3" y="2" class="k" text-anchor="start">&#60;</text>'],
    [() => svgLine(1.26, 2.22, 3.36, 4.44, "k"), '<line x1="1.3" y1="2.2" x2="3.4" y2="4.4" class="k"/>'],
    // Beside a point: on the right, unless there is room on the left alone.
    [() => placed(beside(10, 20, "abcde", { left: 0, right: 100 }, "k")), [["19", "20", "start", "abcde"]]],
    [() => placed(beside(57, 20, "abcde", { left: 0, right: 100 }, "k")), [["66", "20", "start", "abcde"]]],
    [() => placed(beside(58, 20, "abcde", { left: 0, right: 100 }, "k")), [["49", "20", "end", "abcde"]]],
    [() => placed(beside(83, 20, "abcde", { left: 80, right: 100 }, "k")), [["92", "20", "start", "abcde"]]],
    [() => placed(beside(84, 20, "abcde", { left: 80, right: 100 }, "k")), [["75", "20", "end", "abcde"]]],
    // Labels do not cover one another (60), and stay near the frame (268).
    [
      () => placed(axes({ left: 50, right: 250, top: 10, bottom: 110 }, { x: same, xTicks: [50, 60, 66, 70, 268], xShow: String, y: same, yTicks: [100], yShow: (v) => `y${v}`, xTitle: 'X', title: 'T' })),
      [["44", "104", "end", "y100"], ["50", "126", "middle", "50"], ["70", "126", "middle", "70"], ["262.1", "126", "middle", "268"], ["4", "2", "start", "T"], ["250", "142", "end", "X"]],
    ],
    [
      () => placed(axes({ left: 50, right: 250, top: 10, bottom: 110 }, { x: same, xTicks: [2], xShow: String, yTicks: [] })),
      [["3.3", "126", "middle", "2"]],
    ],
    [
      () => axes({ left: 50, right: 250, top: 10, bottom: 110 }, { x: same, xTicks: [60], y: same, yTicks: [] }),
      '<line x1="60" y1="10" x2="60" y2="110" class="ex-grid"/>',
    ],
  ],
  fields: [
    // The text of a box, in the unit of the box.
    [() => shown(speed, 10), "600 words/min"],
    [() => shown(share, 0.25), "25%"],
    [() => shown(rest, 123456789), "123.5 MB"],
    [() => shown(rest, null), ""],
    [() => shown(count, 144000), "144,000 users"],
    [() => read(speed, "600 words/min"), 10],
    [() => read(speed, "600"), 10],
    [() => read(share, "25%"), 0.25],
    [() => read(rest, "80 GB"), 80000000000.0],
    [() => read(rest, " 0 "), 0],
    [() => read(rate, "2 PFLOPS"), 2000000000000000.0],
    [() => read(count, "144K"), 144000],
    [() => refusal(() => read(rest, " 80 ")), 'QuantityError: “80” needs its unit, as in "GB"'],
    [() => refusal(() => read(rest, "80", "MB")), 'QuantityError: “80” needs its unit, as in "MB"'],
    [() => read(rest, "80", "byte"), 80],
    [() => refusal(() => read(rest, "1e3")), 'QuantityError: “1e3” needs its unit, as in "GB"'],
    [() => refusal(() => read(count, "2.5")), "InputError: 2.5 is not a whole number"],
    [() => refusal(() => read(share, "101%")), "InputError: share = 1.01: must be from 0 to 1, in fraction"],
    [() => allowed(count, 3), 3],
    [() => allowed(speed, 2.5), 2.5],
    [() => refusal(() => allowed(count, -1)), "InputError: users = -1: must be above zero, in user"],
    [() => exact(rest, "5e30"), 5e+30],
    // In the glossary's unit, not the box's.
    [() => exact(speed, "10"), 10],
    [() => refusal(() => exact(rest, "1 GB")), "InputError: “1 GB” is not a number"],
    [() => refusal(() => exact(rest, "")), "InputError: “” is not a number"],
    [() => refusal(() => exact(rest, "1e400")), "InputError: rest = Infinity: must be zero or more, in byte"],
    [() => refusal(() => exact(count, "1.5")), "InputError: 1.5 is not a whole number"],
    [() => quoted("x".repeat(41)), `“${"x".repeat(40)}”`],
    [() => [0, 1.4, 1.6, 2.5, 99].map((value) => nearest([0, 1, 2, 3], value)), [0, 1, 2, 2, 3]],
    [() => nearest([10], 3), 0],
    [
      () => csv({ columns: ['a', 'b'], rows: [['1,5', null], ['say "x"', 'two\nlines'], ['', 'c d']] }),
      'a,b\n"1,5",\n"say ""x""","two\nlines"\n,c d\n',
    ],
  ],
  addresses: [
    [() => encoded("a", {}), "3~a.s1"],
    [() => encoded("a", { rest: 5e30 }), "3~a.s1~rest:5e30"],
    [() => encoded("a", { rest: 0.5, users: 7 }), "3~a.s1~rest:0.5~users:7"],
    [() => encoded("a", {}, []), "3~a.s1~off:"],
    [() => encoded("a", {}, ["t1", "t2"]), "3~a.s1"],
    [() => encoded("a", {}, ["t1"]), "3~a.s1~off:t1"],
    [() => encoded("b", {}, ["t2", "t1"]), "3~b.s2~off:t1.t2"],
    [() => decoded("3~a.s1"), [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, []]],
    [() => decoded("3~a.s1~rest:5e30~off:t1"), [{ preset: "a", values: { rest: 5e+30, users: 2 }, off: ["t1"] }, []]],
    [() => decoded("3~a.s1~off:"), [{ preset: "a", values: { rest: 1, users: 2 }, off: [] }, []]],
    [
      () => decoded("3~a.s0"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["The figures that it starts from have changed since it was made."]],
    ],
    [
      () => decoded("4~a.s1"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["This link is from a later version of the book, or damaged: some of it may be lost."]],
    ],
    [
      () => decoded("x~a.s1"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["This link is from a later version of the book, or damaged: some of it may be lost."]],
    ],
    [
      () => decoded("3~c.s1"),
      [{ preset: "b", values: { rest: 5 }, off: [] }, ["It starts from “c”, which is not there."]],
    ],
    [() => decoded("3"), [{ preset: "b", values: { rest: 5 }, off: [] }, ["It starts from “”, which is not there."]]],
    [
      () => decoded("3~toString.s1"),
      [{ preset: "b", values: { rest: 5 }, off: [] }, ["It starts from “toString”, which is not there."]],
    ],
    [() => decoded("1~a.s1~old:7"), [{ preset: "a", values: { rest: 7, users: 2 }, off: ["t2", "t1"] }, []]],
    [() => decoded("2~a.s1~mid:7"), [{ preset: "a", values: { rest: 7, users: 2 }, off: ["t2", "t1"] }, []]],
    [
      () => decoded("2~a.s1~old:7"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["“old” is not known here."]],
    ],
    [
      () => decoded("3~a.s1~mid:7"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["“mid” is not known here."]],
    ],
    [
      () => decoded("3~a.s1~off:t1.t9"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t1"] }, ["“t9” is not known here."]],
    ],
    [
      () => decoded("3~a.s1~users:2.5"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["Users: 2.5 is not a whole number."]],
    ],
    [
      () => decoded("3~a.s1~rest:1:2"),
      [{ preset: "a", values: { rest: 1, users: 2 }, off: ["t2", "t1"] }, ["Rest: “1:2” is not a number."]],
    ],
    [
      () => plain(explorer.stateOf(new Map([["preset", "a"], ["rest", 8], ["users", 9], ["off", ["t1"]], ["more", 1]]))),
      { preset: "a", values: { rest: 8, users: 9 }, off: ["t1"] },
    ],
  ],
  views: [
    // 4 × 1.5, twice: 12. It is 24 where the users are 8; no share up to one makes it so.
    [
      () => turning(product, { threshold: 24, holds: "at least" }, { users: 4, share: 0.5 }),
      { answer: 12, holds: 0, "low:users": 3, "high:users": 27, "turn:users": 8, "turn:share": null },
    ],
    [() => turning(product, { threshold: 14, holds: "at most" }, { users: 4, share: 0.5 })["turn:share"], 0.75],
    [() => turning(product, { threshold: 14, holds: "at most" }, { users: 4, share: 0.5 }).holds, 1],
    [() => turning(product, { threshold: 12, holds: "at most" }, { users: 4, share: 0.5 }).holds, 1],
    [() => turning(product, { threshold: 12, holds: "at least" }, { users: 4, share: 0.5 }).holds, 1],
    [() => turning(product, { threshold: 11, holds: "at most" }, { users: 4, share: 0.5 }).holds, 0],
    [() => turning(product, { threshold: 14, holds: "at most" }, { users: 4, share: 0 })["turn:share"], 0.75],
    [() => turning(product, { threshold: 14, holds: "at most" }, { users: 4, share: 1 })["turn:share"], 0.75],
    [() => turning(product, { threshold: 14, holds: "at most" }, { users: 4, share: 0.5 })["turn:users"], 14 / 3],
    // (u - 2)(10 - u) is 7 at 3 and at 9: the nearer is said, by the factor between them.
    [() => turning(hill, { threshold: 7, holds: "at least" }, { users: 4 })["turn:users"], 3],
    [() => turning(hill, { threshold: 7, holds: "at least" }, { users: 8 })["turn:users"], 9],
    [() => turning(hill, { threshold: 17, holds: "at least" }, { users: 4 })["turn:users"], null],
    // No step to either side is so long that it passes over both.
    [() => turning(hill, { threshold: 7, holds: "at least" }, { users: 2.2 })["turn:users"], 3],
    // Up to the border of what an equation allows, and not beyond it.
    [() => turning(cut, { threshold: 4.9, holds: "at least", bars: [] }, { users: 4 })["turn:users"], 4.9],
    [() => turning(cut, { threshold: 5.1, holds: "at least", bars: [] }, { users: 4 })["turn:users"], null],
    [
      () => refusal(() => turning(({ users }) => { if (users > 5) throw new TypeError("no"); return users; }, { threshold: 100, holds: "at least", bars: [] }, { users: 4 })),
      "TypeError: no",
    ],
    // Three draws: 50 × 4, 100 × 16 and 400 × 8 bits are 25, 200 and 400 bytes.
    [
      () => inHead(["wiring"]),
      { central: 100, low: 112.5, median: 200, high: 300, "bits:card": 16, "chance:card": 2 / 3 },
    ],
    [() => inHead([]), { central: 1100, low: 1112.5, median: 1200, high: 1300, "bits:card": 16, "chance:card": 1 }],
    [
      () => brains.mount(place()).sentence({}, { numbers: { low: 1e9, median: 2e9, high: 3e9 } }),
      "Nine in ten draws lie from 1 GB to 3 GB; half lie at or above 2 GB.",
    ],
    [
      () => brains.mount(place()).sentence({}, { numbers: { central: 2e9, low: 1, high: 1 } }),
      "A brain’s synapses hold 2 GB, on these figures.",
    ],
    [() => audience.compute(day(1)).numbers, { present: 200, generating: 400, steady: 800, "share:Town": 0.2 }],
    [
      () => audience.mount(place()).sentence(day(1), audience.compute(day(1))),
      "To serve 100 users at once takes 800 users: each is being served for 5 min a day.",
    ],
    [
      () => audience.mount(place()).sentence(day(1.5), audience.compute(day(1.5))),
      "To serve 100 users at once takes 800 users: each is being served for 5 min a day, and the mean load is 1.5 times that of the quietest hour.",
    ],
    [
      () => (() => { const one = audience.mount(place()); one.draw(day(1), audience.compute(day(1))); return one.table().rows; })(),
      [["served at once", "100"], ["always served", "200"], ["reading and typing, too", "400"], ["in the quiet hours, too", "800"], ["said", "900"], ["Town", "4000"]],
    ],
    [
      () => silicon.compute(reading).numbers,
      { tokens_per_second_per_chip: 1000000.0, audience_chips: 100, tokens_per_second_per_user: 10, mask_cost_per_chip: 50, reading_rate: 7.5 },
    ],
    [
      () => silicon.mount(place(), {}).sentence(reading, silicon.compute(reading)),
      "10 million users get a token every 100 ms from 100 chips: 450 words a minute each.",
    ],
    [
      () => (() => { const one = silicon.mount(place(), {}); one.draw(reading, silicon.compute(reading)); return one.table().rows; })().map((row) => row.map(Number)).filter((_, k) => k % 40 === 0),
      [[0.01, 1000], [0.1, 100], [1, 10]],
    ],
    // Accelerators come in copies of two stages, of three each; a slider goes on to the next.
    [
      () => [1, 8, 10, 15, 100].map((value) => sharing({}, {}, {}).snap("chips", value, { values: { stages: 2, replicas: 3, chips: 12 } })),
      [6, 6, 6, 18, 102],
    ],
    [
      () => [12, 13, 11].map((value) => sharing({}, {}, {}).snap("chips", value, { values: { stages: 2, replicas: 3, chips: 12 } })),
      [12, 18, 6],
    ],
    [() => sharing({}, {}, {}).snap("users", 7, { values: {} }), 7],
  ],
};
