import { expect } from 'chai';
import { basic, callback, type IdentityCloud, type Reply, startIdentity, verifier } from './harness.test.js';
import { oauthBase } from './oauth.js';

const error = (reply: Reply): string => `${String(reply.status)} ${String(reply.body['error'])}`;
const me = '/v1/people/me';

describe('grants', () => {
  let cloud: IdentityCloud;
  let anaId: string;
  const secret = basic('web', 's3cret');
  before(async () => {
    cloud = await startIdentity();
    anaId = (await cloud.person('ana')).id;
    await cloud.client();
    await cloud.client({
      clientId: 'web',
      clientSecret: 's3cret',
      redirectUris: [callback, 'https://a.example/cb'],
    });
    await cloud.client({ clientId: 'narrow', clientSecret: 's', scopes: 'spark:rooms_read' });
  });
  after(() => cloud.close());

  const codeOf = async (fields: Readonly<Record<string, string | undefined>> = {}): Promise<string> => {
    const back = await cloud.browser().allow(cloud.authorizeUrl(fields), 'ana');
    return back.to?.searchParams.get('code') ?? '';
  };
  const plain = { client_id: 'web', code_challenge: undefined, code_challenge_method: undefined };
  const exchange = { grant_type: 'authorization_code', redirect_uri: callback };
  const pub = { ...exchange, client_id: 'app', code_verifier: verifier };

  describe('by code', () => {
    it('gives a public client its tokens for the verifier', async () => {
      const reply = await cloud.token({ ...pub, code: await codeOf(), self_contained_token: 'true' });
      expect(reply.status).to.equal(200);
      expect(reply.headers['cache-control']).to.equal('no-store');
      expect(reply.body).to.include({ token_type: 'Bearer', scope: 'spark:all spark:kms' });
      expect(reply.body).to.include.keys('expires_in', 'refresh_token', 'refresh_token_expires_in');
      expect((await cloud.as(reply.body['access_token'], 'GET', me)).body['id']).to.equal(anaId);
    });

    it('gives a confidential client its tokens by Basic, with or without PKCE', async () => {
      const first = await cloud.token({ ...exchange, code: await codeOf(plain) }, secret);
      expect(first.status).to.equal(200);
      const code = await codeOf({ client_id: 'web' });
      expect(error(await cloud.token({ ...exchange, code }, secret))).to.equal('400 invalid_grant');
      expect((await cloud.token({ ...exchange, code, code_verifier: verifier }, secret)).status).to.equal(
        200,
      );
    });

    it('says what is wrong in the form that clients know', async () => {
      const reply = await cloud.token({ ...pub, code: 'no' });
      expect(reply.body).to.include({ error: 'invalid_grant' });
      expect(reply.body['error_description']).to.be.a('string');
      expect(reply.body['error_uri']).to.match(/^https:/);
    });

    it('refuses wrong parts, and still takes the right ones after', async () => {
      const code = await codeOf(plain);
      const right = { ...exchange, code };
      expect(error(await cloud.token(right, basic('web', 'wrong')))).to.equal('400 invalid_client');
      expect(error(await cloud.token(right, basic('web', '')))).to.equal('400 invalid_client');
      expect(error(await cloud.token({ ...right, client_id: 'web' }))).to.equal('400 invalid_client');
      expect(error(await cloud.token(right, basic('unknown', 's3cret')))).to.equal('400 invalid_client');
      expect(error(await cloud.token(right, basic('narrow', 's')))).to.equal('400 invalid_grant');
      const elsewhere = { ...right, redirect_uri: 'https://a.example/cb' };
      expect(error(await cloud.token(elsewhere, secret))).to.equal('400 invalid_grant');
      // asked for without a challenge: a verifier proves nothing
      expect(error(await cloud.token({ ...right, code_verifier: verifier }, secret))).to.equal(
        '400 invalid_grant',
      );
      expect(error(await cloud.token({ ...exchange, code: '' }, secret))).to.equal('400 invalid_request');
      expect(error(await cloud.token({ grant_type: exchange.grant_type, code }, secret))).to.equal(
        '400 invalid_request',
      );
      expect((await cloud.token(right, secret)).status).to.equal(200);
    });

    it('refuses another verifier, and none', async () => {
      const code = await codeOf();
      const none = { ...exchange, client_id: 'app', code };
      expect(error(await cloud.token(none))).to.equal('400 invalid_grant');
      expect(error(await cloud.token({ ...none, code_verifier: 'w'.repeat(64) }))).to.equal(
        '400 invalid_grant',
      );
      expect((await cloud.token({ ...none, code_verifier: verifier })).status).to.equal(200);
    });

    it('works once: shown again, what it gave falls', async () => {
      const code = await codeOf();
      const { body } = await cloud.token({ ...pub, code });
      expect((await cloud.as(body['access_token'], 'GET', me)).status).to.equal(200);
      expect(error(await cloud.token({ ...pub, code }))).to.equal('400 invalid_grant');
      expect((await cloud.as(body['access_token'], 'GET', me)).status).to.equal(401);
      const refresh = {
        grant_type: 'refresh_token',
        client_id: 'app',
        refresh_token: String(body['refresh_token']),
      };
      expect(error(await cloud.token(refresh))).to.equal('400 invalid_grant');
    });

    it('gives once when it is shown twice at the same time', async () => {
      const code = await codeOf();
      const both = await Promise.all([cloud.token({ ...pub, code }), cloud.token({ ...pub, code })]);
      expect(both.map((reply) => reply.status).sort()).to.deep.equal([200, 400]);
    });

    it('expires', async () => {
      const code = await codeOf();
      cloud.later(5 * 60_000);
      const reply = await cloud.token({ ...pub, code });
      expect(error(reply)).to.equal('400 invalid_grant');
      expect(reply.body['error_description']).to.include('expired');
    });
  });

  describe('by refresh token', () => {
    const granted = async (clientId: string) => cloud.identity.tokens.grant(anaId, { clientId });
    const ask = (refresh_token: unknown, client_id = 'app'): Promise<Reply> =>
      cloud.token({ grant_type: 'refresh_token', client_id, refresh_token: String(refresh_token) });

    it('leaves a confidential client its refresh token, and the access token before valid', async () => {
      const before = await granted('web');
      const fields = {
        grant_type: 'refresh_token',
        redirect_uri: callback,
        refresh_token: before.refreshToken,
      };
      expect(error(await cloud.token(fields, basic('web', 'wrong')))).to.equal('400 invalid_client');
      expect(error(await cloud.token({ ...fields, client_id: 'web' }))).to.equal('400 invalid_client');
      expect(error(await cloud.token(fields, basic('narrow', 's')))).to.equal('400 invalid_grant');
      const { body } = await cloud.token(fields, secret);
      expect(body['refresh_token']).to.equal(before.refreshToken);
      expect(body['access_token']).not.to.equal(before.accessToken);
      for (const token of [before.accessToken, body['access_token']])
        expect((await cloud.as(token, 'GET', me)).status).to.equal(200);
    });

    it('gives a public client another each time, and takes the one before while the new one is unused', async () => {
      const { refreshToken: first } = await granted('app');
      const lost = await ask(first);
      expect(lost.body['refresh_token']).to.be.a('string').and.not.equal(first);
      cloud.later(61_000);
      const second = await ask(first);
      expect(second.status).to.equal(200);
      const third = await ask(second.body['refresh_token']);
      expect(third.status).to.equal(200);
      expect((await cloud.as(third.body['access_token'], 'GET', me)).status).to.equal(200);
    });

    it('gives two windows that refresh at once one each', async () => {
      const { refreshToken } = await granted('app');
      const replies = await Promise.all([ask(refreshToken), ask(refreshToken)]);
      for (const { body } of replies) expect((await ask(body['refresh_token'])).status).to.equal(200);
    });

    it('revokes everything when one is shown after its successor was used', async () => {
      const { refreshToken: first } = await granted('app');
      const second = await ask(first);
      const third = await ask(second.body['refresh_token']);
      expect(error(await ask(first))).to.equal('400 invalid_grant');
      expect((await cloud.as(third.body['access_token'], 'GET', me)).status).to.equal(401);
      expect(error(await ask(third.body['refresh_token']))).to.equal('400 invalid_grant');
    });

    it('revokes everything when one whose answer was lost comes from elsewhere', async () => {
      const { refreshToken: first } = await granted('app');
      const stolen = await ask(first);
      cloud.later(61_000);
      const own = await ask(first);
      expect(error(await ask(stolen.body['refresh_token']))).to.equal('400 invalid_grant');
      expect(error(await ask(own.body['refresh_token']))).to.equal('400 invalid_grant');
    });

    it('refuses what is none, another’s, or too old', async () => {
      const { refreshToken, accessToken } = await granted('app');
      expect(error(await ask('junk'))).to.equal('400 invalid_grant');
      expect(error(await ask(accessToken))).to.equal('400 invalid_grant');
      expect(error(await cloud.token({ grant_type: 'refresh_token', client_id: 'app' }))).to.equal(
        '400 invalid_request',
      );
      await cloud.client({ clientId: 'app2' });
      expect(error(await ask(refreshToken, 'app2'))).to.equal('400 invalid_grant');
      cloud.later(61 * 86_400_000);
      expect(error(await ask(refreshToken))).to.equal('400 invalid_grant');
    });
  });

  describe('of a client for itself', () => {
    const own = { grant_type: 'client_credentials' };
    it('gives a token of its own account, which opens nothing but the catalog by default', async () => {
      const [one, two] = await Promise.all([cloud.token(own, secret), cloud.token(own, secret)]);
      expect(one.body).to.include({ scope: 'webexsquare:admin', token_type: 'Bearer' });
      expect(one.body).not.to.have.property('refresh_token');
      const ids = await Promise.all(
        [one, two].map(async ({ body }) => {
          expect((await cloud.as(body['access_token'], 'GET', me)).status).to.equal(403);
          return (await cloud.as(body['access_token'], 'GET', '/u2c/api/v1/catalog')).body['id'];
        }),
      );
      expect(ids[0]).to.be.a('string').and.equal(ids[1]);
      expect(ids[0]).not.to.equal(anaId);
      const found = await cloud.identity.searchUsers(cloud.identity.orgId, { max: 100 });
      expect(found.map((user) => user.id)).to.deep.equal([anaId]);
    });

    it('gives the scopes it is registered for, no others, and nothing to a public client', async () => {
      const wide = await cloud.token({ ...own, scope: 'spark:all', self_contained_token: 'true' }, secret);
      expect((await cloud.as(wide.body['access_token'], 'GET', me)).status).to.equal(200);
      expect(error(await cloud.token({ ...own, scope: 'spark:all' }, basic('narrow', 's')))).to.equal(
        '400 invalid_scope',
      );
      expect(error(await cloud.token({ ...own, client_id: 'app' }))).to.equal('400 unauthorized_client');
      expect(error(await cloud.token(own, basic('web', 'wrong')))).to.equal('400 invalid_client');
      expect(error(await cloud.token(own))).to.equal('400 invalid_client');
    });
  });

  it('are named: anything else is refused', async () => {
    expect(error(await cloud.token({}))).to.equal('400 invalid_request');
    expect(error(await cloud.token({ grant_type: 'password' }))).to.equal('400 unsupported_grant_type');
    expect(error(await cloud.token('grant_type=refresh_token&grant_type=password'))).to.equal(
      '400 invalid_request',
    );
    expect(
      error(await cloud.token({ grant_type: 'client_credentials' }, { authorization: 'Basic !' })),
    ).to.equal('400 invalid_client');
  });

  describe('narrowed', () => {
    const reduce = (token: string, scope: string, client_id = 'app'): Promise<Reply> =>
      cloud.token({
        grant_type: 'urn:cisco:oauth:grant-type:scope-reduction',
        token,
        scope,
        client_id,
        self_contained_token: 'true',
      });
    it('do less, and never more', async () => {
      const { accessToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'app' });
      expect(error(await reduce(accessToken, 'webexsquare:admin'))).to.equal('400 invalid_scope');
      expect(error(await reduce(accessToken, ''))).to.equal('400 invalid_scope');
      expect(error(await reduce(accessToken, 'spark:all', 'web'))).to.equal('400 invalid_grant');
      const reading = (await reduce(accessToken, 'spark:rooms_read')).body['access_token'];
      expect((await cloud.as(reading, 'GET', '/v1/rooms')).status).to.equal(200);
      const refused = await cloud.as(reading, 'POST', '/v1/rooms');
      expect(refused.status).to.equal(403);
      expect(refused.text).to.include('spark:rooms_write');
      expect((await cloud.as(reading, 'GET', me)).status).to.equal(403);
      expect((await cloud.as(reading, 'GET', '/conversation/api/v1/conversations')).status).to.equal(403);
      expect(error(await reduce(String(reading), 'spark:all'))).to.equal('400 invalid_scope');
      const keys = (await reduce(accessToken, 'spark:kms')).body['access_token'];
      expect((await cloud.as(keys, 'GET', '/v1/rooms')).status).to.equal(403);
      expect((await cloud.as(keys, 'GET', '/u2c/api/v1/catalog')).status).to.equal(200);
    });

    for (const [has, wants] of [
      ['spark:all', 'spark:all'],
      ['spark:all spark:kms', 'spark:kms spark:all'],
      ['spark:all', 'spark:all spark:rooms_read'],
      ['spark:rooms_read', ' spark:rooms_read  spark:rooms_read '],
    ] as const)
      it(`are refused when they would be a full copy: ${wants.trim()} of ${has} (F7)`, async () => {
        const { accessToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'app', scope: has });
        const reply = await reduce(accessToken, wants);
        expect(error(reply)).to.equal('400 invalid_scope');
        expect(reply.body['error_description']).to.include('requires a reduced scope');
      });

    /** A token, one that was reduced from it, and one that was reduced from that one. */
    const chain = async () => {
      const { accessToken, refreshToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'app' });
      const first = String((await reduce(accessToken, 'spark:all')).body['access_token']);
      const second = String((await reduce(first, 'spark:people_read')).body['access_token']);
      return { accessToken, refreshToken, first, second };
    };
    const good = async (...tokens: readonly string[]): Promise<readonly boolean[]> =>
      Promise.all(tokens.map(async (token) => (await cloud.as(token, 'GET', me)).status === 200));

    const ways: Readonly<Record<string, (of: Awaited<ReturnType<typeof chain>>) => Promise<unknown>>> = {
      'revoking it': ({ accessToken }) =>
        cloud.ask('POST', `${oauthBase}/revoke`, { form: { token: accessToken, client_id: 'app' } }),
      'revoking its refresh token': ({ refreshToken }) =>
        cloud.ask('POST', `${oauthBase}/revoke`, { form: { token: refreshToken, client_id: 'app' } }),
      'revoking it by administration': ({ accessToken }) => cloud.identity.tokens.revoke(accessToken),
      'revoking its refresh token by administration': ({ refreshToken }) =>
        cloud.identity.tokens.revoke(refreshToken),
      'signing out with it': ({ accessToken }) =>
        cloud.ask('POST', `${oauthBase}/logout`, { body: { token: accessToken } }),
      'signing out in a browser with its refresh token': ({ refreshToken }) =>
        cloud.ask('GET', `${oauthBase}/logout?token=${refreshToken}`),
      'removing all that the client holds': () =>
        cloud.store.write((write) =>
          cloud.identity.tokens.removeHeld(write, { clientId: 'app', userId: anaId }),
        ),
      'removing all that the person holds': () =>
        cloud.store.write((write) => cloud.identity.tokens.removeHeld(write, { userIds: [anaId] })),
      'expiring the access tokens': () => cloud.identity.tokens.expireAccess(anaId),
    };
    for (const [way, end] of Object.entries(ways))
      it(`end with the token they came from, over all steps: ${way} (F7)`, async () => {
        const made = await chain();
        const { accessToken, first, second } = made;
        expect(await good(accessToken, first, second)).to.deep.equal([true, true, true]);
        const told = new Set<string>();
        const stop = cloud.identity.tokens.onRevoked((hashes) => {
          for (const hash of hashes) told.add(hash);
        });
        await end(made);
        stop();
        expect(await good(accessToken, first, second)).to.deep.equal([false, false, false]);
        // so that their sockets close, too
        expect(told.size).to.be.at.least(3);
      });

    it('end alone, with what came from them, when they are revoked themselves', async () => {
      const { accessToken, first, second } = await chain();
      const sibling = String((await reduce(accessToken, 'spark:people_read')).body['access_token']);
      await cloud.ask('POST', `${oauthBase}/revoke`, { form: { token: first, client_id: 'app' } });
      expect(await good(accessToken, first, second, sibling)).to.deep.equal([true, false, false, true]);
    });

    it('are not issued of a token that is revoked at the same moment', async () => {
      for (let at = 0; at < 10; at += 1) {
        const { accessToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'app' });
        const [reply] = await Promise.all([
          reduce(accessToken, 'spark:people_read'),
          cloud.identity.tokens.revoke(accessToken),
        ]);
        const issued = reply.body['access_token'];
        if (issued !== undefined) expect(await good(issued as string)).to.deep.equal([false]);
        else expect(error(reply)).to.equal('400 invalid_grant');
      }
    });

    it('are not issued of a token that was reduced before to less', async () => {
      const { second } = await chain();
      expect(error(await reduce(second, 'spark:all'))).to.equal('400 invalid_scope');
      expect(error(await reduce(second, 'spark:people_read'))).to.equal('400 invalid_scope');
    });
  });

  it('have three parts, of which the last one is the organisation, refresh tokens as well', async () => {
    const { accessToken, refreshToken } = await cloud.identity.tokens.grant(anaId);
    for (const token of [accessToken, refreshToken]) {
      expect(token.split('_')).to.have.length(3);
      expect(token.split('_')[2]).to.equal(cloud.identity.orgId);
    }
    const again = await cloud.token({ grant_type: 'refresh_token', refresh_token: refreshToken });
    expect(again.status).to.equal(200);
  });

  describe('inspected by users/validateAuthToken', () => {
    const validate = (by: string, token: unknown): Promise<Reply> =>
      cloud.ask('POST', '/conversation/api/v1/users/validateAuthToken', {
        body: { token },
        ...(by === '' ? {} : { headers: { authorization: `Bearer ${by}` } }),
      });
    it('tell their scopes and their client', async () => {
      const { accessToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'app' });
      const reply = await validate(accessToken, accessToken);
      expect(reply.status).to.equal(200);
      expect(reply.body).to.deep.include({
        scope: ['spark:all', 'spark:kms'],
        clientId: 'app',
        userId: anaId,
        orgId: cloud.identity.orgId,
      });
    });
    it('need a valid token on both sides', async () => {
      const { accessToken, refreshToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'app' });
      expect((await validate('', accessToken)).status).to.equal(401);
      expect((await validate('junk', accessToken)).status).to.equal(401);
      for (const token of ['junk', '', undefined, 7, refreshToken])
        expect((await validate(accessToken, token)).status).to.equal(400);
      await cloud.identity.tokens.revoke(accessToken);
      expect((await validate(accessToken, accessToken)).status).to.equal(401);
    });
  });

  describe('revoked', () => {
    const revoke = (form: Record<string, string>, headers = {}): Promise<Reply> =>
      cloud.ask('POST', `${oauthBase}/revoke`, { form, headers });
    it('by Basic or, without a secret, by client_id: one access token, or with the refresh token all', async () => {
      for (const [clientId, form, headers] of [
        ['app', { client_id: 'app' }, {}],
        ['web', {}, secret],
      ] as const) {
        const { accessToken, refreshToken } = await cloud.identity.tokens.grant(anaId, { clientId });
        const again = await cloud.token(
          { grant_type: 'refresh_token', refresh_token: refreshToken, ...form },
          headers,
        );
        await revoke({ ...form, token: accessToken, token_type_hint: 'access_token' }, headers);
        expect((await cloud.as(accessToken, 'GET', me)).status).to.equal(401);
        expect((await cloud.as(again.body['access_token'], 'GET', me)).status).to.equal(200);
        await revoke({ ...form, token: String(again.body['refresh_token']) }, headers);
        expect((await cloud.as(again.body['access_token'], 'GET', me)).status).to.equal(401);
      }
    });
    it('not by others, and what is unknown is as good as revoked', async () => {
      const { accessToken } = await cloud.identity.tokens.grant(anaId, { clientId: 'web' });
      expect(error(await revoke({ token: accessToken }, basic('web', 'wrong')))).to.equal(
        '400 invalid_client',
      );
      expect((await revoke({ token: accessToken, client_id: 'app' })).status).to.equal(200);
      expect((await cloud.as(accessToken, 'GET', me)).status).to.equal(200);
      expect((await revoke({ token: 'junk', client_id: 'app' })).status).to.equal(200);
      expect(error(await revoke({ client_id: 'app' }))).to.equal('400 invalid_request');
    });
  });
});

describe('registered clients', () => {
  let cloud: IdentityCloud;
  before(async () => {
    cloud = await startIdentity();
  });
  after(() => cloud.close());

  it('keep their secret as a hash', async () => {
    await cloud.client({ clientId: 'a', clientSecret: 'a-long-secret' });
    expect(JSON.stringify(await cloud.store.db.selectFrom('clients').selectAll().execute())).not.to.include(
      'a-long',
    );
  });

  for (const uri of [
    'relative/path',
    'javascript:alert(1)',
    'data:text/html,x',
    'http://app.example/cb',
    'https://app.example/cb#here',
    'https://user:pass@app.example/',
    'https://*.example/cb',
    'https://app.example/<b>',
    'https://app.example/a b',
    'https://app.example\\@evil.example/',
  ])
    it(`cannot be returned to at ${uri}`, async () => {
      const failed = await cloud
        .client({ clientId: 'b', redirectUris: [uri] })
        .catch((reason: unknown) => reason);
      expect(failed).to.include({ status: 400 });
      expect(await cloud.identity.clients.find('b')).to.equal(undefined);
    });

  it('can be returned to by https, by http on this machine, and by a scheme of their own', async () => {
    const redirectUris = [
      'https://app.example/cb?x=1',
      'http://localhost:3000',
      'http://[::1]/cb',
      'com.example.app:/cb',
    ];
    await cloud.client({ clientId: 'c', redirectUris });
    expect((await cloud.identity.clients.find('c'))?.redirectUris).to.deep.equal(redirectUris);
    for (const redirect_uri of [
      'https://app.example/cb?x=1',
      'com.example.app:/cb',
      'http://localhost:9999',
    ]) {
      const back = await cloud
        .browser()
        .go(cloud.authorizeUrl({ client_id: 'c', redirect_uri, prompt: 'none' }));
      expect(back.headers['location']).to.match(/[?&]error=login_required/);
      expect(back.headers['location']?.startsWith(redirect_uri)).to.equal(true);
    }
  });
});
