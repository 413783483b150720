// Creates, connects and closes clients, one after the other, and says what is left of them: run by leaks.spec.ts, in a
// process of its own, with --expose-gc.
import { createClient } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';

const { SERVICE: service = '', READER: token = '', WRITER, ROOM_ID: roomId } = process.env;
const cycles = Number(process.env.CYCLES);
const warmUp = Number(process.env.WARM_UP);

async function cycle(n) {
  const client = createClient({
    service,
    token,
    plugins: [rooms(), messages(), memberships(), people(), e2ee()],
  });
  const received = new Promise((resolve) => client.messages.once('created', resolve));
  await client.messages.listen();
  const words = `cycle ${n}`;
  const answer = await fetch(`${service}/v1/messages`, {
    method: 'POST',
    headers: { authorization: `Bearer ${WRITER}`, 'content-type': 'application/json' },
    body: JSON.stringify({ roomId, text: words }),
  });
  await answer.arrayBuffer();
  const { text } = await received;
  if (text !== words) throw new Error(`received ${text} instead of ${words}`);
  await client.close();
  // what Node notes of each fetch, 250 at most
  performance.clearResourceTimings();
}

/** The pool of fetch is Node's: its idle connections are ended before handles are looked at. */
async function handles() {
  await globalThis[Symbol.for('undici.globalDispatcher.1')]?.close();
  await new Promise((resolve) => setTimeout(resolve, 50));
  return process.getActiveResourcesInfo().sort();
}

async function heapAfterGc() {
  // what ends a turn later is let go of, too
  for (let n = 0; n < 3; n += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
  return process.memoryUsage().heapUsed;
}

// what the program itself holds: where it prints to
process.stdout.write('');
process.stderr.write('');
const before = await handles();
const heap = [];
for (let n = 0; n < cycles; n += 1) {
  await cycle(n);
  const used = await heapAfterGc();
  if (n >= warmUp) heap.push(used);
}
const after = await handles();
console.log(JSON.stringify({ before, after, heap }));
