// How quantities are shown and read, where there is no Python to ask: `show` and `parse` of
// units.py, to the letter. `UNITS` holds that module's own tables, and stands before this file in
// every bundle. What a reader may type comes from its `spellings`.

// Blanks and digits are those of ASCII, as Python reads them.
const QUANTITY_POWER = /([\d.])[ \t\n\r\f\v]*×[ \t\n\r\f\v]*10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g;
const QUANTITY_NUMBER = new RegExp(
  "^[ \\t\\n\\r\\f\\v]*([+-]?(?:(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d*)?|\\.\\d+)" +
    "(?:[eE][+-]?\\d+)?)[ \\t\\n\\r\\f\\v]*([^\\d,.][^]*?)?[ \\t\\n\\r\\f\\v]*$",
);

export class QuantityError extends Error {
  name = "QuantityError";
}

// The significant figures of a number, halves rounded away from zero, and the power of ten of
// the first. Fifteen figures first: 0.15 as a float is a little less, and no author meant that.
function quantityFigures(value, digits) {
  const [mantissa, power] = Math.abs(value).toExponential(14).split("e");
  const figures = mantissa.replace(".", "");
  const kept = String(Number(figures.slice(0, digits)) + (figures[digits] >= "5" ? 1 : 0));
  return { figures: kept, power: Number(power) + kept.length - digits };
}

function quantityRounded(value, digits) {
  if (value === 0) return 0;
  const { figures, power } = quantityFigures(value, digits);
  return Number(`${figures}e${power - figures.length + 1}`);
}

const quantityGrouped = (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ",");

function quantityDecimal(figures, power) {
  const padded = figures.padStart(figures.length - power, "0").padEnd(power + 1, "0");
  const point = Math.max(power, 0) + 1;
  const fraction = padded.slice(point).replace(/0+$/, "");
  return quantityGrouped(padded.slice(0, point)) + (fraction && `.${fraction}`);
}

// From three significant digits on, whole numbers are written in full.
function quantityNumber(value, digits) {
  if (value === 0) return "0";
  const sign = value < 0 ? "-" : "";
  if (digits >= 3 && Number.isInteger(value) && Math.abs(value) < 1e6) {
    return sign + quantityGrouped(String(Math.abs(value)));
  }
  const { figures, power } = quantityFigures(value, digits);
  if (power < 6 && power >= -4) return sign + quantityDecimal(figures, power);
  const raised = String(power).replace("-", "⁻").replace(/\d/g, (digit) => UNITS.raised[digit]);
  return `${sign}${quantityDecimal(figures, 0)} × 10${raised}`;
}

// The largest step of which the value, rounded, is at least one: 59.96 s is 60 s, and not 0.999
// of a minute.
function quantityStep(value, steps, digits) {
  const reached = ([step]) =>
    value === 0 ? step === 1 : Math.abs(quantityRounded(value / step, digits)) >= 1;
  return steps.find(reached) ?? steps.at(-1);
}

function quantityInWords(value, digits) {
  const size = quantityRounded(value, digits);
  const [step, word] = (size < 1e16 && UNITS.words.find(([least]) => size >= least)) || [1, ""];
  return [quantityNumber(value / step, digits), word];
}

// $1.30, not $1.3, unless this would claim a cent that is not there.
function quantityCents(number, dollars) {
  const shown = Number(number.replaceAll(",", ""));
  return number.at(-2) === "." && dollars.toFixed(2) === shown.toFixed(2) ? `${number}0` : number;
}

// The number to print and the name of the unit behind it.
function quantityParts(value, unit, digits) {
  const [first, ...below] = unit.split("/");
  const top = UNITS.plain.includes(first) ? "" : first;
  const per = below.map((part) => `/${UNITS.below[part] ?? part}`).join("");
  if (Object.hasOwn(UNITS.quoted, unit)) {
    const [times, name] = UNITS.quoted[unit];
    const number = quantityNumber(value * times, digits);
    return [name.startsWith("$") ? quantityCents(number, value * times) : number, name];
  }
  if (top === "dollar") {
    const [number, word] = quantityInWords(value, digits);
    const name = `$${word && ` ${word}`}${per.replace("/", " per ")}`;
    return [word ? number : quantityCents(number, value), name];
  }
  if (Object.hasOwn(UNITS.signs, top)) {
    const ratio = UNITS.ratios.includes(below[0]);
    const [step, prefix] = ratio ? [1, ""] : quantityStep(value, UNITS.prefixes, digits);
    const number = quantityNumber(value / step, digits);
    const bytes = number === "1" ? "byte" : "bytes";
    const name = top === "byte" && !prefix ? bytes : prefix + UNITS.signs[top];
    return [number, name + per.replaceAll("/chip", "")];
  }
  if (top === "second") {
    const [step, name] = quantityStep(value, UNITS.times, digits);
    const number = quantityNumber(value / step, digits);
    return [number, (number === "1" && step > 3600 ? name.slice(0, -1) : name) + per];
  }
  const [number, word] = quantityInWords(value, digits);
  const names = UNITS.plurals[top] ?? `${top}s`;
  const name = (number === "1" && !word) || !top ? top : names;
  return [number, `${word} ${name ? name + per : per.replace("/", "per ")}`.trim()];
}

// One to thirteen significant digits; a dash for what is no finite number. Most of what a moved
// slider writes was written at the last move too: boxes, ticks, what the sentence repeats.
const quantityKnown = new Map();
export function show(value, unit, digits = 3) {
  const key = `${value} ${unit} ${digits}`;
  let text = quantityKnown.get(key);
  if (text === undefined) {
    if (quantityKnown.size >= 5000) quantityKnown.clear();
    text = quantityText(value, unit, digits);
    quantityKnown.set(key, text);
  }
  return text;
}

function quantityText(value, unit, digits) {
  const [times] = UNITS.quoted[unit] ?? [1];
  if (![value, value * times].every(Number.isFinite)) return "–";
  const [number, name] = quantityParts(value, unit, digits);
  if (name === "%") return number + name;
  if (!name.startsWith("$")) return `${number} ${name}`.trim();
  return `${value < 0 ? "-" : ""}$${number.replace("-", "")}${name.slice(1)}`;
}

// "per chip" and "/ chip" are one spelling. The $ stands before the number, and is gone by now.
function quantityFactor(name, spellings) {
  const plain = (text) => text.replace(/\s*(?:\bper\s|\/)\s*/g, "/").trim();
  const found = Object.entries(spellings).find(
    ([spelling]) => plain(spelling.replace("$", "")) === plain(name),
  );
  return found ? found[1] : NaN;
}

function quantityTimes(number, rest, spellings, counted) {
  if (rest === "") return number;
  // Divided at the end, as in Python: 57 * 0.01 is not 0.57.
  if (rest === "%") return (number * (quantityFactor("%", spellings) * 100)) / 100;
  const factor = quantityFactor(rest, spellings);
  if (!Number.isNaN(factor)) return number * factor;
  const blank = rest.indexOf(" ");
  const [suffix, of] = blank < 0 ? [rest, ""] : [rest.slice(0, blank), rest.slice(blank + 1)];
  const known = Object.hasOwn(UNITS.suffixes, suffix.toLowerCase());
  const times = known ? UNITS.suffixes[suffix.toLowerCase()] : NaN;
  if (of) return number * times * quantityFactor(of, spellings);
  return counted ? number * times : NaN;
}

function quantityExample(spelling, counted) {
  const number = counted ? "20" : "3.35";
  if (spelling.startsWith("$")) return `$${number}${spelling.slice(1)}`;
  return spelling === "%" ? number + spelling : `${number} ${spelling}`.trim();
}

// The number that a text such as "3.35 TB/s", "144K", "20%" or "$2.5/h" stands for, in the unit
// that the spellings are for. An error names the text: show it as text, never as HTML.
export function parseQuantity(text, { spellings, money = false, counted = false }) {
  const start = [...text].slice(0, 60).join("");
  const quoted = `"${start}${start.length < text.length ? "…" : ""}"`;
  const typed = Object.keys(spellings)[0] ?? "";
  const words = typed ? "a number and a unit" : "a number";
  const write = `write ${words}, as in "${quantityExample(typed, counted)}"`;
  const lowered = (digit) => (digit === "⁻" ? "-" : UNITS.raised.indexOf(digit));
  const plain = (money ? text.replace("$", "") : text).replace(
    QUANTITY_POWER, (_, digit, power) => `${digit}e${[...power].map(lowered).join("")}`,
  );
  const match = plain.length <= UNITS.longest && QUANTITY_NUMBER.exec(plain);
  if (!match) throw new QuantityError(`${quoted} is not a quantity: ${write}`);
  const [, number, rest = ""] = match;
  const value = quantityTimes(Number(number.replaceAll(",", "")), rest, spellings, counted);
  if (Number.isNaN(value)) throw new QuantityError(`${quoted} has no unit that fits: ${write}`);
  if (!Number.isFinite(value)) throw new QuantityError(`${quoted} is too large a number`);
  return value;
}

export const quoted = (text) => `“${String(text).slice(0, 40)}”`;

// What a reader has typed. Eighty alone might be bytes or gigabytes: what has prefixes takes its
// unit with it, unless the box, whose unit may be given, had none of them.
export function parseTyped(text, options, unit = "") {
  const bare = options.prefixed && options.spellings[unit] !== 1;
  if (bare && /^[\s\d.,eE+-]+$/.test(text) && Number(text) !== 0)
    throw new QuantityError(`${quoted(text.trim())} needs its unit, as in "${unit || Object.keys(options.spellings)[0]}"`);
  return parseQuantity(text.replace(/FLOPS$/i, "FLOP/s"), options);
}
