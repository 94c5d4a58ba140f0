import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReconnectingWebSocket } from '../dist/ws-pumps.js';
import { FakeWebSocket, environment } from './fakes.js';

test('an open connection has the members of a WebSocket', async (t) => {
  const { open } = environment(t);
  const { socket } = await open({}, ['chat', 'other']);
  assert.equal(socket.readyState, ReconnectingWebSocket.CONNECTING);
  assert.deepEqual(FakeWebSocket.last.protocols, ['chat', 'other']);

  FakeWebSocket.last.opens('chat');
  FakeWebSocket.last.bufferedAmount = 7;
  FakeWebSocket.last.extensions = 'permessage-deflate';

  assert.equal(socket.readyState, socket.OPEN);
  assert.equal(socket.url, 'wss://example.test/chat');
  assert.equal(socket.protocol, 'chat');
  assert.equal(socket.extensions, 'permessage-deflate');
  assert.equal(socket.bufferedAmount, 7);
  assert.equal(socket.binaryType, 'blob');
  assert.deepEqual([socket.CONNECTING, socket.OPEN, socket.CLOSING, socket.CLOSED], [0, 1, 2, 3]);
});

test('binaryType is kept over a loss', async (t) => {
  const { open, pass } = environment(t);
  const { socket } = await open();
  socket.binaryType = 'arraybuffer';
  assert.equal(FakeWebSocket.last.binaryType, 'arraybuffer');
  FakeWebSocket.last.closes();
  await pass(1000);
  assert.equal(FakeWebSocket.all.length, 2);
  assert.equal(FakeWebSocket.last.binaryType, 'arraybuffer');
});

test('events reach listeners and on-properties, with their data', async (t) => {
  const { open } = environment(t);
  const { socket, events } = await open();
  const seen = [];
  for (const type of ['open', 'message', 'error', 'close', 'reconnecting']) socket[`on${type}`] = (event) => seen.push(event.type);

  FakeWebSocket.last.opens();
  FakeWebSocket.last.receives('hello');
  FakeWebSocket.last.closes();
  socket.close();
  await new Promise(setImmediate);

  assert.deepEqual(seen, ['open', 'message', 'error', 'reconnecting']);
  assert.deepEqual(events.map((event) => event.type), seen);
  assert.ok(events[1] instanceof MessageEvent);
  assert.equal(events[1].data, 'hello');
  assert.equal(events[1].origin, 'wss://example.test');
});

test('an address relative to the page, and one of http, become one of ws', async (t) => {
  const { open } = environment(t);
  await open({}, [], '../feed?a=b');
  assert.equal(FakeWebSocket.last.url, 'wss://example.test/feed?a=b');
  await open({}, [], 'http://other.test/x');
  assert.equal(FakeWebSocket.last.url, 'ws://other.test/x');
});

test('an address or an option that cannot be used throws at once', (t) => {
  environment(t);
  assert.throws(() => new ReconnectingWebSocket('https://'), TypeError);
  assert.throws(() => new ReconnectingWebSocket('/x', [], { maxDelay: -1 }), /maxDelay is -1; it must be a number from 1 up/);
  assert.throws(() => new ReconnectingWebSocket('/x', [], { firstDelay: 0 }), /firstDelay is 0/);
  assert.throws(() => new ReconnectingWebSocket('/x', [], { timeToLive: NaN }), /timeToLive is NaN; it must be a number from 0 up/);
});

test('a socket that cannot be made ends it for good', async (t) => {
  const { open, pass } = environment(t);
  const { socket, events, types } = await open({}, 'not allowed');
  await pass(100_000);
  assert.deepEqual(types(), ['error', 'close']);
  assert.match(events[0].error.message, /subprotocol/);
  assert.equal(events[1].code, 1006);
  assert.equal(socket.readyState, socket.CLOSED);
});

test('without page and window it works as well', async (t) => {
  const { open } = environment(t);
  delete globalThis.document;
  delete globalThis.addEventListener;
  const { types } = await open();
  FakeWebSocket.last.opens();
  assert.deepEqual(types(), ['open']);
});
