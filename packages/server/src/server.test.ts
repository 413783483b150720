import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { SignJWT } from 'jose';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { WebSocket } from 'ws';
import { type RunningServer, startServer } from './index.js';
import { VERSION } from './version.js';

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}
interface Person {
  readonly id: string;
  readonly orgId: string;
  readonly extension: string;
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly expiresIn: number;
}

describe('the service', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ port: 0, tlsPort: 0, logLevel: 'silent', limits: { devicesPerUser: 2 } });
  });
  after(() => server.close());

  async function call(
    method: string,
    path: string,
    options: { token?: string | undefined; body?: unknown; headers?: Record<string, string> } = {},
  ): Promise<Answer> {
    const { token, body } = options;
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        ...(body === undefined || body instanceof URLSearchParams
          ? {}
          : { 'content-type': 'application/json' }),
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      ...(body === undefined
        ? {}
        : {
            body: typeof body === 'string' || body instanceof URLSearchParams ? body : JSON.stringify(body),
          }),
    });
    const text = await answer.text();
    return {
      status: answer.status,
      headers: answer.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
    };
  }
  const admin = (method: string, path: string, body?: unknown): Promise<Answer> =>
    call(method, `/admin/v1${path}`, { token: server.adminToken, body });
  let people = 0;
  async function person(): Promise<Person> {
    people += 1;
    const { status, body } = await admin('POST', '/users', {
      email: `P${String(people)}@Example.com`,
      displayName: `Person ${String(people)}`,
    });
    expect(status).to.equal(201);
    return body as unknown as Person;
  }
  const tokenCall = (fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> =>
    call('POST', '/idbroker/idb/oauth2/v1/access_token', { body: new URLSearchParams(fields), headers });
  const basic = (id: string, secret: string): Record<string, string> => ({
    authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
  });
  const device = (token: string, body: object = { name: 'node', deviceType: 'WEB' }): Promise<Answer> =>
    call('POST', '/wdm/api/v1/devices?includeUpstreamServices=all', { token, body });

  describe('http', () => {
    it('repeats the tracking id, or makes one; never repeats one that is unfit', async () => {
      const told = await call('GET', '/nowhere', { headers: { trackingid: 'sdk_1' } });
      expect(told.headers.get('trackingid')).to.equal('sdk_1');
      expect(told.body['trackingId']).to.equal('sdk_1');
      const long = await call('GET', '/nowhere', { headers: { trackingid: 'x'.repeat(300) } });
      expect(long.headers.get('trackingid')).to.match(/^TRUNKLINE_[0-9a-f]{32}$/);
    });

    it('refuses in one shape: unknown paths, bad JSON, foreign media types, large bodies', async () => {
      const { accessToken: token } = await person();
      const url = '/wdm/api/v1/devices';
      const answers = [
        [404, await call('GET', '/v1/nothing', { token })],
        [400, await call('POST', url, { token, body: '{"a":' })],
        [400, await call('POST', url, { token, body: '{"__proto__":{}}' })],
        [415, await call('POST', url, { token, body: 'a', headers: { 'content-type': 'image/png' } })],
        [413, await call('POST', url, { token, body: { a: 'x'.repeat(1_100_000) } })],
      ] as const;
      for (const [status, answer] of answers) {
        expect(answer.status).to.equal(status);
        expect(answer.body).to.have.all.keys('message', 'errors', 'trackingId');
        expect(answer.body['errors']).to.deep.equal([{ description: answer.body['message'] }]);
      }
    });

    it('takes an empty body that is announced as JSON, and slashes at the end', async () => {
      const { accessToken: token } = await person();
      const headers = { 'content-type': 'application/json' };
      expect((await call('POST', '/wdm/api/v1/devices', { token, headers, body: '' })).status).to.equal(200);
      expect((await call('GET', '/wdm/api/v1/devices/?x=1', { token, headers })).status).to.equal(200);
      expect((await call('GET', '/v1//region')).status).to.equal(200);
    });

    it('lets any page in, and none to administration', async () => {
      const headers = {
        origin: 'http://page.example',
        'access-control-request-method': 'PUT',
        'access-control-request-headers': 'authorization,x-anything',
      };
      const preflight = await call('OPTIONS', '/v1/rooms', { headers });
      expect(preflight.status).to.equal(204);
      expect(preflight.headers.get('access-control-allow-headers')).to.equal('authorization,x-anything');
      expect(preflight.headers.get('access-control-allow-origin')).to.equal('*');
      expect(preflight.headers.get('access-control-allow-credentials')).to.equal(null);
      const refused = await call('GET', '/u2c/api/v1/catalog');
      expect(refused.headers.get('access-control-expose-headers'))
        .to.include('trackingid')
        .and.include('retry-after');
      for (const answer of [
        await call('OPTIONS', '/admin/v1/users', { headers }),
        await call('POST', '/admin/v1/users', { token: server.adminToken, body: {} }),
      ])
        expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).to.deep.equal(
          [],
        );
    });

    it('says that it is well, also to HEAD', async () => {
      expect((await call('GET', '/healthz')).body).to.deep.equal({ status: 'ok', version: VERSION });
      expect((await call('HEAD', '/healthz')).status).to.equal(200);
    });

    it('answers the same on its TLS port, which its own authority vouches for', async () => {
      const body = await new Promise<string>((resolve, reject) => {
        const ca = readFileSync(server.tlsCaFile ?? '');
        const url = `${server.tlsUrl ?? ''}/u2c/api/v1/limited/catalog?format=hostmap`;
        httpsRequest(url, { ca }, (answer) => {
          let text = '';
          answer.on('data', (part: Buffer) => (text += part.toString()));
          answer.on('end', () => {
            resolve(text);
          });
        })
          .on('error', reject)
          .end();
      });
      expect((JSON.parse(body) as { serviceLinks: Record<string, string> }).serviceLinks['hydra']).to.equal(
        `${server.tlsUrl ?? ''}/v1/`,
      );
    });
  });

  describe('tokens', () => {
    it('are three parts, the last of them the organisation', async () => {
      const { accessToken, orgId } = await person();
      expect(accessToken).to.match(/^[A-Za-z0-9-]{32,}_[A-Za-z0-9-]+_[0-9a-f-]{36}$/);
      expect(accessToken.split('_')[2]).to.equal(orgId).and.equal(server.orgId);
    });

    it('refresh with any client id when made without one; the refresh token stays', async () => {
      const { refreshToken, accessToken } = await person();
      const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, redirect_uri: 'x' };
      const { status, body } = await tokenCall(fields, basic('C123', 'whatever'));
      expect(status).to.equal(200);
      expect(body).to.include({
        token_type: 'Bearer',
        refresh_token: refreshToken,
        scope: 'spark:all spark:kms',
      });
      expect(body['expires_in']).to.be.within(1_209_500, 1_209_600);
      for (const token of [accessToken, String(body['access_token'])])
        expect((await call('GET', '/u2c/api/v1/catalog', { token })).status).to.equal(200);
    });

    it('of a client refresh for that client only, with its secret', async () => {
      const { id } = await person();
      await admin('POST', '/clients', { clientId: 'app', clientSecret: 's3cret', redirectUris: [] });
      const { body } = await admin('POST', '/tokens', { userId: id, clientId: 'app', expiresIn: 60 });
      expect(body['expiresIn']).to.equal(60);
      const fields = { grant_type: 'refresh_token', refresh_token: String(body['refreshToken']) };
      expect((await tokenCall(fields, basic('app', 'wrong'))).body['error']).to.equal('invalid_client');
      expect((await tokenCall(fields, basic('other', ''))).body['error']).to.equal('invalid_grant');
      expect((await tokenCall({ ...fields, client_id: 'app', client_secret: 's3cret' })).status).to.equal(
        200,
      );
    });

    it('can be reduced in scope, never widened', async () => {
      const { accessToken } = await person();
      const fields = {
        grant_type: 'urn:cisco:oauth:grant-type:scope-reduction',
        token: accessToken,
        client_id: 'c',
        self_contained_token: 'true',
      };
      const { body } = await tokenCall({ ...fields, scope: 'spark:kms' });
      const token = String(body['access_token']);
      expect(body['scope']).to.equal('spark:kms');
      expect((await device(token)).status).to.equal(403);
      expect((await tokenCall({ ...fields, token, scope: 'spark:all' })).body['error']).to.equal(
        'invalid_scope',
      );
    });

    it('are revoked one by one; a logout ends all of one sign-in', async () => {
      const { accessToken, refreshToken } = await person();
      const again = await tokenCall({ grant_type: 'refresh_token', refresh_token: refreshToken });
      const second = String(again.body['access_token']);
      const revoked = await call('POST', '/idbroker/idb/oauth2/v1/revoke', {
        body: new URLSearchParams({ token: accessToken, token_type_hint: 'access_token' }),
      });
      expect(revoked.status).to.equal(200);
      const works = async (token: string): Promise<number> =>
        (await call('GET', '/u2c/api/v1/catalog', { token })).status;
      expect([await works(accessToken), await works(second)]).to.deep.equal([401, 200]);
      await call('POST', '/idbroker/idb/oauth2/v1/logout', { body: { token: second } });
      expect(await works(second)).to.equal(401);
      expect((await tokenCall({ grant_type: 'refresh_token', refresh_token: refreshToken })).status).to.equal(
        400,
      );
    });

    it('are refused for grants that are not there', async () => {
      expect((await tokenCall({ grant_type: 'password' })).body['error']).to.equal('unsupported_grant_type');
      expect((await tokenCall({})).body['error']).to.equal('invalid_request');
      expect((await tokenCall({ grant_type: 'refresh_token', refresh_token: 'no' })).status).to.equal(400);
    });
  });

  describe('devices', () => {
    it('are registered, refreshed and removed; unknown keys stay, ours cannot be forged', async () => {
      const { accessToken: token, id } = await person();
      const made = await device(token, { name: 'n', url: 'evil', userId: 'x', 'register-request-id': '1' });
      expect(made.body).to.include({ name: 'n', userId: id, 'register-request-id': '1' });
      const url = String(made.body['url']);
      expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+\/wdm\/api\/v1\/devices\/[0-9a-f-]{36}$/);
      expect(made.body['features']).to.deep.equal({ developer: [], entitlement: [], user: [] });
      const path = new URL(url).pathname;
      const refreshed = await call('PUT', path, { token, body: { name: 'm' } });
      expect(refreshed.body).to.include({ url, name: 'm' });
      expect(refreshed.headers.get('etag')).to.equal(made.headers.get('etag'));
      expect((await call('DELETE', path, { token })).status).to.equal(204);
      expect((await call('PUT', path, { token, body: {} })).status).to.equal(404);
    });

    it('of others look like none at all', async () => {
      const [ana, ben] = [await person(), await person()];
      const { pathname } = new URL(String((await device(ana.accessToken)).body['url']));
      const nothing = pathname.replace(/[0-9a-f]{8}-/, '00000000-');
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const token = ben.accessToken;
        const headers = { trackingid: 't' };
        const [theirs, none] = [
          await call(method, pathname, { token, headers }),
          await call(method, nothing, { token, headers }),
        ];
        expect([theirs.status, theirs.body]).to.deep.equal([404, none.body]);
      }
    });

    it('beyond the limit are refused with the text that clients know', async () => {
      const { accessToken: token } = await person();
      await device(token);
      await device(token);
      const { status, body } = await device(token);
      expect([status, body['message']]).to.deep.equal([403, 'User has excessive device registrations']);
    });

    it('carry the toggles of their person', async () => {
      const { accessToken: token, id } = await person();
      const path = `/feature/api/v1/features/users/${id}`;
      await call('POST', `${path}/developer`, { token, body: { key: 'web-x', val: true, mutable: true } });
      const bundle = await call('POST', `${path}/toggles`, {
        token,
        body: [{ key: 'u', val: 'v', type: 'USER' }],
      });
      expect(bundle.body['featureToggles']).to.have.length(1);
      const { features } = (await device(token)).body as {
        features: Record<string, { key: string; val: string }[]>;
      };
      expect(features['developer']?.[0]).to.include({ key: 'web-x', val: 'true' });
      expect(features['user']?.[0]).to.include({ key: 'u', val: 'v' });
      for (const [given, type] of [
        ['USER', 'USER'],
        [undefined, 'DEVELOPER'],
      ]) {
        const typed = await call('POST', `${path}/toggles`, {
          token,
          body: [{ key: 'one', val: true, type: given }],
        });
        expect((typed.body['featureToggles'] as { type: string }[])[0]?.type).to.equal(type);
      }
      const other = (await person()).accessToken;
      expect(
        (await call('POST', `${path}/user`, { token: other, body: { key: 'a', val: 'b' } })).status,
      ).to.equal(403);
    });
  });

  it('takes telemetry before sign-in on its own path only, and forgets it', async () => {
    const path = '/metrics/api/v1/clientmetrics';
    expect((await call('POST', `${path}-prelogin`, { body: { metrics: [] } })).status).to.equal(204);
    expect((await call('POST', path, { body: { metrics: [] } })).status).to.equal(401);
    const { accessToken: token } = await person();
    expect((await call('POST', path, { token, body: { metrics: [] } })).status).to.equal(204);
  });

  describe('administration', () => {
    it('wants its token', async () => {
      const { accessToken } = await person();
      for (const token of [undefined, accessToken, `${server.adminToken}x`])
        expect((await call('GET', '/admin/v1/events', { token })).status).to.equal(401);
    });

    it('says what is wrong with a body', async () => {
      const cases = [
        ['/users', {}, 'email'],
        ['/users', { email: 'no', displayName: 'x' }, 'email'],
        ['/users', { email: 'a@b', displayName: 'x', roles: ['king'] }, 'roles'],
        ['/users', { email: 'a@b', displayName: 'x', surprise: 1 }, 'additional properties'],
        ['/tokens', { userId: 'x' }, 'userId'],
        ['/tokens', { userId: server.orgId, expiresIn: '5' }, 'expiresIn'],
        ['/faults', { kind: 'fire' }, 'kind'],
        ['/faults', { kind: 'status' }, 'status'],
      ] as const;
      for (const [path, body, named] of cases) {
        const answer = await admin('POST', path, body);
        expect(answer.status, path).to.equal(400);
        expect(answer.body['message']).to.include(named);
      }
    });

    it('knows an email once, in any case, and gives each person a number of their own', async () => {
      const [ana, ben] = [await person(), await person()];
      expect(Number(ben.extension)).to.equal(Number(ana.extension) + 1);
      const again = await admin('POST', '/users', {
        email: `p${String(people)}@example.com`,
        displayName: 'x',
      });
      expect(again.status).to.equal(409);
    });

    it('answers 404 for people and clients that are not there, 501 for what is not built', async () => {
      expect((await admin('POST', '/tokens', { userId: server.orgId })).status).to.equal(404);
      for (const path of ['/contacts', '/calls'])
        expect((await admin('POST', path, {})).status).to.equal(501);
      expect((await admin('POST', '/faults', { kind: 'pause-media' })).status).to.equal(501);
    });

    it('registers clients that can be returned to, and issuers of guests', async () => {
      const redirectUris = ['http://evil.example/cb'];
      const refused = await admin('POST', '/clients', { clientId: 'plain', redirectUris });
      expect([refused.status, refused.body['message']]).to.deep.equal([
        400,
        'The redirect URI "http://evil.example/cb" would send codes and tokens in clear; use https, or http to 127.0.0.1, [::1] or localhost.',
      ]);
      const { status, body } = await admin('POST', '/guest-issuers', { name: 'Help desk' });
      expect(status).to.equal(201);
      const { issuer, secret } = body as Record<string, string>;
      const exp = Math.floor(Date.now() / 1000) + 60;
      const authorization = await new SignJWT({ sub: 'g1', iss: issuer ?? '', name: 'Gail', exp })
        .setProtectedHeader({ alg: 'HS256' })
        .sign(Buffer.from(secret ?? '', 'base64'));
      const login = await call('POST', '/v1/jwt/login', { headers: { authorization } });
      expect(login.status).to.equal(200);
      const me = await call('GET', '/v1/people/me', { token: String(login.body['token']) });
      expect(me.body).to.include({ displayName: 'Gail' });
      expect((await call('POST', '/v1/jwt/login', { headers: { authorization: 'x.y.z' } })).status).to.equal(
        401,
      );
    });

    it('revokes a token at once', async () => {
      const { accessToken } = await person();
      await call('GET', '/u2c/api/v1/catalog', { token: accessToken });
      expect((await admin('POST', '/tokens/revoke', { accessToken })).status).to.equal(204);
      expect((await call('GET', '/u2c/api/v1/catalog', { token: accessToken })).status).to.equal(401);
    });

    it('shows what was pushed', async () => {
      const { accessToken: token, id } = await person();
      await call('POST', `/feature/api/v1/features/users/${id}/user`, {
        token,
        body: { key: 'k', val: 'v' },
      });
      const { body } = await admin('GET', '/events?since=0');
      const items = body['items'] as { userId: string; type: string }[];
      expect(items.find((item) => item.userId === id)?.type).to.equal('featureToggle_update');
      expect((await admin('GET', '/events?since=x')).status).to.equal(400);
    });
  });

  describe('faults', () => {
    it('answer with a status so many times, for one person, one path, one method', async () => {
      const [ana, ben] = [await person(), await person()];
      const { status, body } = await admin('POST', '/faults', {
        kind: 'status',
        status: 429,
        retryAfterS: 7,
        times: 2,
        match: { path: '/u2c/', method: 'get', userId: ana.id },
      });
      expect(status).to.equal(201);
      const catalog = async (token: string): Promise<Answer> => call('GET', '/u2c/api/v1/catalog', { token });
      expect((await catalog(ben.accessToken)).status).to.equal(200);
      expect((await call('GET', '/v1/region', { token: ana.accessToken })).status).to.equal(200);
      const struck = await catalog(ana.accessToken);
      expect([struck.status, struck.headers.get('retry-after')]).to.deep.equal([429, '7']);
      expect(struck.headers.get('access-control-allow-origin')).to.equal('*');
      expect(struck.headers.get('trackingid')).to.equal(struck.body['trackingId']);
      expect((await catalog(ana.accessToken)).status).to.equal(429);
      expect((await catalog(ana.accessToken)).status).to.equal(200);
      expect((await admin('DELETE', `/faults/${String(body['id'])}`)).status).to.equal(204);
    });

    it('last until they are removed', async () => {
      const { body } = await admin('POST', '/faults', {
        kind: 'status',
        status: 503,
        match: { path: '/v1/region' },
      });
      for (let n = 0; n < 3; n += 1) expect((await call('GET', '/v1/region')).status).to.equal(503);
      expect((await admin('DELETE', `/faults/${String(body['id'])}`)).status).to.equal(204);
      expect((await call('GET', '/v1/region')).status).to.equal(200);
      expect((await admin('DELETE', '/faults/none')).status).to.equal(404);
    });

    it('delay an answer', async () => {
      await admin('POST', '/faults', { kind: 'delay', delayMs: 60, times: 1, match: { path: '/v1/region' } });
      const before = performance.now();
      await call('GET', '/v1/region');
      expect(performance.now() - before).to.be.above(55);
    });

    it('expire access tokens, and leave refresh tokens', async () => {
      const { id, accessToken, refreshToken } = await person();
      await admin('POST', '/faults', { kind: 'expire-tokens', match: { userId: id } });
      expect((await call('GET', '/u2c/api/v1/catalog', { token: accessToken })).status).to.equal(401);
      expect((await tokenCall({ grant_type: 'refresh_token', refresh_token: refreshToken })).status).to.equal(
        200,
      );
    });

    it('say how often they matched, also when they are over or removed (H6)', async () => {
      const { id, accessToken: token } = await person();
      const add = async (body: object): Promise<string> =>
        String((await admin('POST', '/faults', body)).body['id']);
      const report = async (fault: string): Promise<unknown> => (await admin('GET', `/faults/${fault}`)).body;
      const twice = await add({ kind: 'status', status: 503, times: 2, match: { path: '/v1/region' } });
      const never = await add({ kind: 'status', status: 503, match: { path: '/rooms', method: 'GET' } });
      expect(await report(twice)).to.deep.equal({
        id: twice,
        kind: 'status',
        match: { path: '/v1/region' },
        matched: 0,
        active: true,
      });
      for (const status of [503, 503, 200]) expect((await call('GET', '/v1/region')).status).to.equal(status);
      expect((await call('GET', '/v1/rooms', { token })).status).to.equal(200);
      expect(await report(twice)).to.include({ matched: 2, active: false });
      expect(await report(never)).to.include({ matched: 0, active: true });
      expect((await admin('DELETE', `/faults/${never}`)).status).to.equal(204);
      expect((await admin('DELETE', `/faults/${never}`)).status).to.equal(404);
      expect(await report(never)).to.include({ matched: 0, active: false });
      const tokens = await add({ kind: 'expire-tokens', match: { userId: id } });
      expect(await report(tokens)).to.include({ kind: 'expire-tokens', matched: 1, active: false });
      const short = await add({ kind: 'delay', delayMs: 1, forMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, 5));
      expect(await report(short)).to.include({ active: false });
      const { items } = (await admin('GET', '/faults')).body as { items: { id: string }[] };
      expect(items.map((item) => item.id)).to.include.members([twice, never, tokens, short]);
      expect((await admin('GET', '/faults/none')).status).to.equal(404);
    });

    it('refuse a match that could never apply (H6)', async () => {
      for (const [kind, match] of [
        ['status', { path: 'rooms' }],
        ['status', { path: 'v1/rooms' }],
        ['status', { path: 'http://127.0.0.1/v1/rooms' }],
        ['status', { path: '/v1/rooms?max=1' }],
        ['delay', { path: '#' }],
        ['refuse-sockets', { path: 'mercury' }],
        ['drop-sockets', { path: 'mercury' }],
        ['drop-sockets', { method: 'GET' }],
        ['expire-tokens', { path: '/v1' }],
        ['status', { userId: 'ana' }],
        ['status', { userId: 'ana@example.com' }],
        ['drop-sockets', { userId: Buffer.from('ciscospark://us/ROOM/x').toString('base64url') }],
      ] as const) {
        const { status, body } = await admin('POST', '/faults', { kind, status: 503, delayMs: 1, match });
        expect(status, JSON.stringify(match)).to.equal(400);
        expect(String(body['message'])).to.match(/match\.(path|userId)/);
      }
      const { items } = (await admin('GET', '/faults')).body as { items: { active: boolean }[] };
      expect(items.filter(({ active }) => active)).to.deep.equal([]);
    });

    it('take the public id of a person for its uuid, as tokens do, which also take an email (H6)', async () => {
      const { id, accessToken: token } = await person();
      const other = await person();
      const publicId = encodeId('PEOPLE', id);
      const { body } = await admin('POST', '/faults', {
        kind: 'status',
        status: 418,
        match: { userId: publicId },
      });
      expect((await call('GET', '/v1/region', { token: other.accessToken })).status).to.equal(200);
      expect((await call('GET', '/v1/region', { token })).status).to.equal(418);
      expect((await admin('GET', `/faults/${String(body['id'])}`)).body).to.deep.include({
        match: { userId: id },
        matched: 1,
      });
      await admin('DELETE', `/faults/${String(body['id'])}`);
      const { emails } = (await call('GET', '/v1/people/me', { token })).body as { emails: string[] };
      for (const who of [{ userId: publicId }, { userId: id }, { email: emails[0] }]) {
        const { accessToken } = (await admin('POST', '/tokens', who)).body;
        const me = await call('GET', '/v1/people/me', { token: String(accessToken) });
        expect(me.body['id']).to.equal(publicId);
      }
      expect((await admin('POST', '/tokens', {})).status).to.equal(400);
      expect((await admin('POST', '/tokens', { userId: id, email: emails[0] })).status).to.equal(400);
      expect((await admin('POST', '/tokens', { email: 'unknown@example.com' })).status).to.equal(404);
    });

    it('of an outage: new sockets are refused while open ones stay, until they are cut (H5)', async () => {
      const { accessToken: token, id } = await person();
      const url = String((await device(token)).body['webSocketUrl']);
      const open = new WebSocket(url);
      await new Promise((resolve) => open.once('open', resolve));
      open.send(JSON.stringify({ id: '1', type: 'authorization', data: { token: `Bearer ${token}` } }));
      await new Promise((resolve) => open.once('message', resolve));
      const refused = await admin('POST', '/faults', { kind: 'refuse-sockets', match: { userId: id } });
      const next = new WebSocket(url);
      const error = await new Promise<Error>((resolve) => next.once('error', resolve));
      expect(error.message).to.include('503');
      open.ping();
      await new Promise((resolve) => open.once('pong', resolve));
      expect(open.readyState).to.equal(WebSocket.OPEN);

      const missed = await admin('POST', '/faults', { kind: 'drop-sockets', match: { path: '/elsewhere/' } });
      expect((await admin('GET', `/faults/${String(missed.body['id'])}`)).body).to.include({ matched: 0 });
      const closed = new Promise((resolve) => open.once('close', resolve));
      const { pathname } = new URL(url);
      const cut = await admin('POST', '/faults', { kind: 'drop-sockets', match: { path: pathname } });
      expect(await closed).to.equal(1006);
      expect((await admin('GET', `/faults/${String(cut.body['id'])}`)).body).to.include({ matched: 1 });
      expect((await admin('GET', `/faults/${String(refused.body['id'])}`)).body).to.include({ matched: 1 });
      await admin('DELETE', `/faults/${String(refused.body['id'])}`);
    });

    it('cut sockets, and refuse new ones', async () => {
      const { accessToken: token, id } = await person();
      const url = String((await device(token)).body['webSocketUrl']);
      const socket = new WebSocket(url);
      await new Promise((resolve) => socket.once('open', resolve));
      socket.send(JSON.stringify({ id: '1', type: 'authorization', data: { token: `Bearer ${token}` } }));
      await new Promise((resolve) => socket.once('message', resolve));
      const closed = new Promise((resolve) => socket.once('close', resolve));
      await admin('POST', '/faults', { kind: 'drop-sockets', match: { userId: id } });
      expect(await closed).to.equal(1006);
      const outcome = (): Promise<string> =>
        new Promise((resolve) => {
          const next = new WebSocket(url);
          next.on('error', (error) => {
            resolve(error.message);
          });
          next.on('open', () => {
            next.terminate();
            resolve('open');
          });
        });
      await admin('POST', '/faults', { kind: 'refuse-sockets', times: 1, match: { userId: id } });
      expect(await outcome()).to.include('503');
      expect(await outcome()).to.equal('open');
    });
  });
});

describe('startServer', () => {
  it('keeps organisation, people and tokens in its folder, and adds seeded people once', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
    const seed = path.join(folder, 'seed.json');
    writeFileSync(seed, JSON.stringify({ users: [{ email: 'ana@example.com', displayName: 'Ana' }] }));
    const options = { port: 0, data: path.join(folder, 'data'), seed, logLevel: 'silent' };
    try {
      const first = await startServer(options);
      const made = await fetch(`${first.url}/admin/v1/users`, {
        method: 'POST',
        headers: { authorization: `Bearer ${first.adminToken}`, 'content-type': 'application/json' },
        body: JSON.stringify({ email: 'ben@example.com', displayName: 'Ben' }),
      });
      const { accessToken, extension } = (await made.json()) as { accessToken: string; extension: string };
      expect(extension).to.equal('1002');
      await Promise.all([first.close(), first.close()]);

      const second = await startServer(options);
      expect(second.orgId).to.equal(first.orgId);
      expect(second.adminToken).not.to.equal(first.adminToken);
      const catalog = await fetch(`${second.url}/u2c/api/v1/catalog`, {
        headers: { authorization: `Bearer ${accessToken}` },
      });
      expect(catalog.status).to.equal(200);
      await second.close();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('leaves nothing behind when the port is taken', async () => {
    const first = await startServer({ port: 0, logLevel: 'silent' });
    let error: unknown;
    await startServer({ port: first.port, tlsPort: 0, logLevel: 'silent' }).catch(
      (cause: unknown) => (error = cause),
    );
    expect(error).to.have.property('code', 'EADDRINUSE');
    await first.close();
  });

  it('opens only the TLS port when the clear one is switched off (H18)', async () => {
    const server = await startServer({ http: false, tlsPort: 0, logLevel: 'silent' });
    try {
      expect(server.localUrl).to.equal(undefined);
      expect(server.url).to.equal(server.tlsUrl);
      expect(server.port).to.equal(server.tlsPort);
      const ca = readFileSync(server.tlsCaFile ?? '');
      const status = await new Promise((resolve, reject) => {
        httpsRequest(`${server.url}/healthz`, { ca }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        })
          .on('error', reject)
          .end();
      });
      expect(status).to.equal(200);
      const clear = await fetch(`http://127.0.0.1:${String(server.port)}/healthz`).catch(() => 'refused');
      expect(clear).to.equal('refused');
    } finally {
      await server.close();
    }
  });

  it('says its local address beside the public one (H18)', async () => {
    const server = await startServer({
      port: 0,
      publicUrl: 'https://chat.example.com',
      logLevel: 'silent',
    });
    expect(server.url).to.equal('https://chat.example.com');
    expect(server.localUrl).to.equal(`http://127.0.0.1:${String(server.port)}`);
    await server.close();
  });

  it('refuses options that cannot be', async () => {
    for (const [options, named] of [
      [{ port: 70_000 }, 'port'],
      [{ host: '0.0.0.0', allowPrivateTargets: true }, 'allow-private-targets'],
      [{ tlsCertFile: 'a' }, 'tls-key'],
      [{ http: false }, '--tls-port'],
      [{ masterKeyFile: '/nowhere/at/all.key', port: 0 }, 'openssl rand -base64 32 > /nowhere/at/all.key'],
      [{ masterKeyFile: tmpdir(), port: 0 }, 'master-key'],
      [{ publicUrl: 'chat.example.com' }, 'public-url'],
      [{ seed: '/nowhere/at/all.json', port: 0 }, 'seed'],
    ] as const) {
      let message = '';
      await startServer(options).catch((error: unknown) => (message = String(error)));
      expect(message)
        .to.match(/^ConfigError/)
        .and.include(named);
    }
  });
});
