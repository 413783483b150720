// Heap of many connected clients in one process: the five plugins and e2ee(), each with a device and a socket of its own.
import { memoryUsage } from 'node:process';
import { startService } from './service-process.mjs';

const at = (name, entry = 'index') => new URL(`../../packages/${name}/dist/esm/${entry}.js`, import.meta.url);
const count = 200;
const goalKiB = 120;

export const title = `${count} connected clients in one process, five plugins and e2ee() each`;
export const goal = `≤ ${goalKiB} KiB heap each`;

export async function run() {
  const { createClient } = await import(new URL('../../packages/core/dist/node/index.js', import.meta.url));
  const { e2ee } = await import(at('encryption', 'index.node'));
  const { rooms } = await import(at('rooms'));
  const { messages } = await import(at('messages'));
  const { memberships } = await import(at('memberships'));
  const { people } = await import(at('people'));
  const service = await startService('--limit', 'socketsPerUser=1000', '--limit', 'devicesPerUser=1000');
  const { accessToken: token } = await service.person('ana');
  const { id: roomId } = await service.post('/v1/rooms', token, { title: 'Bench' });
  const connect = async () => {
    const client = createClient({
      service: service.url,
      token,
      plugins: [rooms(), messages(), memberships(), people(), e2ee()],
    });
    await client.messages.listen();
    return client;
  };
  // what the code itself costs, and what is made once
  const first = [];
  for (let n = 0; n < 10; n += 1) first.push(await connect());
  await settle();
  const bare = memoryUsage();
  const clients = [];
  for (let n = 0; n < count; n += 10)
    clients.push(...(await Promise.all(Array.from({ length: 10 }, connect))));
  await settle();
  const full = memoryUsage();
  const open = clients.filter(({ socket }) => socket.state === 'open').length;
  const each = (kind, now = full) => (now[kind] - bare[kind]) / 1024 / count;
  const good = open === count && each('heapUsed') <= goalKiB;
  console.log(
    `  ${open} clients open: ${each('heapUsed').toFixed(1)} KiB of heap each: ${good ? 'met' : 'MISSED'}; resident ${each('rss').toFixed(0)} KiB each`,
  );
  // each negotiates with the key service, fetches the key and decrypts
  const heard = clients.map(
    (client) => new Promise((resolve) => client.messages.once('created', ({ text }) => resolve(text))),
  );
  await service.post('/v1/messages', token, { roomId, text: 'hello' });
  const texts = await Promise.all(heard);
  if (texts.some((text) => text !== 'hello')) throw new Error('not every client could read the message');
  await settle();
  console.log(
    `  after each decrypted a message: ${each('heapUsed', memoryUsage()).toFixed(1)} KiB of heap each`,
  );
  await Promise.all([...first, ...clients].map((client) => client.close()));
  await service.stop();
}

async function settle() {
  await new Promise((resolve) => setTimeout(resolve, 500));
  performance.clearResourceTimings();
  for (let n = 0; n < 4; n += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc();
  }
}
