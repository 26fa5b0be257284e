// Charts as SVG, drawn anew at each change: a few scales, axes with few ticks, and marks.

const logScale = (low, high, from, to) => {
  const start = Math.log(low);
  const step = (to - from) / (Math.log(high) - start);
  const scale = (value) => from + (Math.log(value) - start) * step;
  scale.invert = (pixel) => Math.exp(start + (pixel - from) / step);
  return scale;
};

const escaped = (text) =>
  String(text).replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

// Powers of ten from low to high, at most so many.
function decades(low, high, most) {
  const [first, last] = [Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9)];
  const every = Math.max(1, Math.ceil((last - first + 1) / most));
  const found = [];
  for (let power = first; power <= last; power += every) found.push(Number(`1e${power}`));
  return found;
}

const round1 = (number) => Math.round(number * 10) / 10;

// A line through points; where a value is missing, or not to be drawn, it is broken.
function linePath(points, x, y) {
  let path = "";
  let pen = "M";
  for (const [at, value] of points) {
    if (value === null || !(value > 0)) pen = "M";
    else {
      path += `${pen}${round1(x(at))} ${round1(y(value))}`;
      pen = "L";
    }
  }
  return path;
}

const svgText = (x, y, text, kind, anchor = "start") =>
  `<text x="${round1(x)}" y="${round1(y)}" class="${kind}" text-anchor="${anchor}">${escaped(text)}</text>`;

const svgLine = (x1, y1, x2, y2, kind) =>
  `<line x1="${round1(x1)}" y1="${round1(y1)}" x2="${round1(x2)}" y2="${round1(y2)}" class="${kind}"/>`;

// About as wide as a text of this many signs at the chart's 12 px.
const textWidth = (text) => 6.6 * text.length;

// The frame of a panel: grid lines with their labels, on the left and below.
function axes({ left, right, top, bottom }, { x, xTicks, xShow, y, yTicks, yShow, xTitle, title }) {
  const parts = [];
  for (const tick of yTicks) {
    parts.push(svgLine(left, y(tick), right, y(tick), "ex-grid"));
    parts.push(svgText(left - 6, y(tick) + 4, yShow(tick), "ex-tick", "end"));
  }
  let written = -Infinity;
  for (const tick of xTicks) {
    parts.push(svgLine(x(tick), top, x(tick), bottom, "ex-grid"));
    const shown = xShow?.(tick) ?? "";
    const half = textWidth(shown) / 2;
    const at = Math.max(half, Math.min(x(tick), right + 22 - half));
    if (!shown || at - half < written) continue; // no label over another
    parts.push(svgText(at, bottom + 16, shown, "ex-tick", "middle"));
    written = at + half + 6;
  }
  if (title) parts.push(svgText(left - 46, top - 8, title, "ex-label"));
  if (xTitle) parts.push(svgText(right, bottom + 32, xTitle, "ex-label", "end"));
  return parts.join("");
}

// Browsers lay out anew even what is set to what it was.
function setChanged(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

function writeChanged(element, text) {
  if (element.childNodes.length !== 1) element.textContent = text;
  else if (element.firstChild.data !== text) element.firstChild.data = text;
}

// Let a reader drag on a chart: `move` gets the place, `done` ends it. A browser that takes the
// finger's way for scrolling cancels it: then `undo` is called with what `start` gave.
function draggable(host, { start, move, done, undo }) {
  let held = null;
  let before;
  const told = ({ clientX }) => move(clientX - host.getBoundingClientRect().left);
  host.addEventListener("pointerdown", (event) => {
    if (event.button !== 0 || !host.querySelector("svg")) return;
    host.setPointerCapture(event.pointerId);
    held = event.pointerId;
    before = start();
    told(event);
  });
  host.addEventListener("pointermove", (event) => { if (event.pointerId === held) told(event); });
  for (const end of ["pointerup", "pointercancel"])
    host.addEventListener(end, (event) => {
      if (event.pointerId !== held) return;
      held = null;
      if (end === "pointerup") done();
      else undo(before);
    });
}

// A text beside a point, where there is room: after it, or first of all before it, out of the way
// of a line that rises, or below one that falls.
function beside(x, y, text, { left, right }, kind, before = false) {
  const far = 10 + textWidth(text);
  const flip = before ? x - far > left : x + far > right && x - far > left - 40;
  if (flip && x - 9 < 7.3 * text.length) return svgText(0, y, text, kind); // no sign is cut off
  return svgText(flip ? x - 9 : x + 9, y, text, kind, flip ? "end" : "start");
}

// The size of a chart's place as it was last observed: to ask for it anew at each change would
// make the browser lay out the page once more.
const sizes = new WeakMap();

const SVG = "http://www.w3.org/2000/svg";
const fresh = document.createElementNS(SVG, "svg");
const drawnParts = new WeakMap();

// Make the children of an element those of another. What is there is kept where it can be: where
// elements come and go, a browser works out the style of much of the page anew.
function become(element, wanted) {
  while (element.childNodes.length > wanted.childNodes.length) element.lastChild.remove();
  [...wanted.childNodes].forEach((child, k) => {
    const old = element.childNodes[k];
    if (!old) element.append(child);
    else if (old.nodeName !== child.nodeName) old.replaceWith(child);
    else if (old.nodeType === Node.TEXT_NODE) {
      if (old.data !== child.data) old.data = child.data;
    } else {
      for (const { name, value } of child.attributes) setChanged(old, name, value);
      for (const { name } of [...old.attributes]) if (!child.hasAttribute(name)) old.removeAttribute(name);
      become(old, child);
    }
  });
}

// Put a drawing, made of parts, into the chart's place; its size is that of the place.
function drawInto(host, description, draw) {
  const { width, height } = sizes.get(host) ?? {};
  if (!width) return;
  let svg = host.querySelector("svg");
  if (!svg) {
    host.innerHTML = "<svg role='img'></svg>";
    svg = host.firstElementChild;
  }
  setChanged(svg, "viewBox", `0 0 ${width} ${height}`);
  setChanged(svg, "width", width);
  setChanged(svg, "height", height);
  setChanged(svg, "aria-label", description);
  const parts = draw(width, height);
  while (svg.childElementCount > parts.length) svg.lastElementChild.remove();
  parts.forEach((part, k) => {
    const group = svg.children[k] ?? svg.appendChild(document.createElementNS(SVG, "g"));
    if (drawnParts.get(group) === part) return;
    drawnParts.set(group, part);
    fresh.innerHTML = part;
    become(group, fresh);
  });
}
