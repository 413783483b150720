import type { Store } from './index.js';

const key = 'steady_ms';

/** Where the steady clock of the previous run stopped; undefined before the first sweep. */
export async function readSteadyMark({ db }: Store): Promise<number | undefined> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
  const ms = Number(row?.value ?? NaN);
  return Number.isSafeInteger(ms) ? ms : undefined;
}

/** Kept so that a restart while the wall clock is wrong does not remove what is not old. */
export async function keepSteadyMark(store: Store, ms: number): Promise<void> {
  const value = String(ms);
  await store.write(({ tx }) =>
    tx
      .insertInto('meta')
      .values({ key, value })
      .onConflict((conflict) => conflict.column('key').doUpdateSet({ value }))
      .execute(),
  );
}
