import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { officialMembers } from './webex-members.js';

interface Row {
  readonly where: string;
  readonly member: string;
  /** as a call: with brackets */
  readonly isMethod: boolean;
  readonly here: string;
}

const page = path.resolve(import.meta.dirname, '../../../docs/guides/webex-api.md');

function rowsOf(text: string): readonly Row[] {
  const rows: Row[] = [];
  let where = '';
  for (const line of text.split('\n')) {
    where = /^## `(.+)`$/.exec(line)?.[1] ?? where;
    const [, call = '', here = ''] = /^\| `([^`]+)` +\| (.+?) +\|/.exec(line) ?? [];
    const member = /^\w+/.exec(call)?.[0];
    if (member !== undefined) rows.push({ where, member, isMethod: call.includes('('), here });
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

describe('the page of the webex API', () => {
  let webex: Webex;
  let rows: readonly Row[];
  before(async () => {
    rows = rowsOf(await readFile(page, 'utf8'));
    // nothing leaves: what is refused is refused before
    webex = Webex.init({ config: { service: 'http://127.0.0.1:9', logger: { level: 'silent' } } });
    await webex.when('ready');
  });
  after(() => webex.close());

  it('has every official member, once, and says of each what becomes of it', () => {
    for (const [where, members] of Object.entries(officialMembers)) {
      const named = rows.filter((row) => row.where === where).map(({ member }) => member);
      expect(named, where).to.include.members(members.split(' '));
      expect(new Set(named).size, `${where}: a member stands there twice`).to.equal(named.length);
    }
    expect(new Set(rows.map(({ where }) => where))).to.deep.equal(new Set(Object.keys(officialMembers)));
    for (const { where, member, here } of rows)
      expect(here, `${where}.${member}`).to.match(/^(works|refused: `ERR_[A-Z_]+`)$/);
  });

  it('says works of what is there', () => {
    for (const { where, member, isMethod, here } of rows) {
      if (here !== 'works') continue;
      const owner = ownerOf(webex, where);
      const name = `${where}.${member}`;
      expect(member in owner, name).to.equal(true);
      if (!isMethod) continue;
      expect(owner[member], name).to.be.a('function');
      expect((owner[member] as { readonly name: string }).name, name).not.to.equal('refused');
    }
  });

  it('names the error of what is refused', async () => {
    const refused = rows.filter(({ here }) => here !== 'works');
    expect(refused.length).to.be.greaterThan(20);
    for (const { where, member, here } of refused) {
      const code = /`(ERR_\w+)`/.exec(here)?.[1];
      const owner = ownerOf(webex, where);
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
