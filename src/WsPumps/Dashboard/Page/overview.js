// Figures and charts of the whole application, and how connections have ended.
import { Chart } from "./charts.js";
import { byId, element, keep, put } from "./dom.js";
import { milliseconds, none, number, percent, size } from "./format.js";
import { explained, whyEnded } from "./terms.js";

const kept = 3600_000;
const figure = (id) => document.querySelector(`figure[data-testid="${id}"]`);
const line = (name, style) => ({ style, of: (sample) => sample[name] });
const charts = [
  new Chart(figure("connections"), { label: "Connections over time", format: number, least: 1, lines: [line("connections", "plain")] }),
  new Chart(figure("messages"), {
    label: "Messages in and out per second over time", format: number,
    lines: [line("receivedPerSecond", "in"), line("sentPerSecond", "out")],
  }),
  new Chart(figure("bytes"), {
    label: "Bytes in and out per second over time", format: size, binary: true, least: 1,
    lines: [line("bytesReceivedPerSecond", "in"), line("bytesSentPerSecond", "out")],
  }),
  new Chart(figure("queued"), {
    label: "Queued messages over time", format: number, least: 1, lines: [line("queuedMessages", "warning")],
  }),
  new Chart(figure("dropped"), { label: "Dropped messages per second over time", format: number, lines: [line("droppedPerSecond", "bad")] }),
  new Chart(figure("round-trip"), { label: "Median round-trip time over time", format: milliseconds, lines: [line("roundTrip", "plain")] }),
  new Chart(figure("processor"), { label: "Use of the processors over time", format: percent, lines: [line("processor", "plain")] }),
];

let samples = [];
let before;
let range = 15 * 60_000;

for (const button of document.querySelectorAll("[data-minutes]")) {
  button.addEventListener("click", () => {
    range = button.dataset.minutes * 60_000;
    for (const other of document.querySelectorAll("[data-minutes]"))
      other.setAttribute("aria-pressed", other === button);
    draw();
  });
}

export function showHistory(message) {
  samples = message.samples;
  before = undefined;
  draw();
}

export function showOverview(now) {
  byId("connections").textContent = number(now.connections);
  byId("queued").textContent = `${number(now.totals.queuedMessages)} · ${size(now.totals.queuedBytes)}`;
  byId("round-trip").textContent = now.roundTrip == null ? none : milliseconds(now.roundTrip);
  byId("processor").textContent = now.sample ? percent(now.sample.processor) : none;
  showRates(now);
  showEndings(now.endings);
  if (now.sample && now.sample.at > (samples.at(-1)?.at ?? 0)) {
    samples.push(now.sample);
    samples = samples.filter((sample) => sample.at > now.sample.at - kept);
    draw();
  }
}

function draw() {
  const to = samples.at(-1)?.at ?? Date.now();
  for (const chart of charts)
    chart.show(samples, to - range, to);
}

/** Rates are differences, so the first state has none; and answers to a query come in between the seconds. */
function showRates(now) {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  if (before && seconds < 0.9)
    return;

  if (before) {
    const rate = (name) => Math.max(0, (now.totals[name] - before.totals[name]) / seconds);
    byId("messages").textContent = `${number(rate("messagesReceived"))} / ${number(rate("messagesSent"))}`;
    byId("bytes").textContent = `${size(rate("bytesReceived"))} / ${size(rate("bytesSent"))}`;
    byId("dropped").textContent = number(rate("messagesDropped"));
  }

  before = now;
}

function showEndings(endings) {
  const list = Object.entries(endings).sort(([, a], [, b]) => b.count - a.count);
  const most = Math.max(1, ...list.map(([, ending]) => ending.count));
  byId("no-endings").hidden = list.length > 0;
  keep(byId("endings"), list, ([name]) => name,
    ([name, ending]) => {
      const [term, meaning] = explained(name.replaceAll("_", " "), whyEnded(name, ending.severity));
      return element("li", `ending ${ending.severity}`, element("span", "", term), element("i"), element("b"), meaning);
    },
    (item, [, ending]) => {
      item.querySelector("i").style.width = `${Math.max(2, (ending.count / most) * 100)}%`;
      put(item.querySelector("b"), ending.count, number(ending.count));
    });
}
