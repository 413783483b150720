import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// what SQLite has and PostgreSQL has not, or has under another name
const embeddedOnly =
  /json_each|json_group_array|json_array\(|json_extract|\bpragma\b|sqlite_master|\browid\b|insert or |strftime|\bvacuum\b|unixepoch/;

describe('queries', () => {
  it('use what SQLite and PostgreSQL have in common, outside of the store and the backup of its file', () => {
    const source = fileURLToPath(new URL('../../', import.meta.url));
    const found = readdirSync(source, { recursive: true, encoding: 'utf8' })
      .map((file) => file.replaceAll('\\', '/'))
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .filter((file) => !file.startsWith('kernel/store/') && !file.startsWith('ops/backup/'))
      .filter((file) => embeddedOnly.test(readFileSync(source + file, 'utf8')));
    expect(found).to.deep.equal([]);
  });
});
