const shown = 12_000;
const rateOver = 2000;

/** One connection as the user sees it: figures, a chart of one symbol, and all prices. */
export class Panel {
  points = [];
  #arrivals = [];
  #rows = new Map();
  #state = '';

  constructor(id, title, about, charted) {
    this.charted = charted;
    this.node = document.getElementById('panel').content.cloneNode(true).firstElementChild;
    this.node.classList.add(id);
    this.node.dataset.testid = id;
    this.#find('h2').textContent = title;
    this.#find('figcaption').textContent = `${charted}, the last ${shown / 1000} seconds${id === 'slow' ? '; grey: as it was made' : ''}`;
    this.about = about;
  }

  set about(text) {
    this.#find('.about').textContent = text;
  }

  set state(text) {
    if (text === this.#state) return;
    this.#state = text;
    this.node.dataset.state = text;
    this.#find('.stateText').textContent = text;
  }

  clear() {
    this.points = [];
    this.#arrivals = [];
  }

  price({ symbol, value }, now, age) {
    this.#arrivals.push({ now, age });
    if (symbol === this.charted) this.points.push({ at: now, value });

    const row = this.#rows.get(symbol) ?? this.#addRow(symbol);
    row.price.textContent = value.toFixed(2);
    row.price.className = value >= row.value ? 'up' : 'down';
    row.value = value;
    row.age.textContent = seconds(age);
  }

  showStatistics({ queued, replaced, lost }) {
    this.#show('queued', queued);
    this.#show('replaced', replaced.toLocaleString('en'));
    this.#show('lost', lost.toLocaleString('en'));
  }

  showFigures() {
    const now = Date.now();
    this.#arrivals = this.#arrivals.filter((arrival) => now - arrival.now < rateOver);
    const ages = this.#arrivals.map((arrival) => arrival.age).sort((a, b) => a - b);
    this.#show('rate', Math.round(ages.length / (rateOver / 1000)));
    this.#show('age', ages.length ? seconds(ages[ages.length >> 1]) : '–');
    const age = this.#find('[data-figure=age]');
    age.dataset.milliseconds = ages.length ? Math.round(ages[ages.length >> 1]) : '';
    age.classList.toggle('old', ages[ages.length >> 1] > 2000);
  }

  /** Both panels are drawn over the prices as they were: what lies to the right of them came late. */
  draw(truth) {
    const now = Date.now();
    this.points = this.points.filter((point) => now - point.at < shown + 1000);
    const all = [...truth, ...this.points].map((point) => point.value);
    const [low, high] = [Math.min(...all), Math.max(...all)];
    const place = ({ at, value }) => [600 - ((now - at) / shown) * 600, 150 - ((value - low) / (high - low || 1)) * 140];
    this.#find('.line').setAttribute('d', steps(this.points.map(place)));
    this.#find('.truth').setAttribute('d', truth === this.points ? '' : steps(truth.map(place)));
  }

  #addRow(symbol) {
    const line = this.#find('tbody').insertRow();
    line.insertCell().textContent = symbol;
    const row = { price: line.insertCell(), age: line.insertCell(), value: 0 };
    this.#rows.set(symbol, row);
    return row;
  }

  #show(figure, value) {
    this.#find(`[data-figure=${figure}]`).textContent = value;
  }

  #find(selector) {
    return this.node.querySelector(selector);
  }
}

/** A price stands until the next one comes. */
function steps(points) {
  if (points.length === 0) return '';
  const [[x, y], ...rest] = points.map(([px, py]) => [px.toFixed(1), py.toFixed(1)]);
  return `M${x} ${y}${rest.map(([px, py]) => `H${px}V${py}`).join('')}H600`;
}

function seconds(milliseconds) {
  return milliseconds < 1000 ? `${Math.round(milliseconds)} ms` : `${(milliseconds / 1000).toFixed(1)} s`;
}
