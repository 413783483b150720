// One message to a thousand sockets of one room: the CPU of the service from the POST to the last byte (and, apart, with
// every acknowledgement received and kept), beside a bare `ws` server that sends the same bytes to as many sockets. Both
// servers are processes of their own; all the sockets are here. Prints one line of JSON.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(new URL('../../../packages/server/package.json', import.meta.url));
const { WebSocket } = require('ws');
const pairs = Number(process.env.PAIRS ?? 31);
const count = Number(process.env.SOCKETS ?? 1000);
/** messages in one measurement, one after the other */
const burst = 4;
/** ms: acknowledgements are kept a little later, all at once */
const settleMs = 450;

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-bench-'));

async function start(kind) {
  const program = fileURLToPath(new URL('./child.mjs', import.meta.url));
  // such as --cpu-prof
  const execArgv = kind === 'ours' ? (process.env.OURS_FLAGS ?? '').split(' ').filter(Boolean) : [];
  const child = fork(program, [kind, path.join(folder, 'ours')], { execArgv });
  const [{ answer: started }] = await once(child, 'message');
  const ask = async (command, text) => {
    const answered = once(child, 'message');
    child.send({ command, text });
    return (await answered)[0].answer;
  };
  const close = async () => {
    const ended = once(child, 'exit');
    child.send({ command: 'close' });
    await ended;
  };
  return { ...started, ask, close };
}
const ours = await start('ours');
const bare = await start('bare');

const request = async (method, where, token, body) => {
  const response = await fetch(ours.url + where, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  if (!response.ok) throw new Error(`${method} ${where}: ${response.status} ${await response.text()}`);
  return response.json();
};
/** in groups, so that neither side is flooded */
const each = async (list, run, group = 50) => {
  const results = [];
  for (let at = 0; at < list.length; at += group)
    results.push(...(await Promise.all(list.slice(at, at + group).map(run))));
  return results;
};

/** What has arrived since it was last asked, over all sockets of one side. */
function arrivals() {
  let left = 0;
  let done;
  return {
    arrived: () => {
      left -= 1;
      if (left === 0) done();
    },
    expect: (number) =>
      new Promise((resolve) => {
        left = number;
        done = resolve;
      }),
  };
}

const people = await each(
  Array.from({ length: count }, (_, n) => n),
  (n) =>
    request('POST', '/admin/v1/users', ours.adminToken, {
      email: `p${n}@example.com`,
      displayName: `P ${n}`,
    }),
);
const [{ accessToken: token }] = people;
const { id } = await request('POST', '/conversation/api/v1/conversations', token, {
  objectType: 'conversation',
  displayName: 'Bench',
  activities: {
    items: people.map((person) => ({ verb: 'add', object: { objectType: 'person', id: person.id } })),
  },
});

let sample;
let acknowledging = false;
const held = [];
const heardOurs = arrivals();
await each(people, async ({ accessToken }) => {
  const device = await request('POST', '/wdm/api/v1/devices', accessToken, {
    deviceType: 'WEB',
    name: 'bench',
  });
  const socket = new WebSocket(device.webSocketUrl, { perMessageDeflate: false });
  await once(socket, 'open');
  const ready = once(socket, 'message');
  socket.send(
    JSON.stringify({ id: randomUUID(), type: 'authorization', data: { token: `Bearer ${accessToken}` } }),
  );
  await ready;
  socket.on('message', (data) => {
    sample ??= data.toString();
    // as core writes it
    const ack = `{"messageId":"${data.toString('latin1', 7, 43)}","type":"ack"}`;
    if (acknowledging) socket.send(ack);
    else held.push(() => socket.send(ack));
    heardOurs.arrived();
  });
});
const heardBare = arrivals();
await each(people, async () => {
  const socket = new WebSocket(bare.url.replace('http', 'ws'), { perMessageDeflate: false });
  await once(socket, 'open');
  socket.on('message', (data) => {
    const ack = `{"messageId":"${data.toString('latin1', 7, 43)}","type":"ack"}`;
    if (acknowledging) socket.send(ack);
    heardBare.arrived();
  });
});

const text = 'the launch is at nine, bring the keys';
const sides = {
  ours: {
    server: ours,
    heard: heardOurs,
    send: () => request('POST', '/v1/messages', token, { roomId: id, text }),
  },
  bare: { server: bare, heard: heardBare, send: () => bare.ask('send', sample) },
};
/** ms of CPU a message */
async function measure({ server, heard, send }, acked) {
  acknowledging = acked;
  const before = await server.ask('cpu');
  for (let n = 0; n < burst; n += 1) {
    const all = heard.expect(count);
    await send();
    await all;
  }
  if (acked) await sleep(settleMs);
  const after = await server.ask('cpu');
  if (held.length > 0) {
    for (const ack of held.splice(0)) ack();
    await sleep(settleMs);
  }
  return (after - before) / burst;
}
// the first shows what a frame looks like
await measure(sides.ours, true);
const measured = { bare: [], ours: [], again: [], bareAcked: [], oursAcked: [] };
for (let pair = -3; pair < pairs; pair += 1) {
  const round = {
    bare: await measure(sides.bare, false),
    ours: await measure(sides.ours, false),
    again: await measure(sides.bare, false),
    bareAcked: await measure(sides.bare, true),
    oursAcked: await measure(sides.ours, true),
  };
  if (pair >= 0) for (const [name, ms] of Object.entries(round)) measured[name].push(ms);
}
console.log(JSON.stringify({ sockets: count, bytes: Buffer.byteLength(sample), ...measured }));
await ours.close();
await bare.close();
rmSync(folder, { recursive: true });
process.exit(0);
