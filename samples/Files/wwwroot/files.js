const state = document.getElementById('state');
const list = document.getElementById('files');
const none = document.getElementById('none');
const input = document.getElementById('file');
const socket = new WebSocket(new URL('files', location.href).href.replace('http', 'ws'));
let expected;

socket.onopen = () => (state.textContent = 'Connected');
socket.onclose = (event) => (state.textContent = `Closed with ${event.code}${event.reason && `, ${event.reason}`}. Reload the page to connect again.`);
socket.onmessage = ({ data }) => (typeof data === 'string' ? told(JSON.parse(data)) : received(data));

function told({ files, stored, file, length, error }) {
  if (files) {
    list.replaceChildren(...files.map(item));
    none.hidden = files.length > 0;
  }
  if (stored) say(stored, `is stored, ${length} bytes`);
  if (file) expected = file;
  if (error) state.textContent = error;
}

/** The browser has put the fragments together. */
function received(blob) {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = expected;
  link.click();
  URL.revokeObjectURL(link.href);
  say(expected, `has come, ${blob.size} bytes`);
}

/**
 * Names are written from left to right or from right to left, and turn nothing beside them. What would turn a name itself, so that a
 * program passes for a picture, is shown by its code point.
 */
function isolated(name) {
  const node = document.createElement('bdi');
  node.textContent = name.replace(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu, (c) => `[U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
  return node;
}

function say(name, what) {
  state.replaceChildren(isolated(name), ` ${what}`);
}

function item(name) {
  const button = document.createElement('button');
  button.append(isolated(name));
  button.onclick = () => socket.send(`get ${name}`);
  const row = document.createElement('li');
  row.append(button);
  return row;
}

input.onchange = () => {
  const [file] = input.files;
  if (!file) return;
  socket.send(`put ${file.name}`);
  // The browser reads it from the disk as the connection takes it.
  socket.send(file);
  say(file.name, 'is being sent');
  input.value = '';
};
