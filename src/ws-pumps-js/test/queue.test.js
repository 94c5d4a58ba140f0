import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, environment } from './fakes.js';

test('what is sent while there is no connection leaves in order, after what an open listener sends', async (t) => {
  const { open } = environment(t);
  const { socket } = await open();
  assert.equal(socket.send('a'), true);
  assert.equal(socket.send('b'), true);
  assert.equal(socket.bufferedAmount, 2);
  socket.onopen = () => socket.send('subscribe');
  FakeWebSocket.last.opens();
  socket.send('c');
  assert.deepEqual(FakeWebSocket.last.sent, ['subscribe', 'a', 'b', 'c']);
  assert.equal(socket.bufferedAmount, 0);
});

test('a socket that is closing already gets nothing: it would be lost without a word', async (t) => {
  const { open, pass } = environment(t);
  const { socket } = await open();
  FakeWebSocket.last.opens();
  FakeWebSocket.last.readyState = 2;
  socket.send('kept');
  assert.deepEqual(FakeWebSocket.last.sent, []);
  FakeWebSocket.last.closes(1001);
  await pass(500);
  FakeWebSocket.last.opens();
  assert.deepEqual(FakeWebSocket.last.sent, ['kept']);
});

test('what has waited longer than its time is not sent, and told of', async (t) => {
  const { open, pass } = environment(t);
  const { socket, events } = await open({ timeToLive: 2000, connectTimeout: 100_000 });
  socket.send('old');
  await pass(1000);
  socket.send('young');
  await pass(1000);
  FakeWebSocket.last.opens();
  assert.deepEqual(FakeWebSocket.last.sent, ['young']);
  assert.deepEqual(events.filter((event) => event.type === 'unsent').map(({ data, reason }) => [data, reason]), [['old', 'expired']]);
});

test('the queue has a bound in messages and one in bytes', async (t) => {
  const { open } = environment(t);
  const few = await open({ maxQueuedMessages: 2 });
  assert.deepEqual(['a', 'b', 'c'].map((text) => few.socket.send(text)), [true, true, false]);
  assert.deepEqual(few.events.map(({ type, data, reason }) => [type, data, reason]), [['unsent', 'c', 'full']]);
  FakeWebSocket.last.opens();
  assert.deepEqual(FakeWebSocket.last.sent, ['a', 'b']);

  const small = await open({ maxQueuedBytes: 10 });
  assert.equal(small.socket.send(new Uint8Array(8)), true);
  assert.equal(small.socket.send('xyz'), false);
  assert.equal(small.socket.send(new Blob(['xy'])), true);
  assert.equal(small.socket.bufferedAmount, 10);
});

test('what has expired makes room', async (t) => {
  const { open, pass } = environment(t);
  const { socket } = await open({ maxQueuedMessages: 1, timeToLive: 1000, connectTimeout: 100_000 });
  socket.send('a');
  await pass(1000);
  assert.equal(socket.send('b'), true);
});

test('a buffer may be changed as soon as send returns', async (t) => {
  const { open } = environment(t);
  const { socket } = await open();
  const bytes = new Uint8Array([1, 2, 3, 4]);
  socket.send(bytes);
  socket.send(bytes.subarray(1, 3));
  socket.send(new DataView(bytes.buffer, 2));
  socket.send(bytes.buffer);
  bytes.fill(9);
  FakeWebSocket.last.opens();
  assert.deepEqual(FakeWebSocket.last.sent.map((data) => [...new Uint8Array(data)]), [[1, 2, 3, 4], [2, 3], [3, 4], [1, 2, 3, 4]]);
});

test('a listener that closes at open sends nothing of what waits, and hears of it', async (t) => {
  const { open } = environment(t);
  const { socket, events } = await open();
  socket.send('a');
  socket.onopen = () => socket.close();
  FakeWebSocket.last.opens();
  assert.deepEqual(FakeWebSocket.last.sent, []);
  FakeWebSocket.last.closes(1000);
  assert.deepEqual(events.map(({ type, reason }) => [type, reason]), [['open', undefined], ['unsent', 'closed'], ['close', '']]);
});
