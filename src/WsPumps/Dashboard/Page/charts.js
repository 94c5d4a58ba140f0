// Lines of the last two minutes, one point a second.
const points = 120;
const width = 240;
const height = 56;

export class Chart {
  #svg;
  #lines;

  constructor(id, lines = 1) {
    this.#svg = document.getElementById(id);
    this.#lines = Array.from({ length: lines }, () => []);
    for (const line of this.#lines) {
      line.path = document.createElementNS("http://www.w3.org/2000/svg", "path");
      this.#svg.append(line.path);
    }
  }

  /** One value for each line; null leaves a gap. */
  add(...values) {
    this.#lines.forEach((line, i) => {
      line.push(values[i]);
      if (line.length > points)
        line.shift();
    });
    const top = Math.max(1e-9, ...this.#lines.flat().filter((value) => value !== null));
    for (const line of this.#lines)
      line.path.setAttribute("d", this.#draw(line, top));
  }

  #draw(line, top) {
    let pen = "M";
    let path = "";
    line.forEach((value, i) => {
      if (value === null) {
        pen = "M";
        return;
      }

      const x = width - (line.length - 1 - i) * (width / (points - 1));
      const y = height - 3 - (value / top) * (height - 6);
      path += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
      pen = "L";
    });
    return path;
  }
}
