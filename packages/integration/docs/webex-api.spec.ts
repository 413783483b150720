import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { officialMembers } from './webex-members.js';
import { makeContext, type Context, type Probes } from './webex-probes/context.js';
import { conversation } from './webex-probes/conversation.js';
import { devices } from './webex-probes/devices.js';
import { meetings } from './webex-probes/meetings.js';
import { internal } from './webex-probes/internal.js';
import { publicApi } from './webex-probes/public.js';
import { session } from './webex-probes/session.js';

interface Row {
  readonly where: string;
  readonly member: string;
  readonly here: string;
}

const page = path.resolve(import.meta.dirname, '../../../docs/guides/webex-api.md');
const probes: Readonly<Record<string, Probes>> = {
  ...session,
  ...publicApi,
  ...devices,
  ...internal,
  ...meetings,
  'webex.internal.conversation': conversation,
};

function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let where = '';
  for (const line of text.split('\n')) {
    where = /^## `(.+)`$/.exec(line)?.[1] ?? where;
    const [, call = '', here = ''] = /^\| `([^`]+)` +\| (.+?) +\|/.exec(line) ?? [];
    const member = /^\w+/.exec(call)?.[0];
    if (member !== undefined) rows.push({ where, member, here });
  }
  return rows;
}

const share = 'webex.internal.conversation.makeShare()';
function ownerOf(webex: Webex, where: string): Record<string, unknown> {
  if (where === 'Webex') return Webex as unknown as Record<string, unknown>;
  if (where === share) return webex.internal.conversation.makeShare({ id: 'c' }) as never;
  const steps = where.split('.').slice(1);
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], webex) as never;
}

const rows = rowsOf(await readFile(page, 'utf8'));

describe('the page of the webex API', function () {
  this.timeout(30_000);
  let context: Context;
  before(async () => {
    context = await makeContext();
  });
  after(() => context.close());

  it('has every official member, once, and says of each what becomes of it', () => {
    for (const [where, members] of Object.entries(officialMembers)) {
      const named = rows.filter((row) => row.where === where).map(({ member }) => member);
      expect(named, where).to.include.members(members.split(' '));
      expect(new Set(named).size, `${where}: a member is listed twice`).to.equal(named.length);
    }
    expect(new Set(rows.map(({ where }) => where))).to.deep.equal(new Set(Object.keys(officialMembers)));
    for (const { where, member, here } of rows)
      expect(here, `${where}.${member}`).to.match(/^(works|refused: `ERR_[A-Z_]+`)$/);
  });

  it('has a probe for each member that works, and no other', () => {
    for (const where of Object.keys(officialMembers)) {
      const works = rows.filter((row) => row.where === where && row.here === 'works');
      expect(Object.keys(probes[where] ?? {}), where).to.have.members(works.map(({ member }) => member));
    }
  });

  for (const [where, all] of Object.entries(probes))
    describe(`${where}: works`, () => {
      for (const [member, probe] of Object.entries(all))
        it(member, async () => {
          await probe(context);
        });
    });

  it('names the error of what is refused', async () => {
    const refused = rows.filter(({ here }) => here !== 'works');
    expect(refused.length).to.be.greaterThan(20);
    for (const { where, member, here } of refused) {
      const code = /`(ERR_\w+)`/.exec(here)?.[1];
      const owner = ownerOf(context.ana, where);
      const outcome = await Promise.resolve()
        .then(() => (owner[member] as () => unknown).call(owner))
        .then(
          () => undefined,
          (error: unknown) => (error as { readonly code?: string }).code,
        );
      expect(outcome, `${where}.${member}`).to.equal(code);
    }
  });
});
