// Accepted durable messages: through the conversation service, in this process, beside bare grouped inserts of the same
// rows into a database of the same schema. Prints one line of JSON.
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { from, openService } from './in-process.mjs';

const server = new URL('../../../packages/server/', import.meta.url);
const Libsql = createRequire(new URL('package.json', server))('libsql');
const { openLibsqlStore } = await from('kernel/store/index');
const { migrations } = await from('modules');

const pairs = Number(process.env.PAIRS ?? 31);
const group = 64;
const groups = 16;

const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-bench-'));
await (await openLibsqlStore(path.join(folder, 'bare'), { migrations })).close();
const { kernel, apis, close } = await openService(path.join(folder, 'ours'));
const { store } = kernel;
const { identity, conversation: conversations } = apis;
const user = await identity.users.create({ email: 'ana@example.com', displayName: 'Ana' });
const caller = await identity.callerOfToken((await identity.tokens.grant(user.id)).accessToken);
const { id: roomId } = await conversations.create(caller, { memberIds: [], title: 'Bench' });

const jwe = `eyJlbmMiOiJBMjU2R0NNIiwiYWxnIjoiZGlyIn0..${'a'.repeat(16)}.${'b'.repeat(60)}.${'c'.repeat(22)}`;
const keyUrl =
  store.db &&
  (await store.db.selectFrom('conversations').select('key_url').executeTakeFirstOrThrow()).key_url;

/** ciphertext, as an encrypting client sends it; or clear words, as REST hands them over */
const activity = (sealed) => ({
  verb: 'post',
  object: { objectType: 'comment', displayName: sealed ? jwe : 'the launch is at nine, bring the keys' },
  clientTempId: randomUUID(),
  ...(sealed ? { encryptionKeyUrl: keyUrl } : {}),
});
const ours = (sealed) => async () => {
  for (let n = 0; n < groups; n += 1)
    await Promise.all(
      Array.from({ length: group }, () => conversations.submit(caller, roomId, activity(sealed))),
    );
};

// the bare one stores what ours stored, column by column
await ours(true)();
const raw = new Libsql(path.join(folder, 'bare', 'trunkline.db'));
raw.exec('pragma journal_mode = wal');
raw.exec('pragma synchronous = full');
const [conversation] = await store.db.selectFrom('conversations').selectAll().execute();
const latest = async (table, order) =>
  store.db.selectFrom(table).selectAll().orderBy(order, 'desc').limit(1).executeTakeFirstOrThrow();
const sample = { activity: await latest('activities', 'seq'), event: await latest('events', 'pos') };
delete sample.event.pos;
const insert = (table, row) =>
  raw.prepare(
    `insert into ${table} (${Object.keys(row).join(', ')}) values (${Object.keys(row)
      .map(() => '?')
      .join(', ')})`,
  );
insert('conversations', conversation).run(Object.values(conversation));
const statements = {
  activity: insert('activities', sample.activity),
  event: insert('events', sample.event),
  change: raw.prepare(
    'update conversations set seq = ?, last_activity_ms = ?, last_readable_ms = ? where id = ?',
  ),
  begin: raw.prepare('begin immediate'),
  commit: raw.prepare('commit'),
};
let seq = 0;
const reference = async () => {
  for (let n = 0; n < groups; n += 1) {
    statements.begin.run();
    for (let each = 0; each < group; each += 1) {
      seq += 1;
      const now = Date.now();
      statements.activity.run(
        Object.values({
          ...sample.activity,
          id: randomUUID(),
          client_temp_id: randomUUID(),
          seq,
          published_ms: now,
        }),
      );
      statements.event.run(Object.values({ ...sample.event, id: randomUUID(), created_ms: now }));
      statements.change.run([seq, now, now, roomId]);
    }
    statements.commit.run();
    await new Promise((resolve) => setImmediate(resolve));
  }
};

const cpu = async (run) => {
  const start = process.cpuUsage();
  await run();
  const { user: used, system } = process.cpuUsage(start);
  return (used + system) / 1000;
};
const measured = { bare: [], sealed: [], clear: [], again: [] };
for (let pair = -3; pair < pairs; pair += 1) {
  const round = {
    bare: await cpu(reference),
    sealed: await cpu(ours(true)),
    again: await cpu(reference),
    clear: await cpu(ours(false)),
  };
  if (pair >= 0) for (const [name, ms] of Object.entries(round)) measured[name].push(ms);
}
console.log(JSON.stringify({ count: group * groups, ...measured }));
await close();
raw.close();
rmSync(folder, { recursive: true });
