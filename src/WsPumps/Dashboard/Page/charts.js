// Lines over time, with axes. One unit is one pixel, so that the text is not stretched.
import { element } from "./dom.js";
import { minute, none, time } from "./format.js";

const height = 112;
const narrowest = 44;
const right = 8;
const top = 8;
const bottom = 18;

export class Chart {
  #figure;
  #svg;
  #reading;
  #lines;
  #format;
  #binary;
  #least;
  #points = [];
  #from = 0;
  #to = 0;
  #left = narrowest;

  /**
   * @param lines for each line, the class of its colour and what it takes from a point; null leaves a gap.
   * @param least the smallest step of the scale: there are no half connections.
   */
  constructor(figure, { lines, format, binary = false, least = 0, label }) {
    this.#figure = figure;
    this.#lines = lines;
    this.#format = format;
    this.#binary = binary;
    this.#least = least;
    this.#svg = svg("svg", { role: "img", "aria-label": label });
    this.#reading = element("p", "reading");
    this.#reading.hidden = true;
    figure.append(this.#svg, this.#reading);
    new ResizeObserver(() => this.#draw()).observe(figure);
    this.#svg.addEventListener("pointermove", (event) => this.#read(event));
    this.#svg.addEventListener("pointerleave", () => (this.#reading.hidden = true));
  }

  show(points, from, to) {
    [this.#points, this.#from, this.#to] = [points.filter((point) => point.at >= from), from, to];
    this.#draw();
  }

  #draw() {
    const width = this.#svg.clientWidth;
    if (width <= narrowest + right)
      return;

    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const values = this.#points.flatMap((point) => this.#lines.map((line) => line.of(point))).filter((value) => value != null);
    const scale = scaleOf(Math.max(0, ...values), this.#binary, this.#least);
    const labels = scale.ticks.map((tick) => text(values.length ? this.#label(tick) : "", { class: "axis y" }));
    this.#svg.replaceChildren(...labels);
    const left = Math.max(narrowest, ...labels.map((label) => Math.ceil(label.getComputedTextLength()) + 8));
    this.#left = left;
    const x = (at) => left + ((at - this.#from) / Math.max(1, this.#to - this.#from)) * (width - left - right);
    const y = (value) => height - bottom - (value / scale.top) * (height - top - bottom);
    labels.forEach((label, i) => setAll(label, { x: left - 6, y: y(scale.ticks[i]) + 4 }));
    this.#svg.prepend(
      ...scale.ticks.map((tick) => svg("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) })),
      ...timesBetween(this.#from, this.#to, width).map((at) => text(minute(at), { class: "axis x", x: x(at), y: height - 4 })),
      ...this.#lines.map((line) => svg("path", { class: `line ${line.style}`, d: pathOf(this.#points, line.of, x, y) })));
    if (!values.length)
      this.#svg.append(text("No figures yet", { class: "axis empty", x: (left + width) / 2, y: height / 2 }));
  }

  /** Round numbers, so without zeros behind the point. */
  #label(tick) {
    return this.#format(tick).replace(/\.0+(?!\d)/, "");
  }

  #read(event) {
    const box = this.#svg.getBoundingClientRect();
    const share = (event.clientX - box.left - this.#left) / (box.width - this.#left - right);
    const at = this.#from + share * (this.#to - this.#from);
    const nearest = this.#points.reduce((best, point) => (!best || Math.abs(point.at - at) < Math.abs(best.at - at) ? point : best), null);
    this.#reading.hidden = !nearest;
    if (nearest) {
      const values = this.#lines.map((line) => line.of(nearest)).map((value) => (value == null ? none : this.#format(value)));
      this.#reading.textContent = `${time(nearest.at)}  ${values.join(" / ")}`;
    }
  }
}

/** Round numbers up to what is above the highest value. */
function scaleOf(most, binary, least) {
  if (most <= 0)
    return { top: 1, ticks: [0] };

  const step = Math.max(least, binary ? 2 ** Math.ceil(Math.log2(most / 2)) : roundUp(most / 2));
  return { top: step * 2, ticks: [0, step, step * 2] };
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value * 0.9999) * power;
}

function timesBetween(from, to, width) {
  const most = Math.max(1, Math.floor((width - narrowest) / 62));
  const step = [1, 2, 5, 10, 15, 30, 60].find((candidate) => (to - from) / (candidate * 60_000) <= most) ?? 60;
  const times = [];
  // Not at the very edges, where half of the text would be cut.
  const margin = ((to - from) * 18) / Math.max(1, width - narrowest);
  for (let at = Math.ceil((from + margin) / (step * 60_000)) * step * 60_000; at <= to - margin; at += step * 60_000)
    times.push(at);
  return times;
}

function pathOf(points, of, x, y) {
  let pen = "M";
  let path = "";
  for (const point of points) {
    const value = of(point);
    if (value == null) {
      pen = "M";
      continue;
    }

    path += `${pen}${x(point.at).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  }

  return path;
}

function svg(name, attributes) {
  const created = document.createElementNS("http://www.w3.org/2000/svg", name);
  setAll(created, attributes);
  return created;
}

function setAll(node, attributes) {
  for (const [attribute, value] of Object.entries(attributes))
    node.setAttribute(attribute, value);
}

function text(content, attributes) {
  const created = svg("text", attributes);
  created.textContent = content;
  return created;
}
