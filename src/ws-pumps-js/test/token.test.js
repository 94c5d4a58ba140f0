import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, environment, settle } from './fakes.js';

test('each attempt asks for a token, and offers it as a subprotocol', async (t) => {
  const { open, pass } = environment(t);
  let count = 0;
  await open({ token: async () => `token-${++count}` }, ['chat']);
  assert.deepEqual(FakeWebSocket.last.protocols, ['chat', 'bearer.token-1']);
  FakeWebSocket.last.closes();
  await pass(500);
  assert.deepEqual(FakeWebSocket.last.protocols, ['chat', 'bearer.token-2']);
});

test('the prefix can be another, or the token goes into the address', async (t) => {
  const { open } = environment(t);
  await open({ token: () => 'abc', tokenPrefix: 'access.' });
  assert.deepEqual(FakeWebSocket.last.protocols, ['access.abc']);
  const { socket } = await open({ token: () => 'a b&c', tokenParameter: 'access_token' }, [], 'wss://example.test/chat?room=1');
  assert.deepEqual(FakeWebSocket.last.protocols, []);
  assert.equal(FakeWebSocket.last.url, 'wss://example.test/chat?room=1&access_token=a+b%26c');
  assert.equal(socket.url, 'wss://example.test/chat?room=1', 'what is shown or logged has no token');
});

for (const none of [null, undefined, '']) {
  test(`no token (${none}) is none`, async (t) => {
    const { open } = environment(t);
    await open({ token: () => none });
    assert.deepEqual(FakeWebSocket.last.protocols, []);
  });
}

test('a token that cannot be had is an attempt that failed', async (t) => {
  const { open, pass } = environment(t);
  let fail = true;
  const { events, types } = await open({ token: async () => { if (fail) throw new Error('no token today'); return 'x'; } });
  assert.deepEqual(types(), ['error', 'reconnecting']);
  assert.equal(events[0].error.message, 'no token today');
  fail = false;
  await pass(500);
  assert.equal(FakeWebSocket.all.length, 1);
});

test('a listener that closes or begins anew while a token cannot be had is heeded', async (t) => {
  const { open, pass } = environment(t);
  let calls = 0;
  const { socket, types } = await open({ token: async () => { if (++calls < 3) throw new Error('no'); return 'x'; } });
  assert.deepEqual(types(), ['error', 'reconnecting']);
  socket.addEventListener('error', () => socket.reconnect(), { once: true });
  await pass(500);
  assert.deepEqual(types(), ['error', 'reconnecting', 'error']);
  assert.equal(FakeWebSocket.live.length, 1);
});

test('a token that does not come is given up, and one that comes late opens nothing', async (t) => {
  const { open, pass } = environment(t);
  const late = [];
  const { types } = await open({ token: () => new Promise((resolve) => late.push(resolve)) });
  await pass(10_000);
  assert.deepEqual(types(), ['reconnecting']);
  late[0]('old');
  await settle();
  assert.equal(FakeWebSocket.all.length, 0);
});
