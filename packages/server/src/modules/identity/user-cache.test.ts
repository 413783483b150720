import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { User } from './api.js';
import { createUserCache } from './user-cache.js';

const user = (id: string, display_name = id): User => ({
  id,
  org_id: 'org',
  email: `${id}@example.com`,
  display_name,
  roles: [],
  extension: '',
  created_ms: 0,
});

/** A table of users, whose reads wait where the test says so. */
function table(ids: readonly string[]) {
  const rows = new Map(ids.map((id) => [id, user(id)]));
  const reads: string[][] = [];
  let release: (() => void) | undefined;
  let held: Promise<void> | undefined;
  return {
    rows,
    reads,
    read: async (wanted: readonly string[]): Promise<readonly User[]> => {
      reads.push([...wanted]);
      const found = wanted.flatMap((id) => rows.get(id) ?? []);
      await held;
      return found;
    },
    hold: (): void => {
      held = new Promise((resolve) => (release = resolve));
    },
    release: (): void => {
      release?.();
      held = undefined;
    },
  };
}

describe('user cache', () => {
  it('reads each user once, and only those it does not have', async () => {
    const { read, reads } = table(['a', 'b', 'c']);
    const cache = createUserCache(read);
    expect((await cache.get('a'))?.id).to.equal('a');
    expect([...(await cache.all(['a', 'b', 'c'])).keys()]).to.have.members(['a', 'b', 'c']);
    await cache.all(['a', 'b', 'c']);
    expect(reads).to.deep.equal([['a'], ['b', 'c']]);
  });

  it('reads ids without a user again: one of them may be created', async () => {
    const { read, rows } = table([]);
    const cache = createUserCache(read);
    expect(await cache.get('a')).to.equal(undefined);
    rows.set('a', user('a'));
    expect((await cache.get('a'))?.id).to.equal('a');
  });

  it('does not keep a row that was read before a change and arrives after it', async () => {
    const { hold, read, release, rows } = table(['a']);
    const cache = createUserCache(read);
    hold();
    const early = cache.get('a');
    rows.set('a', user('a', 'new'));
    cache.forget('a');
    release();
    expect((await early)?.display_name).to.equal('a');
    expect((await cache.get('a'))?.display_name).to.equal('new');
  });

  it('drops a changed user that was kept a while ago', async () => {
    const { read, rows } = table(['a', 'b', 'c']);
    const cache = createUserCache(read, 4);
    for (const id of ['a', 'b', 'c', 'a']) await cache.get(id);
    rows.set('a', user('a', 'new'));
    cache.forget('a');
    expect((await cache.all(['a', 'b'])).get('a')?.display_name).to.equal('new');
  });

  it('keeps a bounded number, and those that are in use', async () => {
    const ids = Array.from({ length: 100 }, (_, n) => `u${String(n)}`);
    const { read, reads } = table(['hot', ...ids]);
    const cache = createUserCache(read, 10);
    for (const id of ids) {
      await cache.get('hot');
      await cache.get(id);
    }
    expect(reads.filter(([id]) => id === 'hot')).to.have.length(1);
    const before = reads.length;
    await cache.all(ids);
    expect(reads.slice(before).flat().length).to.be.at.least(90);
  });

  it('is notified of every change: only users.ts changes rows of users', () => {
    const source = fileURLToPath(new URL('../../', import.meta.url));
    const changing = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) =>
        /(updateTable|deleteFrom|replaceInto)\('users'\)|\b(update|delete from) users\b/.test(
          readFileSync(source + file, 'utf8'),
        ),
      )
      .map((file) => file.replaceAll('\\', '/'));
    expect(changing).to.deep.equal(['modules/identity/users.ts']);
  });
});
