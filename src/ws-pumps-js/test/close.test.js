import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { FakeWebSocket, environment } from './fakes.js';

test('close tells the peer, and is over when the peer has answered', async (t) => {
  const { open, pass, counts } = environment(t);
  const { socket, events, types } = await open();
  FakeWebSocket.last.opens();
  socket.close(4000, 'bye');
  assert.equal(socket.readyState, socket.CLOSING);
  assert.deepEqual(FakeWebSocket.last.closedWith, { code: 4000, reason: 'bye' });
  assert.equal(socket.send('x'), false);
  FakeWebSocket.last.receives('still on its way');
  FakeWebSocket.last.closes(4000, 'bye');
  await pass(1_000_000);
  assert.deepEqual(types(), ['open', 'message', 'close']);
  assert.deepEqual([events[2].code, events[2].reason, events[2].wasClean], [4000, 'bye', true]);
  assert.equal(socket.readyState, socket.CLOSED);
  assert.equal(counts.listeners, 0);
});

test('a peer that does not answer keeps nothing alive', async (t) => {
  const { open, pass, counts } = environment(t);
  const { socket, events } = await open();
  FakeWebSocket.last.opens();
  socket.close();
  await pass(4999);
  assert.equal(socket.readyState, socket.CLOSING);
  await pass(1);
  assert.equal(socket.readyState, socket.CLOSED);
  assert.equal(events.at(-1).code, 1006);
  assert.equal(counts.listeners, 0);
});

test('close during an attempt or a wait ends at once, but not before it returns', async (t) => {
  const { open, pass, counts } = environment(t);
  for (const prepare of [() => {}, () => FakeWebSocket.last.closes()]) {
    const { socket, events, types } = await open();
    prepare();
    socket.send('a');
    events.length = 0;
    socket.close();
    assert.deepEqual(types(), []);
    await pass(0);
    assert.deepEqual(types(), ['unsent', 'close']);
    await pass(1_000_000);
    assert.deepEqual(FakeWebSocket.live, []);
    assert.equal(counts.listeners, 0);
  }
});

test('close while the token is being fetched opens nothing', async (t) => {
  const { open, pass } = environment(t);
  let resolve;
  const { socket, types } = await open({ token: () => new Promise((r) => (resolve = r)) });
  socket.close();
  resolve('x');
  await pass(1000);
  assert.deepEqual(FakeWebSocket.all, []);
  assert.deepEqual(types(), ['close']);
});

test('arguments that a WebSocket does not take throw and change nothing', async (t) => {
  const { open } = environment(t);
  const { socket } = await open();
  FakeWebSocket.last.opens();
  assert.throws(() => socket.close(1001));
  assert.equal(socket.readyState, socket.OPEN);
});

test('closing twice, and using it afterwards, does no harm', async (t) => {
  const { open, pass } = environment(t);
  const { socket, types } = await open();
  socket.close();
  socket.close();
  await pass(0);
  socket.close();
  socket.reconnect();
  assert.equal(socket.send('x'), false);
  await pass(1_000_000);
  assert.deepEqual(types(), ['close']);
});

test('a listener that closes when the connection is lost ends it', async (t) => {
  const { open, pass } = environment(t);
  const { socket, types } = await open();
  FakeWebSocket.last.opens();
  socket.onreconnecting = () => socket.close();
  FakeWebSocket.last.closes();
  await pass(1_000_000);
  assert.deepEqual(types(), ['open', 'error', 'reconnecting', 'close']);
  assert.equal(FakeWebSocket.all.length, 1);
});

test('no timer is left when it is closed', async (t) => {
  const { open, pass } = environment(t);
  const set = mock.method(globalThis, 'setTimeout');
  const cleared = mock.method(globalThis, 'clearTimeout');
  const { socket } = await open();
  FakeWebSocket.last.opens();
  FakeWebSocket.last.closes();
  await pass(500);
  FakeWebSocket.last.opens();
  socket.close();
  FakeWebSocket.last.closes(1000);
  const left = new Set(set.mock.calls.map((call) => call.result));
  for (const call of cleared.mock.calls) left.delete(call.arguments[0]);
  set.mock.restore();
  cleared.mock.restore();
  assert.equal(left.size, 0, `${left.size} timers are left`);
});
