import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { type Harness, startHarness } from '../mercury/harness.test.js';
import { allows, sortScope } from './scopes.js';
import { hashToken } from './tokens.js';

describe('identity', () => {
  let env: Harness;
  beforeEach(async () => {
    env = await startHarness();
  });
  afterEach(() => env.close());

  it('keeps hashes of tokens, never tokens', async () => {
    const { token } = await env.user('ana');
    const rows = await env.store.db.selectFrom('tokens').selectAll().execute();
    expect(rows).to.have.length(2);
    expect(JSON.stringify(rows)).not.to.include(token.split('_')[0]);
    expect(rows.map((row) => row.hash)).to.include(hashToken(token));
  });

  it('knows a caller until the token expires, also when it was known before', async () => {
    const { id } = await env.user('ana');
    const { accessToken } = await env.identity.tokens.grant(id, { expiresIn: 10 });
    expect((await env.identity.callerOfToken(accessToken))?.user.id).to.equal(id);
    env.later(9_000);
    expect((await env.identity.callerOfToken(accessToken))?.user.id).to.equal(id);
    env.later(2_000);
    expect(await env.identity.callerOfToken(accessToken)).to.equal(undefined);
    expect(await env.identity.callerOfToken(accessToken)).to.equal(undefined);
  });

  it('does not ask the store again for a token it knows', async () => {
    const { token } = await env.user('ana');
    await env.identity.callerOfToken(token);
    await env.store.write(({ tx }) => tx.deleteFrom('tokens').execute());
    expect(await env.identity.callerOfToken(token)).not.to.equal(undefined);
  });

  it('takes a refresh token for no access token', async () => {
    const { id } = await env.user('ana');
    const { refreshToken } = await env.identity.tokens.grant(id);
    expect(await env.identity.callerOfToken(refreshToken)).to.equal(undefined);
  });

  it('reports which tokens were revoked: one, a whole sign-in, one person’s', async () => {
    const [ana, ben] = [await env.user('ana'), await env.user('ben')];
    const revoked: string[] = [];
    env.identity.tokens.onRevoked((hashes) => revoked.push(...hashes));
    const kept = await env.identity.tokens.find(ana.token);
    await env.identity.tokens.revokeGrant(kept?.grant_id ?? '');
    expect(revoked).to.include(hashToken(ana.token));
    expect(await env.identity.tokens.expireAccess(ana.id)).to.equal(0);
    expect(await env.identity.tokens.expireAccess()).to.equal(1);
    expect(revoked).to.include(hashToken(ben.token));
  });

  it('finds people by email and by any part of their name', async () => {
    for (const displayName of ['Ana Lima', 'Anatol 50%', 'Lia Banana'])
      await env.identity.users.create({ email: `${randomUUID()}@x.org`, displayName });
    const ana = await env.identity.userByEmail(
      (await env.identity.users.create({ email: 'A@b.org', displayName: 'Zed' })).email.toUpperCase(),
    );
    expect(ana?.display_name).to.equal('Zed');
    const orgId = env.identity.orgId;
    const names = async (displayName: string): Promise<string[]> =>
      (await env.identity.searchUsers(orgId, { displayName, max: 10 })).map((user) => user.display_name);
    expect(await names('ana')).to.deep.equal(['Ana Lima', 'Anatol 50%', 'Lia Banana']);
    expect(await names('LI')).to.deep.equal(['Ana Lima', 'Lia Banana']);
    expect(await names('50%')).to.deep.equal(['Anatol 50%']);
    expect(await names('%')).to.deep.equal(['Anatol 50%']);
    expect(await env.identity.searchUsers(randomUUID(), { displayName: 'ana', max: 10 })).to.deep.equal([]);
  });
});

describe('scopes', () => {
  it('are a set', () => {
    expect(sortScope(' spark:kms  spark:all spark:kms')).to.equal('spark:all spark:kms');
  });

  it('spark:all covers messaging, not keys', () => {
    const all = new Set(['spark:all']);
    expect(allows(all, 'spark:rooms_read')).to.equal(true);
    expect(allows(all, 'spark:kms')).to.equal(false);
    expect(allows(new Set(['spark:kms']), 'spark:rooms_read')).to.equal(false);
    expect(allows(all, 'webexsquare:admin')).to.equal(false);
  });
});
