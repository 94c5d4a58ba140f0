import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeWebSocket, environment, settle } from './fakes.js';

const offered = () => FakeWebSocket.last.protocols[0];
const secretOf = (offer) => offer.split('.')[2];
const countOf = (offer) => +offer.split('.')[3];

/** The server answers as docs/resume.md says. */
function fresh(missed) {
  FakeWebSocket.last.opens('wspumps.fresh');
  FakeWebSocket.last.receives(missed === undefined ? 'wspumps.fresh' : `wspumps.fresh.${missed}`);
}

function resumed(received) {
  FakeWebSocket.last.opens(offered());
  FakeWebSocket.last.receives(`wspumps.resumed.${received}`);
}

test('without the option nothing of it is offered', async (t) => {
  const { open } = environment(t);
  await open({}, ['chat']);
  assert.deepEqual(FakeWebSocket.last.protocols, ['chat']);
});

test('the offer has a secret, a count, what a fresh session is to use, and asks to be told', async (t) => {
  const { open } = environment(t);
  await open({ resume: true });
  assert.match(offered(), /^wspumps\.resume\.[0-9a-f]{32}\.0$/);
  assert.deepEqual(FakeWebSocket.last.protocols.slice(1), ['wspumps.fresh', 'wspumps.told']);
  const first = secretOf(offered());

  await open({ resume: true, token: () => 'abc' }, ['chat', 'other']);
  assert.deepEqual(FakeWebSocket.last.protocols.slice(1), ['chat', 'other', 'wspumps.told', 'bearer.abc']);
  assert.notEqual(secretOf(offered()), first);
});

test('it is open when the server has told, not before, and what it told is no message', async (t) => {
  const { open } = environment(t);
  const { socket, events, types } = await open({ resume: true });
  socket.send('queued');
  FakeWebSocket.last.opens('wspumps.fresh');
  assert.equal(socket.readyState, 0);
  assert.deepEqual(types(), []);
  FakeWebSocket.last.receives('wspumps.fresh');
  assert.deepEqual(types(), ['open']);
  assert.deepEqual([events[0].reconnected, events[0].resumed, events[0].missed], [false, false, undefined]);
  assert.deepEqual(FakeWebSocket.last.sent, ['queued']);
  assert.equal(socket.protocol, '');
  FakeWebSocket.last.receives('wspumps.fresh');
  assert.equal(events[1].data, 'wspumps.fresh', 'only the first one is the server\'s');
});

test('a server that does not tell in time is given up', async (t) => {
  const { open, pass } = environment(t);
  const { types } = await open({ resume: true });
  FakeWebSocket.last.opens('wspumps.fresh');
  await pass(10_000);
  assert.deepEqual(types(), ['reconnecting']);
});

test('the next offer has the count of what was received, and what the server has not received is sent again first', async (t) => {
  const { open, pass } = environment(t);
  const { socket, events } = await open({ resume: true });
  fresh();
  const secret = secretOf(offered());
  for (const text of ['1', '2', '3']) FakeWebSocket.last.receives(text);
  for (const text of ['a', 'b', 'c']) socket.send(text);
  FakeWebSocket.last.closes();
  socket.send('d');
  await pass(500);
  assert.equal(offered(), `wspumps.resume.${secret}.3`);
  assert.deepEqual(FakeWebSocket.last.protocols.slice(1), ['wspumps.fresh', 'wspumps.told', 'wspumps.again'], 'another server may have it');
  socket.onopen = () => socket.send('from open');

  resumed(1);

  assert.deepEqual(FakeWebSocket.last.sent, ['b', 'c', 'from open', 'd']);
  const opened = events.at(-1);
  assert.deepEqual([opened.type, opened.reconnected, opened.resumed], ['open', true, true]);
  socket.onopen = null;
  FakeWebSocket.last.receives('4');
  FakeWebSocket.last.closes();
  await pass(1000);
  assert.equal(countOf(offered()), 4);
  resumed(5);
  assert.deepEqual(FakeWebSocket.last.sent, [], 'a, b, c, from open and d have arrived');
});

test('after a fresh session both sides count from zero, under the same secret, and it says what is missed', async (t) => {
  const { open, pass } = environment(t);
  const { socket, events } = await open({ resume: true });
  fresh();
  const secret = secretOf(offered());
  FakeWebSocket.last.receives('1');
  socket.send('a');
  FakeWebSocket.last.closes();
  await pass(500);
  fresh(17);
  assert.deepEqual([events.at(-1).reconnected, events.at(-1).resumed, events.at(-1).missed], [true, false, 17]);
  assert.deepEqual(FakeWebSocket.last.sent, []);
  FakeWebSocket.last.closes();
  await pass(1000);
  assert.equal(offered(), `wspumps.resume.${secret}.0`);
});

test('the subprotocol of the application is kept over a resume', async (t) => {
  const { open, pass } = environment(t);
  const { socket, events } = await open({ resume: true }, ['chat']);
  FakeWebSocket.last.opens('chat');
  assert.equal(events.at(-1).resumed, false);
  FakeWebSocket.last.receives('wspumps.fresh');
  assert.equal(events.at(-1).data, 'wspumps.fresh', 'with a subprotocol of the application no such message comes');
  assert.equal(socket.protocol, 'chat');
  FakeWebSocket.last.closes();
  await pass(500);
  assert.equal(countOf(offered()), 1);
  resumed(0);
  assert.equal(socket.protocol, 'chat');
});

for (const [name, received] of [['more than was sent', 3], ['what is not kept any more', 0], ['nonsense', 'x']]) {
  test(`a server that has ${name} gets a new session`, async (t) => {
    const { open, pass } = environment(t);
    const { socket, types } = await open({ resume: true });
    fresh();
    const secret = secretOf(offered());
    if (received === 0) for (let i = 0; i < 257; i++) socket.send(String(i));
    FakeWebSocket.last.closes();
    await pass(500);
    resumed(received);
    assert.equal(types().at(-1), 'reconnecting');
    assert.equal(FakeWebSocket.live.length, 0, 'it is closed, so that the server ends the session too');
    await pass(1000);
    assert.notEqual(secretOf(offered()), secret);
    assert.equal(countOf(offered()), 0);
    fresh();
    assert.equal(types().at(-1), 'open');
  });
}

test('what is kept for sending again has a bound in bytes', async (t) => {
  const { open, pass } = environment(t);
  const { socket, types } = await open({ resume: true });
  fresh();
  socket.send('x'.repeat(40_000));
  socket.send(new Uint8Array(40_000));
  FakeWebSocket.last.closes();
  await pass(500);
  resumed(1);
  assert.deepEqual(FakeWebSocket.last.sent.map((data) => data.byteLength), [40_000]);
  socket.send('y'.repeat(40_000));
  FakeWebSocket.last.closes();
  await pass(1000);
  resumed(1);
  assert.equal(types().at(-1), 'reconnecting');
});

test('a connection that is replaced is not closed before the next one is open: that would end the session', async (t) => {
  const { open } = environment(t);
  const { socket, types } = await open({ resume: true });
  fresh();
  const former = FakeWebSocket.last;
  former.receives('1');
  socket.reconnect();
  await settle();
  assert.equal(former.readyState, 1);
  former.receives('too late: it was not counted');
  assert.equal(countOf(offered()), 1);
  resumed(0);
  assert.equal(former.readyState, 2);
  assert.deepEqual(types(), ['open', 'message', 'open']);
  socket.close();
  FakeWebSocket.last.closes(1000);
  assert.deepEqual(FakeWebSocket.live, []);
});

test('close also closes what was left', async (t) => {
  const { open, pass } = environment(t);
  const { socket } = await open({ resume: true });
  fresh();
  socket.reconnect();
  await settle();
  socket.close();
  await pass(0);
  assert.deepEqual(FakeWebSocket.live, []);
});

test('where such names get no answer again and again, it tries without them', async (t) => {
  const { open, pass } = environment(t);
  const { events } = await open({ resume: true }, ['chat']);
  const plain = [];
  for (let i = 0; i < 10; i++) {
    plain.push(FakeWebSocket.last.protocols.length === 1);
    FakeWebSocket.last.closes();
    await pass(30_000);
  }

  assert.deepEqual(plain, [false, false, false, false, false, false, false, true, false, true]);
  FakeWebSocket.last.closes();
  await pass(30_000);
  FakeWebSocket.last.opens('chat');
  assert.equal(events.at(-1).resumed, false);
});

test('two thousand random lives: nothing is lost, doubled or out of order, in either direction', async (t) => {
  const { open, pass } = environment(t);
  for (let seed = 1; seed <= 2000; seed++) await live(seed, open, pass);
});

async function live(seed, open, pass) {
  let state = seed * 7919;
  const draw = (bound) => (state = (state * 48_271) % 2_147_483_647) % bound;
  const { socket, events } = await open({ resume: true, timeToLive: 1e9, maxDelay: 1 });
  const server = { sent: [], received: [], wire: undefined, taken: 0 };
  let written = 0;
  let delivered = 0;

  const connect = () => {
    server.wire = FakeWebSocket.last;
    server.taken = 0;
    if (server.session !== secretOf(offered())) {
      server.session = secretOf(offered());
      fresh();
    } else {
      delivered = countOf(offered());
      resumed(server.received.length);
    }
  };
  // Some of what is on its way arrives, and, where the line is cut, the rest never does.
  const arrive = (all) => {
    const up = all ? server.wire.sent.length : server.taken + draw(server.wire.sent.length - server.taken + 1);
    while (server.taken < up) server.received.push(server.wire.sent[server.taken++]);
    const down = all ? server.sent.length : delivered + draw(server.sent.length - delivered + 1);
    while (delivered < down) server.wire.receives(server.sent[delivered++]);
  };
  connect();
  for (let step = 0; step < 25; step++) {
    [
      () => socket.send(`c${written++}`),
      () => server.sent.push(`s${server.sent.length}`),
      () => server.wire && arrive(false),
      () => { if (server.wire) { arrive(false); server.wire.closes(); server.wire = undefined; } },
      () => { if (server.wire) { socket.reconnect(); server.wire = undefined; } },
    ][draw(5)]();
    if (!server.wire && draw(2)) {
      await pass(1);
      // The line may break when the server has answered already.
      if (draw(4) === 0) { connect(); server.wire.closes(); await pass(1); }
      connect();
    }
  }

  if (!server.wire) { await pass(1); connect(); }
  arrive(true);
  const expected = (prefix, count) => Array.from({ length: count }, (_, i) => prefix + i);
  assert.deepEqual(server.received, expected('c', written), `what the server has received, seed ${seed}`);
  assert.deepEqual(events.filter((event) => event.type === 'message').map((event) => event.data), expected('s', server.sent.length), `what the page has received, seed ${seed}`);
  assert.ok(events.filter((event) => event.type === 'open').slice(1).every((event) => event.resumed), `seed ${seed}`);
  socket.close();
  await pass(5000);
}
