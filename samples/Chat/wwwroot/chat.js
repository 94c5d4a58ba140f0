import { connect } from './connection.js';

const longestLog = 500;
const groupedFor = 3 * 60 * 1000;
const states = { idle: 'Not connected', connecting: 'Connecting', connected: 'Connected', reconnecting: 'Reconnecting' };
const clock = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' });

const page = Object.fromEntries([...document.querySelectorAll('[id]')].map((node) => [node.id, node]));
const session = randomKey();
const user = (localStorage.chatUser ??= randomKey());
const unconfirmed = new Map();
const seen = new Set();

let connection = null;
let wishedName = '';
let me = null;
let room = '';
let version = 0;
let lastMessage = null;
let following = true;

// A link to a room: #room=Garden
page.roomName.value = new URLSearchParams(location.hash.slice(1)).get('room') ?? '';
fetch('rooms').then((response) => response.json()).then((rooms) =>
  page.rooms.replaceChildren(...rooms.map(({ name, pages }) => new Option(`${pages} here`, name))));

page.joinForm.addEventListener('submit', (event) => {
  event.preventDefault();
  wishedName = wellFormed(page.name.value.trim());
  room = wellFormed(page.roomName.value.trim());
  if (!wishedName) return failToJoin('Please enter a name.');

  page.joinError.textContent = '';
  page.joinFields.disabled = true;
  setState('connecting');
  const url = new URL('chat', location.href);
  url.protocol = url.protocol.replace('http', 'ws');
  connection = connect(url, { onOpen, onMessage, onLost: () => setState('reconnecting') });
});

page.sendForm.addEventListener('submit', (event) => {
  event.preventDefault();
  const text = wellFormed(page.text.value.trim());
  if (!text) return;

  const key = randomKey();
  const item = messageItem(me, text, new Date());
  unconfirmed.set(key, { text, item });
  page.unconfirmed.append(item);
  toEnd();
  connection.send({ type: 'say', key, text });
  page.text.value = '';
  page.text.focus();
});

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

function onOpen() {
  version = 0;
  connection.send({ type: 'join', name: wishedName, session, user, room });
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

function welcome({ you, room: joined }) {
  notice(me ? `You are back as ${you.name}` : `You joined as ${you.name}`);
  me = you;
  // Asked for from now on: after a restart of the server, two people of the same name keep their numbers.
  wishedName = you.name;
  room = joined;
  page.where.textContent = room;
  page.where.hidden = false;
  history.replaceState(null, '', `#${new URLSearchParams({ room })}`);
  page.join.hidden = true;
  page.room.hidden = false;
  setState('connected');
  page.text.focus();
  for (const [key, { text }] of unconfirmed) connection.send({ type: 'say', key, text });
}

function online({ version: newVersion, people, joined, left }) {
  if (joined && joined.id !== me?.id) notice(`${joined.name} joined`);
  if (left) notice(`${left.name} left`);
  if (newVersion <= version) return;

  version = newVersion;
  page.count.textContent = people.length;
  page.people.replaceChildren(...people.map(personItem));
}

function said({ by, text, key, time }) {
  unconfirmed.get(key)?.item.remove();
  const mine = unconfirmed.delete(key);
  // Sent twice, when a connection was lost between a message and its echo.
  if (seen.has(key)) return;

  seen.add(key);
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
  connection?.close();
  setState('idle');
  page.joinFields.disabled = false;
  page.joinError.textContent = reason;
  page.name.focus();
}

function setState(state) {
  document.body.dataset.state = state;
  page.state.textContent = states[state];
  page.banner.hidden = state !== 'reconnecting';
  page.sendFields.disabled = state !== 'connected';
}

function notice(text) {
  const item = element('li', 'notice', text);
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
  const author = element('span', 'author', by.name);
  author.dataset.testid = 'message-author';
  const meta = element('p', 'meta');
  meta.append(author, ' ', time);
  const body = element('p', 'text', text);
  body.dataset.testid = 'message-text';
  const bubble = element('div', 'bubble');
  bubble.append(meta, body);
  item.append(avatar(by.name), bubble);
  return item;
}

function personItem(person) {
  const item = element('li', 'person');
  item.dataset.testid = 'online-person';
  const name = element('span', 'name', person.name);
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
