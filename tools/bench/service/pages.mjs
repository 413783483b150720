// How long a page takes, from the request to the last byte of its answer; and the calls of the client, which read it, too.
import { cpuMsOf, median, p95, verdict } from './figures.mjs';

const rounds = 30;
const goalMs = 100;
const at = (name, entry = 'esm/index') =>
  new URL(`../../../packages/${name}/dist/${entry}.js`, import.meta.url);

async function measure(what, pid, call, expected) {
  for (let warm = 0; warm < 3; warm += 1) await call();
  const ms = [];
  const cpuBefore = cpuMsOf(pid);
  for (let round = 0; round < rounds; round += 1) {
    const before = performance.now();
    const count = await call();
    ms.push(performance.now() - before);
    if (count !== expected) throw new Error(`${what}: ${count} instead of ${expected}`);
  }
  const cpu = (cpuMsOf(pid) - cpuBefore) / rounds;
  console.log(
    `    ${what}: median ${median(ms).toFixed(1)} ms, p95 ${p95(ms).toFixed(1)} ms: ${verdict(p95(ms) <= goalMs)}; ${cpu.toFixed(1)} ms of the service's CPU`,
  );
}

export async function measurePages({ start, bigRoom, tokens: [token] }) {
  const { createClient } = await import(at('core', 'node/index'));
  const { rooms } = await import(at('rooms'));
  const { memberships } = await import(at('memberships'));
  const { url, pid, stop } = await start();
  const headers = { authorization: `Bearer ${token}` };
  /** the bytes are here; what is counted in them is not part of the time of a page */
  const page = (where) => {
    let seen;
    return async () => {
      const response = await fetch(url + where, { headers });
      const text = await response.text();
      if (!response.ok) throw new Error(`GET ${where}: ${response.status} ${text}`);
      if (seen?.text !== text) {
        const { items, participants } = JSON.parse(text);
        seen = { text, count: (items ?? participants.items).length };
      }
      return seen.count;
    };
  };
  /** a page in the middle: what comes before it must not cost */
  async function pageAfter(where, pages) {
    let next = where;
    for (let n = 0; n < pages; n += 1) {
      const response = await fetch(url + next, { headers });
      await response.arrayBuffer();
      next = /<https?:\/\/[^/]+([^>]+)>/.exec(response.headers.get('link'))[1];
    }
    return page(next);
  }
  const each = (what, call, expected) => measure(what, pid, call, expected);

  console.log('   a room of 10,000 members');
  const members = `/v1/memberships?roomId=${bigRoom}`;
  await each('GET memberships, 100', page(`${members}&max=100`), 100);
  await each('GET memberships, 1,000', page(`${members}&max=1000`), 1_000);
  await each('GET memberships, 1,000, the sixth page', await pageAfter(`${members}&max=1000`, 5), 1_000);
  const conversation = `/conversation/api/v1/conversations/${bigRoom}?uuidEntryFormat=true&personRefresh=true&activitiesLimit=0`;
  const some = `${conversation}&includeParticipants=true&participantsLimit`;
  await each('conversation with participants, 100', page(`${some}=100`), 100);
  await each('conversation with participants, 1,000', page(`${some}=1000`), 1_000);
  await each('conversation with participants, all', page(`${conversation}&includeParticipants=true`), 10_000);
  await each(
    'conversation with participantAckFilter, all',
    page(`${conversation}&participantAckFilter=all`),
    10_000,
  );

  console.log('   a person in 5,000 rooms');
  await each('GET rooms, 100', page('/v1/rooms?max=100'), 100);
  await each('GET rooms, 1,000', page('/v1/rooms?max=1000'), 1_000);
  await each('GET rooms, 1,000, the fourth page', await pageAfter('/v1/rooms?max=1000', 3), 1_000);
  await each('GET rooms, 1,000 direct', page('/v1/rooms?max=1000&type=direct'), 1_000);
  await each('GET rooms by last activity, 1,000', page('/v1/rooms?max=1000&sortBy=lastactivity'), 1_000);
  const list =
    '/conversation/api/v1/conversations?uuidEntryFormat=true&personRefresh=true&computeTitleIfEmpty=true';
  const bare = `${list}&activitiesLimit=0&participantsLimit=0&isActive=true`;
  await each('conversations, 100', page(`${bare}&conversationsLimit=100`), 100);
  await each('conversations, 1,000', page(`${bare}&conversationsLimit=1000`), 1_000);
  await each(
    'conversations with participants and the last activity, 100',
    page(`${list}&activitiesLimit=1&participantsLimit=10&conversationsLimit=100`),
    100,
  );

  const client = createClient({ service: url, token, plugins: [rooms(), memberships()] });
  await client.ready();
  console.log('   through the client');
  const items = (call) => async () => (await call()).items.length;
  await each(
    'rooms.listWithReadStatus(100)',
    items(() => client.rooms.listWithReadStatus(100)),
    100,
  );
  await each(
    'rooms.listWithReadStatus()',
    items(() => client.rooms.listWithReadStatus()),
    1_000,
  );
  await each(
    'rooms.list({ max: 1000 }).page()',
    items(() => client.rooms.list({ max: 1_000 }).page()),
    1_000,
  );
  const everybody = items(() => client.memberships.listWithReadStatus({ roomId: bigRoom }));
  await each('memberships.listWithReadStatus, all 10,000', everybody, 10_000);
  await client.close();
  await stop();
}
