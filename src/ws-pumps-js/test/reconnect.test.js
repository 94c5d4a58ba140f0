import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, environment, settle } from './fakes.js';

test('the first attempt is repeated as well', async (t) => {
  const { open, pass } = environment(t);
  const { types } = await open();
  FakeWebSocket.last.closes();
  await pass(500);
  FakeWebSocket.last.opens();
  assert.deepEqual(types(), ['error', 'reconnecting', 'open']);
  assert.equal(FakeWebSocket.all.length, 2);
});

test('open says whether it is a connection after a loss', async (t) => {
  const { open, pass } = environment(t);
  const { events } = await open();
  FakeWebSocket.last.opens();
  FakeWebSocket.last.closes();
  await pass(500);
  FakeWebSocket.last.opens();
  assert.deepEqual(events.filter((event) => event.type === 'open').map((event) => event.reconnected), [false, true]);
});

test('waits are drawn between zero and a bound that doubles up to thirty seconds', async (t) => {
  const { open, pass } = environment(t);
  const { events } = await open();
  for (const random of [0, 0.25, 0.999]) {
    environment.random = random;
    events.length = 0;
    const from = FakeWebSocket.all.length;
    for (let attempt = 0; attempt < 8; attempt++) {
      FakeWebSocket.last.closes();
      const delay = events.at(-1).delay;
      await pass(delay);
      assert.equal(FakeWebSocket.all.length, from + attempt + 1);
    }

    FakeWebSocket.last.opens();
    await pass(10_000);
    assert.deepEqual(
      events.filter((event) => event.type === 'reconnecting').map((event) => event.delay),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000].map((bound) => bound * random));
  }
});

test('no attempt comes before its time', async (t) => {
  const { open, pass } = environment(t);
  await open();
  FakeWebSocket.last.closes();
  await pass(499);
  assert.equal(FakeWebSocket.all.length, 1);
  await pass(1);
  assert.equal(FakeWebSocket.all.length, 2);
});

test('only a connection that lasted ten seconds lets the waits begin anew', async (t) => {
  const { open, pass } = environment(t);
  const { events } = await open();
  const delayAfter = async (lasted) => {
    FakeWebSocket.last.opens();
    await pass(lasted);
    FakeWebSocket.last.closes();
    const { delay } = events.at(-1);
    await pass(delay);
    return delay;
  };
  assert.equal(await delayAfter(9_999), 500);
  assert.equal(await delayAfter(9_999), 1000);
  assert.equal(await delayAfter(9_999), 2000);
  assert.equal(await delayAfter(10_000), 500);
});

test('an attempt that brings nothing within its time is given up', async (t) => {
  const { open, pass } = environment(t);
  const { types } = await open({ connectTimeout: 3000 });
  const first = FakeWebSocket.last;
  await pass(2999);
  assert.deepEqual(types(), []);
  await pass(1);
  assert.deepEqual(types(), ['reconnecting']);
  assert.deepEqual(FakeWebSocket.live, []);
  first.opens();
  assert.deepEqual(types(), ['reconnecting']);
  await pass(500);
  assert.equal(FakeWebSocket.live.length, 1);
});

for (const code of [1001, 1012, 1013]) {
  test(`a close with ${code} that says when to come back is heeded`, async (t) => {
    const { open, pass } = environment(t);
    const { events } = await open();
    FakeWebSocket.last.opens();
    FakeWebSocket.last.closes(code, 'The server is shutting down; reconnect after 12345 ms');
    assert.equal(events.at(-1).delay, 12_345);
    assert.equal(events.at(-1).reason, 'The server is shutting down; reconnect after 12345 ms');
    await pass(12_344);
    assert.equal(FakeWebSocket.all.length, 1);
    await pass(1);
    assert.equal(FakeWebSocket.all.length, 2);
  });
}

test('a wait that the server asked for is not cut short, and not longer than a day', async (t) => {
  const { open, pass, page, document } = environment(t);
  const { events } = await open();
  FakeWebSocket.last.opens();
  FakeWebSocket.last.closes(1012, 'reconnect after 5000 ms');
  page.dispatchEvent(new Event('online'));
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(FakeWebSocket.all.length, 1);
  await pass(5000);
  FakeWebSocket.last.opens();
  FakeWebSocket.last.closes(1012, 'reconnect after 99999999999999 ms');
  assert.equal(events.at(-1).delay, 86_400_000);
});

test('a hint with another code, or one that is none, is not heeded', async (t) => {
  const { open } = environment(t);
  for (const [code, reason] of [[1011, 'reconnect after 7000 ms'], [1012, 'reconnect after -7000 ms'], [1001, 'later']]) {
    const { events } = await open();
    FakeWebSocket.last.closes(code, reason);
    assert.equal(events.at(-1).delay, 500);
  }
});

for (const code of [1000, 1003, 1007, 1008, 4001]) {
  test(`a close with ${code} is the end`, async (t) => {
    const { open, pass, counts } = environment(t);
    const { socket, events, types } = await open({ stopCodes: [4001] });
    FakeWebSocket.last.opens();
    FakeWebSocket.last.closes(code, 'no more');
    await pass(1_000_000);
    assert.equal(FakeWebSocket.all.length, 1);
    assert.deepEqual(types(), ['open', 'close']);
    assert.deepEqual([events[1].code, events[1].reason, events[1].wasClean], [code, 'no more', true]);
    assert.equal(socket.readyState, socket.CLOSED);
    assert.equal(counts.listeners, 0);
  });
}

test('a close with 1008 that says when to come back is followed by another attempt, unless the page has listed it', async (t) => {
  const { open, pass } = environment(t);
  const reason = 'The client reads too slowly; reconnect after 700 ms';
  const { socket, events, types } = await open();
  FakeWebSocket.last.opens();
  FakeWebSocket.last.closes(1008, reason);
  assert.deepEqual([types().at(-1), events.at(-1).code, events.at(-1).delay], ['reconnecting', 1008, 700]);
  await pass(699);
  assert.equal(FakeWebSocket.live.length, 0);
  await pass(1);
  assert.equal(FakeWebSocket.live.length, 1);
  socket.close();

  const listed = await open({ stopCodes: [1008] });
  FakeWebSocket.last.opens();
  FakeWebSocket.last.closes(1008, reason);
  assert.equal(listed.types().at(-1), 'close');
});

for (const code of [1001, 1002, 1006, 1009, 1011, 1012, 1013, 4000]) {
  test(`a close with ${code} is followed by another attempt`, async (t) => {
    const { open, pass } = environment(t);
    const { socket, types } = await open({ stopCodes: [4001] });
    FakeWebSocket.last.opens();
    FakeWebSocket.last.closes(code);
    assert.equal(types().at(-1), 'reconnecting');
    assert.equal(socket.readyState, socket.CONNECTING);
    await pass(500);
    assert.equal(FakeWebSocket.live.length, 1);
  });
}

test('it wakes when the network is back and when the page is shown', async (t) => {
  const { open, page, document } = environment(t);
  await open();
  FakeWebSocket.last.closes();
  page.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(FakeWebSocket.all.length, 2);

  FakeWebSocket.last.closes();
  document.hidden = true;
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(FakeWebSocket.all.length, 2);
  document.hidden = false;
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(FakeWebSocket.all.length, 3);
});

test('a connection of the network that was lost is replaced; one of a page that was hidden is not', async (t) => {
  const { open, page, document } = environment(t);
  const { types } = await open();
  FakeWebSocket.last.opens();
  const first = FakeWebSocket.last;
  document.dispatchEvent(new Event('visibilitychange'));
  await settle();
  assert.equal(FakeWebSocket.all.length, 1);

  page.dispatchEvent(new Event('online'));
  await settle();
  assert.equal(FakeWebSocket.all.length, 2);
  assert.deepEqual(FakeWebSocket.live, [FakeWebSocket.last]);
  first.receives('late');
  first.closes();
  FakeWebSocket.last.opens();
  assert.deepEqual(types(), ['open', 'open']);
});

test('there is never more than one live socket, whatever happens', async (t) => {
  const { open, pass, page, document } = environment(t);
  let seed = 20_261_126;
  const draw = (bound) => (seed = (seed * 48_271) % 2_147_483_647) % bound;
  let tokens = [];
  const { socket } = await open({ token: () => new Promise((resolve, reject) => tokens.push(draw(4) ? resolve : reject)) });
  const steps = [
    () => FakeWebSocket.last?.opens(),
    () => FakeWebSocket.last?.closes([1006, 1001, 1011][draw(3)]),
    () => page.dispatchEvent(new Event('online')),
    () => document.dispatchEvent(new Event('visibilitychange')),
    () => socket.reconnect(),
    () => pass(draw(40_000)),
    () => tokens.splice(0).forEach((settleToken) => settleToken('t')),
    () => socket.send('x'),
  ];
  for (let i = 0; i < 5000; i++) {
    await steps[draw(steps.length)]();
    await settle();
    assert.ok(FakeWebSocket.live.length <= 1, `step ${i}`);
    FakeWebSocket.all = FakeWebSocket.live;
  }
});

test('reconnect leaves the connection and makes another at once, also before a wait is over', async (t) => {
  const { open } = environment(t);
  const { socket } = await open();
  FakeWebSocket.last.opens();
  socket.reconnect();
  await settle();
  assert.equal(FakeWebSocket.all.length, 2);
  assert.equal(FakeWebSocket.live.length, 1);
  FakeWebSocket.last.closes(1012, 'reconnect after 60000 ms');
  socket.reconnect();
  await settle();
  assert.equal(FakeWebSocket.all.length, 3);
});

test('a wait longer than a timer can hold does not fire at once', async (t) => {
  const { open, pass } = environment(t);
  environment.random = 1;
  await open({ firstDelay: 1e12, maxDelay: 1e12 });
  FakeWebSocket.last.closes();
  await pass(1000);
  assert.equal(FakeWebSocket.all.length, 1);
});
