import { ReconnectingWebSocket } from './ws-pumps.js';

const longestLog = 100;
const pointsOfLine = 60;
const commands = ['measure', 'reset', 'dance', 'sleep', 'restart'];
const outcomes = { sent: 'waiting', done: 'done', failed: 'refused', late: 'no answer in time', lost: 'connection lost, nobody knows whether it was done', gone: 'not connected' };
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const degrees = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });

const page = Object.fromEntries([...document.querySelectorAll('[id]')].map((node) => [node.id, node]));
const devices = new Map();
const sent = new Map();

const socket = new ReconnectingWebSocket('watch');
socket.onopen = () => {
  // Another server begins its numbers anew.
  sent.clear();
  say('connected', 'Connected');
};
socket.onreconnecting = () => {
  say('lost', 'Reconnecting');
  for (const device of devices.values()) setPresence(device, false);
};
socket.onclose = ({ code, reason }) => say('lost', `Closed: ${reason || code}`);
socket.onmessage = ({ data }) => {
  const news = JSON.parse(data);
  if (news.type === 'device') showDevice(news);
  else showCommand(news);
};

page.toAll.addEventListener('submit', (event) => {
  event.preventDefault();
  send({ command: page.command.value });
});

/** A command is for now: what could not be sent at once is not kept for later. */
function send(command) {
  if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(command));
}

function say(state, text) {
  page.state.dataset.state = state;
  page.state.textContent = text;
  allowToAll();
}

/** What could not be sent is said by a button that is off. */
function allowToAll() {
  page.sendAll.disabled = socket.readyState !== WebSocket.OPEN || !page.devices.querySelector('.device:not(.away)');
}

function showDevice({ device: id, value, connected }) {
  const device = devices.get(id) ?? createDevice(id);
  device.points.push(value);
  if (device.points.length > pointsOfLine) device.points.shift();
  device.value.textContent = `${degrees.format(value)} °C`;
  device.path.setAttribute('d', lineOf(device.points));
  setPresence(device, connected);
}

function setPresence(device, connected) {
  device.node.classList.toggle('away', !connected);
  device.presence.textContent = connected ? 'connected' : 'away';
  for (const button of device.buttons) button.disabled = !connected;
  const away = page.devices.querySelectorAll('.away').length;
  page.count.textContent = away ? `${devices.size - away} of ${devices.size} connected` : `${devices.size} connected`;
  allowToAll();
}

function createDevice(id) {
  const name = element('bdi', id);
  name.title = id;
  const presence = element('span', '', 'presence');
  const title = element('div', '', 'bar');
  title.append(name, presence);
  const value = element('p', '', 'value');
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  svg.setAttribute('viewBox', '0 0 60 20');
  svg.setAttribute('preserveAspectRatio', 'none');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  svg.append(path);
  const buttons = commands.map((command) => {
    const button = element('button', command);
    button.type = 'button';
    button.addEventListener('click', () => send({ device: id, command }));
    return button;
  });
  const bar = element('div', '', 'commands');
  bar.append(...buttons);
  const node = element('li', '', 'device');
  node.dataset.testid = 'device';
  node.dataset.id = id;
  node.append(title, value, svg, bar);

  const after = [...page.devices.children].find((other) => other.dataset.id.localeCompare(id, undefined, { numeric: true }) > 0);
  page.devices.insertBefore(node, after ?? null);
  page.nobody.hidden = true;
  const device = { node, presence, value, path, buttons, points: [] };
  devices.set(id, device);
  return device;
}

function lineOf(points) {
  const [least, most] = [Math.min(...points), Math.max(...points)];
  return points.map((point, i) => `${i ? 'L' : 'M'}${60 - (points.length - 1 - i)} ${(19 - ((point - least) / (most - least || 1)) * 18).toFixed(1)}`).join('');
}

function showCommand({ number, device, command, outcome, text }) {
  const line = sent.get(number) ?? createLine(number, device, command);
  line.node.className = outcome;
  line.outcome.textContent = text ? `${outcomes[outcome]}: ${text}` : outcomes[outcome];
}

function createLine(number, device, command) {
  const node = element('li');
  node.dataset.testid = 'command';
  const outcome = element('bdi', '', 'outcome');
  node.append(element('time', clock.format(new Date())), element('bdi', device), element('span', command), outcome);
  page.log.prepend(node);
  page.nothing.hidden = true;
  const line = { node, outcome };
  sent.set(number, line);
  if (page.log.children.length > longestLog) page.log.lastChild.remove();
  if (sent.size > longestLog) sent.delete(sent.keys().next().value);
  return line;
}

function element(name, text = '', className = '') {
  const created = document.createElement(name);
  created.textContent = text;
  created.className = className;
  return created;
}
