import { ReconnectingWebSocket } from './ws-pumps.js';

const longestLog = 500;
const groupedFor = 3 * 60 * 1000;
const states = { idle: 'Not connected', connecting: 'Connecting', connected: 'Connected', reconnecting: 'Reconnecting', closed: 'Disconnected' };
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

const page = Object.fromEntries([...document.querySelectorAll('[id]')].map((node) => [node.id, node]));
const session = randomKey();
const user = (localStorage.chatUser ??= randomKey());
const unconfirmed = new Map();
const seen = new Set();

let socket = null;
let joined = false;
let wishedName = '';
let me = null;
let room = '';
let version = 0;
let lastMessage = null;
let following = true;

// A link to a room: #room=Garden
page.roomName.value = new URLSearchParams(location.hash.slice(1)).get('room') ?? '';
showRooms();

page.joinForm.addEventListener('submit', (event) => {
  event.preventDefault();
  wishedName = wellFormed(page.name.value.trim());
  room = wellFormed(page.roomName.value.trim());
  if (!wishedName) return failToJoin('Please enter a name.');

  page.joinError.textContent = '';
  page.joinFields.disabled = true;
  connect();
});

page.sendForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = wellFormed(page.text.value.trim());
  if (!text) return;

  const line = { key: randomKey(), text, item: messageItem(me, text, new Date()), sent: false };
  unconfirmed.set(line.key, line);
  page.unconfirmed.append(line.item);
  page.empty.hidden = true;
  toEnd();
  sendUnconfirmed();
  page.text.value = '';
  page.text.focus();
});

page.leave.addEventListener('click', () => {
  socket.close(1000, 'left the room');
  forgetRoom();
  page.name.value = wishedName;
  page.roomName.value = '';
  history.replaceState(null, '', location.pathname);
  showRooms();
  page.roomName.focus();
});

// The server breaks the connection, as a network does that is gone: a page itself could only say goodbye.
page.pull.addEventListener('click', () => fetch(`pull/${session}`, { method: 'POST' }));
page.again.addEventListener('click', connect);

page.text.addEventListener('keydown', (event) => {
  // While an input method composes, Enter chooses a word.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  page.sendForm.requestSubmit();
});

page.newest.addEventListener('click', toEnd);
page.scroller.addEventListener('scroll', () => {
  following = isAtEnd();
  if (following) page.newest.hidden = true;
});
// The banner, a keyboard on the screen or a long draft take room from the messages.
new ResizeObserver(() => following && toEnd()).observe(page.scroller);

function connect() {
  setState('connecting');
  socket = new ReconnectingWebSocket(`chat?page=${session}`, [], { resume: true });
  socket.onopen = onOpen;
  socket.onmessage = (event) => onMessage(JSON.parse(event.data));
  socket.onreconnecting = onLost;
  socket.onclose = onClosed;
}

function onOpen({ resumed }) {
  if (resumed) {
    joined = true;
    setState('connected');
    sendUnconfirmed();
  } else {
    version = 0;
    socket.send(JSON.stringify({ type: 'join', name: wishedName, session, user, room }));
  }
}

function onLost() {
  joined = false;
  setState(me ? 'reconnecting' : 'connecting');
}

/** For good: the server does not want this page any more. */
function onClosed({ code, reason }) {
  joined = false;
  if (!me) return failToJoin(reason || 'The server has closed the connection.');
  page.why.textContent = reason || `The server has closed the connection (${code}).`;
  setState('closed');
}

/** What is on its way when a connection is lost is sent again by the socket where that is resumed, and by this page where it is not. */
function sendUnconfirmed() {
  if (!joined) return;
  for (const line of unconfirmed.values()) {
    if (!line.sent) socket.send(JSON.stringify({ type: 'say', key: line.key, text: line.text }));
    line.sent = true;
  }
}

function onMessage(message) {
  switch (message.type) {
    case 'welcome':
      return welcome(message);
    case 'online':
      return online(message);
    case 'said':
      return said(message);
    case 'refused':
      return refused(message);
  }
}

function welcome({ you, room: where }) {
  notice(me ? 'You are back as ' : 'You joined as ', you.name);
  me = you;
  joined = true;
  // Asked for from now on: after a restart of the server, two people of the same name keep their numbers.
  wishedName = you.name;
  room = where;
  page.where.textContent = room;
  page.here.hidden = false;
  history.replaceState(null, '', `#${new URLSearchParams({ room })}`);
  page.join.hidden = true;
  const isNew = page.room.hidden;
  page.room.hidden = false;
  setState('connected');
  if (isNew) page.text.focus();
  for (const line of unconfirmed.values()) line.sent = false;
  sendUnconfirmed();
}

function forgetRoom() {
  socket.onmessage = socket.onopen = socket.onreconnecting = socket.onclose = null;
  me = lastMessage = null;
  joined = false;
  version = 0;
  following = true;
  seen.clear();
  unconfirmed.clear();
  for (const list of [page.log, page.unconfirmed, page.people]) list.replaceChildren();
  page.text.value = '';
  page.room.hidden = page.here.hidden = page.newest.hidden = true;
  page.join.hidden = false;
  page.joinFields.disabled = false;
  setState('idle');
}

function online({ version: newVersion, people, joined: came, left }) {
  if (came && came.id !== me?.id) notice('', came.name, ' joined');
  if (left) notice('', left.name, ' left');
  if (newVersion <= version) return;

  version = newVersion;
  page.count.textContent = people.length;
  page.people.replaceChildren(...people.map(personItem));
  page.empty.hidden = people.length > 1 || seen.size + unconfirmed.size > 0;
}

function said({ by, text, key, time }) {
  unconfirmed.get(key)?.item.remove();
  const mine = unconfirmed.delete(key);
  // Sent twice, when a connection was lost between a message and its echo.
  if (seen.has(key)) return;

  seen.add(key);
  page.empty.hidden = true;
  const at = new Date(time);
  const item = messageItem(by, text, at, mine || by.id === me?.id);
  const grouped = lastMessage?.by.id === by.id && at - lastMessage.at < groupedFor;
  item.classList.toggle('grouped', grouped);
  lastMessage = { by, at };
  append(item);
}

function refused({ reason, key }) {
  const message = unconfirmed.get(key);
  if (message) {
    unconfirmed.delete(key);
    message.item.classList.add('refused');
    message.item.append(element('p', 'reason', reason));
  } else if (page.room.hidden) {
    failToJoin(reason);
  } else {
    notice(reason);
  }
}

function failToJoin(reason) {
  if (socket) {
    socket.onclose = null;
    socket.close();
  }

  setState('idle');
  page.joinFields.disabled = false;
  page.joinError.textContent = reason;
  page.name.focus();
}

function setState(state) {
  document.body.dataset.state = state;
  page.state.textContent = states[state];
  page.banner.hidden = state !== 'reconnecting';
  page.closed.hidden = state !== 'closed';
  page.pull.disabled = state !== 'connected';
}

function showRooms() {
  fetch('rooms').then((response) => response.json()).then((rooms) =>
    page.rooms.replaceChildren(...rooms.map(({ name, pages }) => new Option(`${pages} here`, name))));
}

/** A name may run from right to left; it must not turn what stands beside it. */
function notice(text, name = '', after = '') {
  const item = element('li', 'notice');
  item.append(text, element('bdi', '', name), after);
  item.dataset.testid = 'notice';
  lastMessage = null;
  append(item);
}

/** Keeps the end in view while it is in view; a reader who has scrolled up is told instead. */
function append(item) {
  page.log.append(item);
  while (page.log.children.length > longestLog) page.log.firstElementChild.remove();
  if (following) toEnd();
  else page.newest.hidden = false;
}

function toEnd() {
  page.scroller.scrollTop = page.scroller.scrollHeight;
}

function isAtEnd() {
  return page.scroller.scrollHeight - page.scroller.scrollTop - page.scroller.clientHeight < 40;
}

function messageItem(by, text, at, mine = true) {
  const item = element('li', mine ? 'message own' : 'message');
  item.dataset.testid = 'message';
  item.dataset.own = mine;
  const time = element('time', 'time', clock.format(at));
  time.dateTime = at.toISOString();
  time.dataset.testid = 'message-time';
  const author = element('bdi', 'author', by.name);
  author.dataset.testid = 'message-author';
  const meta = element('p', 'meta');
  meta.append(author, ' ', time);
  const body = element('p', 'text', text);
  body.dataset.testid = 'message-text';
  body.dir = 'auto';
  const bubble = element('div', 'bubble');
  bubble.append(meta, body);
  item.append(avatar(by.name), bubble);
  return item;
}

function personItem(person) {
  const item = element('li', 'person');
  item.dataset.testid = 'online-person';
  const name = element('bdi', 'name', person.name);
  name.dataset.testid = 'online-name';
  item.append(avatar(person.name), name);
  if (person.pages > 1) item.append(element('span', 'pages', `${person.pages} pages`));
  if (person.id === me?.id) item.append(element('span', 'you', 'you'));
  return item;
}

function avatar(name) {
  const node = element('span', 'avatar', [...name][0].toUpperCase());
  node.setAttribute('aria-hidden', 'true');
  const hash = [...name].reduce((sum, char) => Math.imul(sum, 31) + char.codePointAt(0), 7);
  node.style.setProperty('--hue', Math.abs(hash * 137) % 360);
  return node;
}

/** All text goes through here, as text: nothing that anybody writes is ever read as HTML. */
function element(tag, className, text = '') {
  const node = document.createElement(tag);
  node.className = className;
  node.textContent = text;
  return node;
}

/** Half of a surrogate pair can be typed or pasted, and is no text that JSON could carry. */
function wellFormed(text) {
  return text.toWellFormed?.() ?? text;
}

/** Not randomUUID: browsers offer that over https and on localhost only. */
function randomKey() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
