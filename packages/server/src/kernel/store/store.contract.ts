import { expect } from 'chai';
import type { Store } from './store.js';
import { remembered } from './write-cache.js';

/** What every store must do. A factory opens a store on the same place each time; `remove` ends the place. */
export function storeContract(
  name: string,
  place: () => { open(): Promise<Store>; remove(): void | Promise<void> },
): void {
  describe(`store: ${name}`, () => {
    let store: Store;
    let at: ReturnType<typeof place>;
    beforeEach(async () => {
      at = place();
      store = await at.open();
    });
    afterEach(async () => {
      await store.close();
      await at.remove();
    });
    const put = (key: string, value = key): Promise<unknown> =>
      store.write(({ tx }) => tx.insertInto('meta').values({ key, value }).execute());
    const keys = async (): Promise<string[]> =>
      (
        await store.db.selectFrom('meta').select('key').where('key', 'like', 't-%').orderBy('key').execute()
      ).map((row) => row.key);
    const event = { id: 'x', conversation_id: null, user_id: 'u', type: 't', payload: '{}', created_ms: 1 };

    it('shows a write to readers once it has answered', async () => {
      await put('t-a');
      expect(await keys()).to.deep.equal(['t-a']);
    });

    it('shows nothing of a write before it is committed', async () => {
      let during: string[] = [];
      await store.write(async ({ tx }) => {
        await tx.insertInto('meta').values({ key: 't-a', value: '' }).execute();
        during = await keys();
      });
      expect(during).to.deep.equal([]);
    });

    it('undoes a write that throws, keeps its neighbours of the same commit', async () => {
      const results = await Promise.allSettled([
        put('t-a'),
        store.write(async ({ tx }) => {
          await tx.insertInto('meta').values({ key: 't-b', value: '' }).execute();
          throw new Error('changed my mind');
        }),
        put('t-c'),
      ]);
      expect(results.map((result) => result.status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      expect(await keys()).to.deep.equal(['t-a', 't-c']);
    });

    it('undoes a write that broke a rule of the schema', async () => {
      await put('t-a');
      const [again, other] = await Promise.allSettled([put('t-a', 'other'), put('t-b')]);
      expect([again.status, other.status]).to.deep.equal(['rejected', 'fulfilled']);
      expect(await keys()).to.deep.equal(['t-a', 't-b']);
    });

    it('keeps what is right of repeatable writes of which one broke a rule', async () => {
      const repeatable = true;
      const add = (...names: string[]): Promise<void> =>
        store.write(
          async ({ tx }) => {
            for (const key of names) await tx.insertInto('meta').values({ key, value: '' }).execute();
          },
          { repeatable },
        );
      const results = await Promise.allSettled([add('t-a'), add('t-b', 't-a'), add('t-c')]);
      expect(results.map((result) => result.status)).to.deep.equal(['fulfilled', 'rejected', 'fulfilled']);
      expect(await keys()).to.deep.equal(['t-a', 't-c']);
    });

    it('remembers for writes what they read, until it is changed or anything is undone; never for readers', async () => {
      const values = remembered<string>(2);
      await store.write(({ tx }) => {
        values.set(tx, 'x', 'kept');
        return Promise.resolve();
      });
      const seen = (): Promise<string | undefined> =>
        store.write(({ tx }) => Promise.resolve(values.get(tx, 'x')));
      const first = await seen();
      expect(values.get(store.db, 'x')).to.equal(undefined);
      await store
        .write(async ({ tx }) => {
          values.set(tx, 'x', 'undone');
          await tx.insertInto('meta').values({ key: 't-a', value: '' }).execute();
          throw new Error('changed my mind');
        })
        .catch(() => undefined);
      // a store with several writers remembers nothing at all
      expect([undefined, 'kept']).to.include(first);
      expect(await seen()).to.equal(undefined);
    });

    it('sees earlier writes of the same commit within a later one', async () => {
      void put('t-a');
      const seen = await store.write(({ tx }) =>
        tx.selectFrom('meta').select('key').where('key', '=', 't-a').executeTakeFirst(),
      );
      expect(seen).to.deep.equal({ key: 't-a' });
    });

    it('gives positions in the order of commits, without using one again', async () => {
      const positions = await Promise.all(
        Array.from({ length: 50 }, () =>
          store.write(({ tx }) =>
            tx.insertInto('events').values(event).returning('pos').executeTakeFirstOrThrow(),
          ),
        ),
      );
      const list = positions.map((row) => row.pos);
      expect(list).to.deep.equal([...list].sort((a, b) => a - b));
      expect(new Set(list).size).to.equal(50);
      await store.write(({ tx }) => tx.deleteFrom('events').execute());
      const { pos } = await store.write(({ tx }) =>
        tx.insertInto('events').values(event).returning('pos').executeTakeFirstOrThrow(),
      );
      expect(pos).to.be.above(list.at(-1) ?? 0);
    });

    it('keeps what it answered when it is opened again', async () => {
      await put('t-a');
      await store.close();
      store = await at.open();
      expect(await keys()).to.deep.equal(['t-a']);
    });

    it('finishes what waits when it closes', async () => {
      const writes = ['t-a', 't-b', 't-c'].map((key) => put(key));
      await store.close();
      await Promise.all(writes);
      store = await at.open();
      expect(await keys()).to.deep.equal(['t-a', 't-b', 't-c']);
    });
  });
}
