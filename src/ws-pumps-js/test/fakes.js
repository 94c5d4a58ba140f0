import { mock } from 'node:test';
import { ReconnectingWebSocket } from '../dist/ws-pumps.js';

/** A socket whose peer is the test. */
export class FakeWebSocket {
  static all = [];
  readyState = 0;
  protocol = '';
  extensions = '';
  bufferedAmount = 0;
  binaryType = 'blob';
  sent = [];
  closedWith = undefined;
  onopen = null;
  onmessage = null;
  onerror = null;
  onclose = null;

  constructor(url, protocols) {
    if (protocols.includes('not allowed')) throw new SyntaxError('The subprotocol is invalid.');
    this.url = url;
    this.protocols = protocols;
    FakeWebSocket.all.push(this);
  }

  static get last() {
    return this.all.at(-1);
  }

  static get live() {
    return this.all.filter((socket) => socket.readyState < 2);
  }

  send(data) {
    this.sent.push(data);
  }

  close(code, reason) {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) throw new RangeError('InvalidAccessError');
    if (this.readyState > 1) return;
    this.closedWith = { code, reason };
    this.readyState = 2;
  }

  opens(protocol = '') {
    if (this.readyState !== 0) return;
    this.protocol = protocol;
    this.readyState = 1;
    this.onopen?.({});
  }

  receives(data) {
    this.onmessage?.({ data, origin: 'wss://example.test' });
  }

  closes(code = 1006, reason = '') {
    this.readyState = 3;
    if (code === 1006) this.onerror?.({});
    this.onclose?.({ code, reason, wasClean: code !== 1006 });
  }
}

/** Time, chance and page are in the hands of the test; whatever it leaves open is closed. */
export function environment(test) {
  FakeWebSocket.all = [];
  mock.timers.enable({ apis: ['setTimeout', 'Date'] });
  const random = mock.method(Math, 'random', () => environment.random);
  environment.random = 0.5;
  const page = new EventTarget();
  const counts = { listeners: 0, timers: 0 };
  globalThis.document = Object.assign(new EventTarget(), { hidden: false, baseURI: 'https://example.test/app/' });
  globalThis.addEventListener = (type, listener, options) => {
    counts.listeners++;
    options.signal.addEventListener('abort', () => counts.listeners--);
    page.addEventListener(type, listener, options);
  };
  const opened = [];
  test.after(() => {
    for (const socket of opened) socket.close();
    mock.timers.reset();
    random.mock.restore();
    delete globalThis.document;
    delete globalThis.addEventListener;
  });

  return {
    counts,
    page,
    document: globalThis.document,
    /** Makes one, and waits until its first socket is there. */
    async open(options = {}, protocols = [], url = 'wss://example.test/chat') {
      const socket = new ReconnectingWebSocket(url, protocols, { WebSocket: FakeWebSocket, ...options });
      const events = [];
      for (const type of ['open', 'message', 'error', 'close', 'reconnecting', 'unsent']) socket.addEventListener(type, (event) => events.push(event));
      opened.push(socket);
      await settle();
      return { socket, events, types: () => events.map((event) => event.type) };
    },
    async pass(milliseconds) {
      mock.timers.tick(milliseconds);
      await settle();
    },
  };
}

/** Lets go on what waits for promises that are fulfilled. */
export async function settle() {
  for (let i = 0; i < 10; i++) await Promise.resolve();
}
