import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { authorizationCode, clientCredentials, createGuestJwt, guest, revoke } from '@trunkline/auth';
import { fileStorage, type ClientBase } from '@trunkline/core';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { ended, failure, personWithPassword, register, signInByForms, type Person } from './kit.js';

const redirectUri = 'https://app.example/callback';

describe('signing in, in Node', function () {
  this.timeout(30_000);
  let cloud: Cloud;
  let ana: Person;
  let service: string;
  const confidential = { clientId: 'server', clientSecret: 'a-long-and-random-secret-of-the-server' };
  const publicClient = { clientId: 'tool' };

  before(async () => {
    cloud = await startCloud();
    service = cloud.url;
    ana = await personWithPassword(cloud, 'ana');
    for (const client of [confidential, publicClient])
      await register(cloud, {
        ...client,
        redirectUris: [redirectUri],
        scopes: 'spark:all spark:kms',
        name: 'Launch',
      });
  });
  after(() => cloud.close());

  const me = async (client: ClientBase): Promise<{ displayName: string; id: string }> =>
    (await client.request<{ displayName: string; id: string }>({ service: 'hydra', path: 'people/me' })).body;
  const withToken = (token: Parameters<typeof cloud.client>[2] & object) => cloud.client('nobody', [], token);
  const flowOf = (client: object, more: object = {}) =>
    authorizationCode({
      service,
      ...(client as typeof publicClient),
      redirectUri,
      scopes: 'spark:all spark:kms',
      ...more,
    });

  for (const [kind, client] of [
    ['confidential', confidential],
    ['public', publicClient],
  ] as const)
    it(`exchanges a code as a ${kind} client, renews, survives a restart, and signs out`, async () => {
      const folder = await mkdtemp(path.join(tmpdir(), 'tokens-'));
      try {
        const flow = flowOf(client, { storage: fileStorage(folder) });
        const back = await signInByForms(await flow.authorizeUrl({ state: { visitor: 7 } }), ana.email);
        const signedIn = await flow.exchange(back, { user: 'ana' });
        expect(signedIn.state).to.deep.equal({ visitor: 7 });
        const one = await withToken({ token: signedIn.token });
        expect((await me(one)).displayName).to.equal('ana');
        await cloud.fault({ kind: 'expire-tokens', match: { userId: ana.id } });
        expect((await me(one)).displayName).to.equal('ana');
        await one.close();
        await expectQuiet(one);

        const restarted = await flowOf(client, { storage: fileStorage(folder) }).restore('ana');
        if (restarted === undefined) throw new Error('the tokens are gone');
        const two = await withToken({ token: restarted.token });
        expect((await me(two)).displayName).to.equal('ana');
        await restarted.signOut();
        expect((await failure(me(two))).code).to.equal('ERR_AUTH_EXPIRED');
        await two.close();
        expect(await flow.restore('ana')).to.equal(undefined);
      } finally {
        await rm(folder, { recursive: true });
      }
    });

  it('gives nothing for a code that was used, and ends what it gave', async () => {
    const flow = flowOf(confidential);
    const back = await signInByForms(await flow.authorizeUrl(), ana.email);
    const first = await flow.exchange(back, { user: 'first' });
    const error = await failure(flow.exchange(back, { user: 'second' }));
    expect(error.code).to.equal('ERR_TOKEN_INVALID');
    expect(JSON.stringify(error)).not.to.include(new URL(back).searchParams.get('code'));
    expect(await flow.restore('second')).to.equal(undefined);
    const client = await withToken({ token: first.token });
    expect((await failure(me(client))).code).to.equal('ERR_AUTH_EXPIRED');
    await client.close();
  });
  it('says that the person did not allow it, that the state is wrong, and that the client is', async () => {
    const ben = await personWithPassword(cloud, 'ben');
    const flow = flowOf(confidential);
    const denied = await signInByForms(await flow.authorizeUrl(), ben.email, 'deny');
    expect((await failure(flow.exchange(denied))).code).to.equal('ERR_AUTH_DENIED');
    const back = await signInByForms(await flow.authorizeUrl(), ana.email);
    expect((await failure(flowOf(confidential).exchange(back))).code).to.equal('ERR_AUTH_STATE');
    const state = { stateSecret: 'the same' };
    const wrong = flowOf({ ...confidential, clientSecret: 'wrong' }, state);
    const right = await signInByForms(await flowOf(confidential, state).authorizeUrl(), ana.email);
    const refused = await failure(wrong.exchange(right));
    expect(refused.code).to.equal('ERR_AUTH_CLIENT');
    expect(refused.message).to.include('invalid_client').and.not.to.include('wrong');
    const much = await signInByForms(
      await flowOf(confidential, { scopes: 'spark:all no:such' }).authorizeUrl(),
      ana.email,
    );
    expect(much).to.include('error=invalid_scope');
  });
  it('ends the first token when it was renewed twice, and keeps the second one (U24)', async () => {
    for (const client of [confidential, publicClient]) {
      const flow = flowOf(client);
      const { token } = await flow.exchange(await signInByForms(await flow.authorizeUrl(), ana.email));
      const tokens: string[] = [];
      for (let turn = 0; turn < 3; turn += 1) {
        const last = tokens.at(-1);
        const got = await token({
          reason: last === undefined ? 'start' : 'rejected',
          ...(last !== undefined && { previous: { accessToken: last } }),
          tokenUrl: '',
          fetch,
          signal: new AbortController().signal,
        });
        tokens.push(typeof got === 'string' ? got : got.accessToken);
      }
      const status = async (accessToken = ''): Promise<number> =>
        (await fetch(`${service}/v1/people/me`, { headers: { authorization: `Bearer ${accessToken}` } }))
          .status;
      await ended(() => status(tokens[0]));
      expect(await Promise.all(tokens.map(status))).to.deep.equal([401, 200, 200]);
    }
  });
  it('says once when the refresh token was revoked', async () => {
    const flow = flowOf(confidential);
    const { token } = await flow.exchange(await signInByForms(await flow.authorizeUrl(), ana.email));
    const client = await withToken({ token });
    const told: unknown[] = [];
    client.on('authExpired', ({ error }) => told.push(error.cause));
    expect((await me(client)).displayName).to.equal('ana');
    const stored = await token({
      reason: 'start',
      tokenUrl: '',
      fetch,
      signal: new AbortController().signal,
    });
    const accessToken = typeof stored === 'string' ? stored : stored.accessToken;
    // the whole sign-in: the service ends it with its logout
    await fetch(`${service}/idbroker/idb/oauth2/v1/logout`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: accessToken }),
    });
    const outcomes = await Promise.all([failure(me(client)), failure(me(client))]);
    for (const { code } of outcomes) expect(code).to.equal('ERR_AUTH_EXPIRED');
    expect(told).to.have.length(1);
    expect(told[0]).to.include({ code: 'ERR_TOKEN_INVALID' });
    await client.close();
  });

  it('acts as a program by client credentials', async () => {
    const token = clientCredentials({ service, ...confidential, scopes: 'spark:all' });
    const client = await withToken({ token });
    expect((await me(client)).displayName).to.be.a('string');
    await client.close();
    const wrong = await withToken({
      token: clientCredentials({ service, ...confidential, clientSecret: 'wrong' }),
    });
    const error = await failure(me(wrong));
    expect(error.code).to.equal('ERR_AUTH_EXPIRED');
    expect(error.cause).to.include({ code: 'ERR_AUTH_CLIENT' });
    await wrong.close();
  });
  it('revokes a token, also one that is not a more', async () => {
    const token = clientCredentials({ service, ...confidential, scopes: 'spark:all' });
    const got = await token({ reason: 'start', tokenUrl: '', fetch, signal: new AbortController().signal });
    const accessToken = typeof got === 'string' ? got : got.accessToken;
    const status = async (): Promise<number> =>
      (await fetch(`${service}/v1/people/me`, { headers: { authorization: `Bearer ${accessToken}` } }))
        .status;
    expect(await status()).to.equal(200);
    await revoke({ service, ...confidential, token: accessToken });
    expect(await status()).to.equal(401);
    await revoke({ service, ...confidential, token: accessToken });
    expect(
      (await failure(revoke({ service, ...confidential, clientSecret: 'no', token: 'x' }))).code,
    ).to.equal('ERR_AUTH_CLIENT');
  });

  describe('as a guest', () => {
    let issuer: { issuer: string; secret: string };
    before(async () => {
      issuer = await cloud.admin('POST', 'guest-issuers', { name: 'Desk' });
    });
    it('comes in by the issuer’s word, and is the same person next time', async () => {
      const jwt = (): Promise<string> =>
        createGuestJwt({ ...issuer, displayName: 'Visitor', subject: 'visitor-1' });
      const people = [];
      for (const token of [
        guest({ service, jwt }),
        guest({ service, ...issuer, displayName: 'Visitor', subject: 'visitor-1' }),
      ]) {
        const client = await withToken({ token });
        people.push(await me(client));
        await client.close();
      }
      expect(people[0]?.displayName).to.equal('Visitor');
      expect(people[1]?.id).to.equal(people[0]?.id);
    });
    it('is refused with another secret', async () => {
      const token = guest({ service, ...issuer, secret: btoa('another'), displayName: 'Visitor' });
      const client = await withToken({ token });
      const error = await failure(me(client));
      expect(error.code).to.equal('ERR_AUTH_EXPIRED');
      expect(error.cause).to.include({ code: 'ERR_TOKEN_INVALID' });
      await client.close();
    });
  });
});
