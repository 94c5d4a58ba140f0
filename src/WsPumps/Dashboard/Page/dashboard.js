import { Chart } from "./charts.js";
import { ReconnectingWebSocket } from "./ws-pumps.js";

const byId = (id) => document.getElementById(id);
const charts = {
  connections: new Chart("connections-chart"),
  messages: new Chart("messages-chart", 2),
  bytes: new Chart("bytes-chart", 2),
  queued: new Chart("queued-chart"),
  roundTrip: new Chart("round-trip-chart"),
};
const rows = new Map();
const number = new Intl.NumberFormat("en", { maximumFractionDigits: 1, notation: "compact" });
const search = byId("search");
let socket;
let before;

function connect() {
  socket = new ReconnectingWebSocket(new URL("./live", import.meta.url));
  socket.onopen = () => {
    if (search.value)
      send({ search: search.value });
  };
  socket.onmessage = (event) => show(JSON.parse(event.data));
  socket.onreconnecting = () => {
    before = undefined;
    say("Connection lost. Trying again", "lost");
  };
  socket.onclose = (event) => say(`Closed: ${event.reason || event.code}. Reload the page to try again`, "lost");
}

function send(message) {
  if (socket.readyState === WebSocket.OPEN)
    socket.send(JSON.stringify(message));
}

function say(text, kind) {
  const state = byId("state");
  // A status is read out when it changes.
  if (state.textContent !== text)
    state.textContent = text;
  state.className = `state ${kind}`;
}

function show(now) {
  say(now.draining ? "Draining: no new connections" : "Live", now.draining ? "lost" : "live");
  byId("connections").textContent = number.format(now.connections);
  byId("queued").textContent = `${number.format(now.totals.queuedMessages)} · ${size(now.totals.queuedBytes)}`;
  byId("round-trip").textContent = now.roundTrip === null ? "–" : milliseconds(now.roundTrip);
  showRates(now);
  showEndings(now.endings);
  showRows(now);
}

/** Rates are differences, so the first state has none; and answers to a search come in between the seconds. */
function showRates(now) {
  const seconds = before ? (now.at - before.at) / 1000 : 0;
  if (before && seconds < 0.9)
    return;

  charts.connections.add(now.connections);
  charts.queued.add(now.totals.queuedMessages);
  charts.roundTrip.add(now.roundTrip);
  if (before) {
    const rate = (name) => Math.max(0, (now.totals[name] - before.totals[name]) / seconds);
    const messages = [rate("messagesReceived"), rate("messagesSent")];
    const bytes = [rate("bytesReceived"), rate("bytesSent")];
    byId("messages").textContent = messages.map((value) => number.format(value)).join(" / ");
    byId("bytes").textContent = bytes.map(size).join(" / ");
    charts.messages.add(...messages);
    charts.bytes.add(...bytes);
  }

  before = now;
}

function showEndings(endings) {
  const most = Math.max(1, ...Object.values(endings));
  const list = Object.entries(endings).sort(([, a], [, b]) => b - a).map(([ending, count]) => {
    const name = element("dt", ending.replaceAll("_", " "));
    const meter = element("meter");
    meter.max = most;
    meter.value = count;
    meter.setAttribute("aria-hidden", "true");
    return [name, meter, element("dd", number.format(count))];
  });
  byId("endings").replaceChildren(...(list.length ? list.flat() : [element("dt", "none yet")]));
}

function showRows(now) {
  byId("shown").textContent = now.rows.length < now.matching ? `${now.rows.length} of ${number.format(now.matching)}` : `${now.matching}`;
  const seen = new Set(now.rows.map((row) => row.id));
  for (const [id, row] of rows) {
    if (!seen.has(id)) {
      row.remove();
      rows.delete(id);
    }
  }

  const body = byId("rows");
  now.rows.forEach((data, i) => {
    const row = rows.get(data.id) ?? create(data);
    fill(row, data);
    // Moved only where the order changed: a button that is moved loses the focus.
    if (body.children[i] !== row)
      body.insertBefore(row, body.children[i] ?? null);
  });
}

const columns = [
  ["", "id", (data) => data.id],
  ["User", "user", (data) => data.user ?? "–"],
  ["Groups", "groups", (data) => data.groups.join(", ") || "–"],
  ["Age", "number", (data) => (data.age === null ? "–" : age(data.age))],
  ["Round trip", "number", (data) => (data.roundTrip === null ? "–" : milliseconds(data.roundTrip))],
  ["Queued", "number queued", (data) => `${number.format(data.queuedMessages)} · ${size(data.queuedBytes)}`],
  ["Sent", "number", (data) => number.format(data.sent)],
  ["Received", "number", (data) => number.format(data.received)],
  ["Dropped", "number dropped", (data) => number.format(data.dropped)],
];

function create(data) {
  const row = element("tr");
  row.dataset.testid = "row";
  for (const [name, style] of columns) {
    const cell = element("td");
    cell.className = style;
    if (name)
      cell.dataset.name = name;
    row.append(cell);
  }

  const cell = element("td");
  cell.className = "action";
  cell.append(kickButton(data.id));
  row.append(cell);
  rows.set(data.id, row);
  return row;
}

function fill(row, data) {
  columns.forEach(([, , text], i) => {
    if (row.children[i].textContent !== text(data))
      row.children[i].textContent = text(data);
  });
  row.querySelector(".queued").classList.toggle("full", data.queuedMessages > 0);
  row.querySelector(".dropped").classList.toggle("full", data.dropped > 0);
}

/** Asks once more before it does it. */
function kickButton(id) {
  const button = element("button", "Kick");
  button.type = "button";
  button.setAttribute("aria-label", `Kick ${id}`);
  const calm = () => {
    button.textContent = "Kick";
    button.className = "";
    button.setAttribute("aria-label", `Kick ${id}`);
  };
  button.addEventListener("blur", calm);
  button.addEventListener("click", () => {
    if (button.className === "sure") {
      send({ kick: id });
      calm();
      return;
    }

    button.textContent = "Really?";
    button.className = "sure";
    button.setAttribute("aria-label", `Really kick ${id}?`);
    button.focus();
  });
  return button;
}

function element(name, text) {
  const created = document.createElement(name);
  if (text !== undefined)
    created.textContent = text;
  return created;
}

function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  while (bytes >= 1024 && unit < units.length - 1) {
    bytes /= 1024;
    unit++;
  }

  return `${bytes >= 100 || unit === 0 ? Math.round(bytes) : bytes.toFixed(1)} ${units[unit]}`;
}

function milliseconds(value) {
  return value >= 1000 ? `${(value / 1000).toFixed(1)} s` : `${value.toFixed(value < 10 ? 2 : 0)} ms`;
}

function age(seconds) {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return parts.map((part, i) => (i === 0 ? part : String(part).padStart(2, "0"))).join(":");
}

search.addEventListener("input", () => send({ search: search.value }));
connect();
