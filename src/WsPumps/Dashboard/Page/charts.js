// Lines over time, with axes. One unit is one pixel, so that the text is not stretched.
import { element } from "./dom.js";
import { minute, none, time } from "./format.js";

const height = 112;
const left = 50;
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
    if (width <= left + right)
      return;

    this.#svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const most = Math.max(0, ...this.#points.flatMap((point) => this.#lines.map((line) => line.of(point) ?? 0)));
    const scale = scaleOf(most, this.#binary, this.#least);
    const x = (at) => left + ((at - this.#from) / Math.max(1, this.#to - this.#from)) * (width - left - right);
    const y = (value) => height - bottom - (value / scale.top) * (height - top - bottom);
    this.#svg.replaceChildren(
      ...scale.ticks.flatMap((tick) => [
        svg("line", { class: "grid", x1: left, x2: width - right, y1: y(tick), y2: y(tick) }),
        text(this.#format(tick), { class: "axis y", x: left - 6, y: y(tick) + 4 }),
      ]),
      ...timesBetween(this.#from, this.#to, width).map((at) => text(minute(at), { class: "axis x", x: x(at), y: height - 4 })),
      ...this.#lines.map((line) => svg("path", { class: `line ${line.style}`, d: pathOf(this.#points, line.of, x, y) })));
    if (!this.#points.length)
      this.#svg.append(text("No figures yet", { class: "axis empty", x: (left + width) / 2, y: height / 2 }));
  }

  #read(event) {
    const box = this.#svg.getBoundingClientRect();
    const at = this.#from + ((event.clientX - box.left - left) / (box.width - left - right)) * (this.#to - this.#from);
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

  const unit = binary ? 1024 ** Math.floor(Math.log(Math.max(1, most)) / Math.log(1024)) : 1;
  const step = Math.max(least, roundUp(most / unit / 2) * unit);
  return { top: step * 2, ticks: [0, step, step * 2] };
}

function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].find((factor) => factor * power >= value * 0.9999) * power;
}

function timesBetween(from, to, width) {
  const most = Math.max(1, Math.floor((width - left) / 62));
  const step = [1, 2, 5, 10, 15, 30, 60].find((candidate) => (to - from) / (candidate * 60_000) <= most) ?? 60;
  const times = [];
  // Not at the very edges, where half of the text would be cut.
  const margin = ((to - from) * 18) / Math.max(1, width - left);
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
  for (const [attribute, value] of Object.entries(attributes))
    created.setAttribute(attribute, value);
  return created;
}

function text(content, attributes) {
  const created = svg("text", attributes);
  created.textContent = content;
  return created;
}
