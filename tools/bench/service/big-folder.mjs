// A data folder of a large organisation, made before its service starts, through the service's own store and services:
// 10,000 people, one room with all of them, and one person who is in 5,000 rooms, half of them direct. Prints one line of
// JSON. Only what the API would do one by one for minutes is written straight into the tables: people and memberships.
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { from, openService } from './in-process.mjs';

const { insertParticipants } = await from('modules/conversation/store');

const [folder, peopleCount, roomCount, tokenCount] = [
  process.argv[2],
  ...process.argv.slice(3).map((text) => Number(text)),
];
const { kernel, apis, close } = await openService(folder);
const { orgId, store } = kernel;
const { identity, conversation: conversations } = apis;

/** so many at a time: they share transactions */
async function each(list, run, group = 64) {
  const results = [];
  for (let at = 0; at < list.length; at += group)
    results.push(...(await Promise.all(list.slice(at, at + group).map(run))));
  return results;
}

const people = Array.from({ length: peopleCount }, (_, n) => ({
  id: randomUUID(),
  org_id: orgId,
  email: `person.${n}@example.com`,
  display_name: `Person Number ${n}`,
  password_hash: null,
  roles: '[]',
  extension: String(1001 + n),
  created_ms: Date.now(),
}));
await store.write(async ({ tx }) => {
  for (let at = 0; at < people.length; at += 1_000)
    await tx
      .insertInto('users')
      .values(people.slice(at, at + 1_000))
      .execute();
});
const ids = people.map(({ id }) => id);
const tokens = await each(ids.slice(0, tokenCount), async (id) => {
  const { accessToken } = await identity.tokens.grant(id);
  return accessToken;
});
const caller = await identity.callerOfToken(tokens[0]);

// the large room: everybody is in, and half of them have read what was written
const big = await conversations.create(caller, { memberIds: [], title: 'Everybody' });
await store.write(({ tx }) =>
  insertParticipants(
    tx,
    big.id,
    ids.slice(1).map((userId) => ({ userId })),
    { pos: 1, ms: Date.now() },
  ),
);
const words = (text) => ({ verb: 'post', object: { objectType: 'comment', displayName: text } });
const { id: postId } = await conversations.submit(caller, big.id, words('welcome, all'));
await store.write(({ tx }) =>
  tx
    .updateTable('participants')
    .set({ last_seen_activity_id: postId, last_seen_ms: Date.now() })
    .where('conversation_id', '=', big.id)
    .where('user_id', 'in', ids.slice(0, ids.length / 2))
    .execute(),
);

// the busy person: direct rooms with as many people, and groups of six, a third of them without a title
const half = Math.floor(roomCount / 2);
await each(
  Array.from({ length: roomCount }, (_, n) => n),
  async (n) => {
    const isDirect = n % 2 === 0;
    const at = n >> 1;
    const { id } = await conversations.create(caller, {
      memberIds: isDirect
        ? [ids[1 + at]]
        : [1, 2, 3, 4, 5].map((step) => ids[1 + ((at * step) % (2 * half))]),
      ...(isDirect ? { isDirect } : n % 3 === 0 ? {} : { title: `Group ${n}` }),
    });
    await conversations.submit(caller, id, words(`the first of ${n}`));
  },
);

await close();
// a pipe takes half a megabyte in pieces: the process ends when the last one has left
process.stdout.write(JSON.stringify({ folder: path.resolve(folder), bigRoom: big.id, ids, tokens }), () =>
  process.exit(0),
);
