import { expect } from 'chai';
import type { Migration } from 'kysely';
import { migrations } from '../../modules.js';
import { sortMigrations } from './migrations.js';

const some: Migration = { up: () => Promise.resolve() };

describe('sortMigrations', () => {
  it('runs the migrations of all modules by number', () => {
    const lists = [{ '0002-b': some, '0003-c': some }, { '0001-a': some }];
    expect(Object.keys(sortMigrations(lists))).to.deep.equal(['0001-a', '0002-b', '0003-c']);
  });

  it('refuses a gap, a number that is used twice, and a name without a number', () => {
    expect(() => sortMigrations([{ '0001-a': some, '0003-c': some }])).to.throw(
      'expected 0002 next, found 0003-c',
    );
    expect(() => sortMigrations([{ '0001-a': some }, { '0001-b': some }])).to.throw(
      'expected 0002 next, found 0001-b',
    );
    expect(() => sortMigrations([{ first: some }])).to.throw('first is not a name such as 0012-accounts');
  });

  it('keeps the names that databases of users have recorded', () => {
    expect(Object.keys(migrations).slice(0, 14)).to.deep.equal([
      '0001-messaging',
      '0002-features',
      '0003-sign-in',
      '0004-teams',
      '0005-webhooks',
      '0006-conversation',
      '0007-sign-in-elsewhere',
      '0008-presence',
      '0009-lyra',
      '0010-support',
      '0011-own-files',
      '0012-accounts',
      '0013-history',
      '0014-names',
    ]);
  });
});
