import { expect } from 'chai';
import { sql } from 'kysely';
import { openTestStore } from '../harness.test.js';
import { jsonRows, listed } from './json-rows.js';
import type { MetaTable } from './schema.js';

describe('Rows as JSON', () => {
  const read = async (rows: readonly MetaTable[], wanted: readonly string[]) => {
    const store = await openTestStore('memory');
    try {
      if (rows.length > 0)
        await store.write(({ tx }) =>
          tx
            .insertInto('meta')
            .values([...rows])
            .execute(),
        );
      return await jsonRows<MetaTable>(
        store.db,
        ['key', 'value'],
        sql`${listed(wanted)} cross join meta where key = listed`,
      );
    } finally {
      await store.close();
    }
  };

  it('are what the driver would have answered, whatever is in them', async () => {
    const rows = ['"quotes", \\ and\nlines', "'; drop table meta; --", '😀 grüße', '', '[]', '12'].map(
      (text, n) => ({ key: `${text} ${String(n)}`, value: text }),
    );
    const found = await read(
      rows,
      rows.map(({ key }) => key),
    );
    expect(found).to.deep.equal(rows);
  });
  it('are those that were listed, however many, and no others', async () => {
    const rows = Array.from({ length: 5 }, (_, n) => ({ key: `k${String(n)}`, value: String(n) }));
    const many = Array.from({ length: 40_000 }, (_, n) => `absent ${String(n)}`);
    expect(await read(rows, [...many, 'k3', 'k1'])).to.have.deep.members([rows[3], rows[1]]);
    expect(await read(rows, [])).to.deep.equal([]);
    expect(await read([], ['k1'])).to.deep.equal([]);
  });
});
