import { expect } from 'chai';
import {
  context,
  failure,
  fakeClock,
  openStorage,
  refuses,
  SERVICE,
  settled,
  shown,
  tokens,
  tokenService,
  TOKEN_URL,
  type Reply,
} from '../test/kit.js';
import { authorizationCode, type AuthorizationCodeOptions } from './authorization-code.js';
import { base64url, fromBase64 } from './base64.js';
import { clientCredentials } from './client-credentials.js';
import { challengeOf } from './crypto.js';
import { createGuestJwt } from './guest-jwt.js';
import { guest } from './guest.js';
import { revoke } from './revoke.js';

const HOME = 'https://app.test/callback';
const basic = `Basic ${btoa('app:s3cret')}`;

describe('authorizationCode', () => {
  const flowWith = (options: Partial<AuthorizationCodeOptions> = {}, ...replies: Reply[]) => {
    const service = tokenService(...(replies.length > 0 ? replies : [tokens(1)]));
    const all = {
      service: SERVICE,
      clientId: 'app',
      clientSecret: 's3cret',
      redirectUri: HOME,
      scopes: 'spark:all',
    };
    const clock = fakeClock();
    return {
      ...service,
      clock,
      flow: authorizationCode({ ...all, fetch: service.fetch, clock, ...options }),
    };
  };
  const answered = (url: string, more = 'code=c0de'): string =>
    `/callback?${more}&state=${new URL(url).searchParams.get('state') ?? ''}`;

  it('asks with a challenge, and exchanges with its verifier', async () => {
    const { flow, sent } = flowWith();
    const url = await flow.authorizeUrl({ state: { visitor: 'v1' } });
    const query = new URL(url).searchParams;
    expect(url).to.match(/^https:\/\/cloud\.test\/idbroker\/idb\/oauth2\/v1\/authorize\?/);
    expect(query.get('response_type')).to.equal('code');
    const { state, token } = await flow.exchange(answered(url));
    expect(state).to.deep.equal({ visitor: 'v1' });
    const { code_verifier: verifier = '', ...form } = sent[0]?.form ?? {};
    expect(verifier).to.match(/^[\w-]{43,128}$/);
    expect(await challengeOf(verifier)).to.equal(query.get('code_challenge'));
    expect(form).to.deep.equal({
      grant_type: 'authorization_code',
      redirect_uri: HOME,
      code: 'c0de',
      self_contained_token: 'true',
    });
    expect(sent[0]?.headers.get('authorization')).to.equal(basic);
    expect(await token(context('start', tokenService()))).to.include({ accessToken: 'access-1' });
  });
  it('gives each sign-in a verifier of its own', async () => {
    const { flow, sent } = flowWith();
    const urls = [await flow.authorizeUrl(), await flow.authorizeUrl()];
    for (const url of urls) await flow.exchange(new URL(answered(url), 'http://behind.a.proxy:8080'));
    expect(new Set(sent.map(({ form }) => form['code_verifier'])).size).to.equal(2);
  });
  it('takes a bare code, with the state that came with it or without', async () => {
    const { flow, sent } = flowWith();
    const state = new URL(await flow.authorizeUrl()).searchParams.get('state') ?? '';
    await flow.exchange('c0de', { state });
    await flow.exchange('c0de');
    expect(sent.map(({ form }) => 'code_verifier' in form)).to.deep.equal([true, false]);
  });
  it('refuses what it has not begun', async () => {
    const { flow, sent, clock } = flowWith();
    const other = await flowWith().flow.authorizeUrl();
    const mine = await flow.authorizeUrl();
    const late = await flow.authorizeUrl();
    for (const answer of [
      answered(other),
      '/callback?code=c0de',
      '/callback?code=c0de&state=e30',
      '/callback',
    ])
      expect((await failure(flow.exchange(answer))).code, answer).to.equal('ERR_AUTH_STATE');
    await flow.exchange(answered(mine));
    clock.advance(11 * 60_000);
    expect((await failure(flow.exchange(answered(late)))).code).to.equal('ERR_AUTH_STATE');
    expect(sent).to.have.length(1);
    expect((await failure(flow.exchange(''))).code).to.equal('ERR_ARGUMENT');
  });
  it('shares sign-ins between processes that know one secret', async () => {
    const [one, two] = [flowWith({ stateSecret: 'shared' }), flowWith({ stateSecret: 'shared' })];
    const url = await one.flow.authorizeUrl();
    await two.flow.exchange(answered(url));
    expect(await challengeOf(two.sent[0]?.form['code_verifier'] ?? '')).to.equal(
      new URL(url).searchParams.get('code_challenge'),
    );
  });
  it('rejects with what came back instead', async () => {
    const { flow } = flowWith();
    const url = await flow.authorizeUrl();
    const denied = await failure(flow.exchange(answered(url, 'error=access_denied')));
    expect(denied.code).to.equal('ERR_AUTH_DENIED');
    const reused = flowWith({}, refuses('invalid_grant'));
    const again = await failure(reused.flow.exchange(answered(await reused.flow.authorizeUrl())));
    expect(again.code).to.equal('ERR_TOKEN_INVALID');
    expect(shown(again)).not.to.match(/c0de|s3cret/);
  });
  it('keeps tokens by user, renews with the secret, and signs out', async () => {
    const storage = openStorage();
    const { flow, sent } = flowWith({ storage });
    await flow.exchange(answered(await flow.authorizeUrl()), { user: 'ana' });
    expect(await flow.restore('ben')).to.equal(undefined);
    const ana = await flowWith({ storage }).flow.restore('ana');
    const service = tokenService(tokens(2));
    expect(await ana?.token(context('rejected', service, 'access-1'))).to.include({
      accessToken: 'access-2',
    });
    expect(service.sent[0]?.headers.get('authorization')).to.equal(basic);
    expect(service.sent[0]?.form).to.deep.equal({
      grant_type: 'refresh_token',
      redirect_uri: HOME,
      refresh_token: 'refresh-1',
    });
    await (await flow.restore('ana'))?.signOut();
    expect(sent.slice(1).map(({ form }) => form['token'])).to.deep.equal(['refresh-2', 'access-2']);
    expect(storage.values.size).to.equal(0);
    expect(await flow.restore('ana')).to.equal(undefined);
  });
  it('renews once for two sign-ins of one user in a program', async () => {
    const { flow } = flowWith();
    const one = await flow.exchange(answered(await flow.authorizeUrl()), { user: 'ana' });
    const two = await flow.restore('ana');
    const service = tokenService(tokens(2), refuses('invalid_grant'));
    if (two === undefined) throw new Error('signed in');
    const both = await Promise.all(
      [one, two].map(({ token }) => token(context('expiring', service, 'access-1'))),
    );
    for (const token of both) expect(token).to.include({ accessToken: 'access-2' });
  });
});

describe('clientCredentials', () => {
  const options = { service: `${SERVICE}/`, clientId: 'app', clientSecret: 's3cret' };
  it('asks as the program itself, and shares the token', async () => {
    const token = clientCredentials(options);
    const service = tokenService(tokens(1), tokens(2));
    const ask = (): Promise<unknown> => Promise.resolve(token(context('start', service)));
    const clock = fakeClock(Date.now());
    const all = await Promise.all([ask(), ask()]);
    all.push(await ask());
    expect(service.sent).to.have.length(1);
    expect(service.sent[0]?.url).to.equal(TOKEN_URL);
    expect(service.sent[0]?.headers.get('authorization')).to.equal(basic);
    expect(service.sent[0]?.form).to.deep.equal({
      grant_type: 'client_credentials',
      scope: 'webexsquare:admin',
      self_contained_token: 'true',
    });
    for (const each of all)
      expect(each).to.have.keys('accessToken', 'expiresAtMs').and.include({ accessToken: 'access-1' });
    expect(await token(context('expiring', service, 'access-1', clock))).to.include({
      accessToken: 'access-2',
    });
    expect(await token(context('rejected', service, 'access-1', clock))).to.include({
      accessToken: 'access-2',
    });
    expect(service.sent).to.have.length(2);
  });
  it('says when the client is refused, and never its secret', async () => {
    for (const word of ['invalid_client', 'unauthorized_client', 'invalid_scope']) {
      const service = tokenService(refuses(word, word === 'invalid_client' ? 401 : 400));
      const error = await failure(Promise.resolve(clientCredentials(options)(context('start', service))));
      expect(error.code).to.equal('ERR_AUTH_CLIENT');
      expect(error.message).to.include(word);
      expect(shown(error)).not.to.include('s3cret');
    }
    expect(() => clientCredentials({ ...options, clientSecret: '' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
  });
  it('goes on for one client when another has closed, and stops when the last one has', async () => {
    const token = clientCredentials(options);
    const [one, two] = [new AbortController(), new AbortController()];
    let signal: AbortSignal | null | undefined;
    const service: { fetch: typeof fetch } = {
      fetch: (_input, init) => {
        signal = init?.signal;
        return new Promise(() => undefined);
      },
    };
    const outcome = [one, two].map(({ signal: mine }) =>
      Promise.resolve(token(context('start', service, undefined, undefined, mine))).catch(
        (error: unknown) => error,
      ),
    );
    await settled(() => signal !== undefined);
    one.abort('one');
    expect(await outcome[0]).to.equal('one');
    expect(signal?.aborted).to.equal(false);
    two.abort('two');
    expect(await outcome[1]).to.equal('two');
    await settled(() => signal?.aborted === true);
    expect(signal?.aborted).to.equal(true);
    expect(await token(context('start', tokenService(tokens(3))))).to.include({ accessToken: 'access-3' });
  });
});

describe('guest', () => {
  const issuer = { issuer: 'iss-1', secret: btoa('key of the issuer'), displayName: 'Zoë' };
  const parts = (jwt: string): [object, Record<string, unknown>] => {
    const [head = '', payload = ''] = jwt.split('.');
    const read = (text: string): unknown => JSON.parse(new TextDecoder().decode(fromBase64(text)));
    return [read(head) as object, read(payload) as Record<string, unknown>];
  };

  it('makes a JWT that the issuer’s key verifies', async () => {
    const jwt = await createGuestJwt({ ...issuer, expiresInS: 90, now: () => 1_700_000_000_999 });
    const [head, payload] = parts(jwt);
    expect(head).to.deep.equal({ alg: 'HS256', typ: 'JWT' });
    expect(payload['sub']).to.match(/^guest-user-[0-9a-f-]{36}$/);
    expect(payload).to.deep.include({ iss: 'iss-1', name: 'Zoë', iat: 1_700_000_000, exp: 1_700_000_090 });
    const key = await crypto.subtle.importKey(
      'raw',
      new TextEncoder().encode('key of the issuer'),
      { name: 'HMAC', hash: 'SHA-256' },
      false,
      ['sign'],
    );
    const [signed, signature] = [jwt.slice(0, jwt.lastIndexOf('.')), jwt.slice(jwt.lastIndexOf('.') + 1)];
    const right = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(signed));
    expect(signature).to.equal(base64url(new Uint8Array(right)));
  });
  it('says what is wrong with the options, without the secret', async () => {
    for (const bad of [
      { issuer: '' },
      { displayName: '' },
      { secret: 'n@t base64' },
      { expiresInS: 0 },
      { expiresInS: Number.NaN },
    ]) {
      const error = await failure(createGuestJwt({ ...issuer, ...bad }));
      expect(error.code, JSON.stringify(bad)).to.equal('ERR_ARGUMENT');
      expect(shown(error)).not.to.include('n@t');
    }
    expect(() => guest({ ...issuer, issuer: '' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => guest({ jwt: 'text' as never }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
  });
  it('signs in with the bare JWT, and stays the same person', async () => {
    const token = guest({ service: SERVICE, ...issuer });
    const service = tokenService({ token: 'g1', expiresIn: 10 }, { token: 'g2', expiresIn: 3600 });
    const clock = fakeClock();
    expect(await token(context('start', service, undefined, clock))).to.deep.equal({
      accessToken: 'g1',
      expiresAtMs: clock.now() + 10_000,
    });
    expect(await token(context('expiring', service, 'g1', clock))).to.include({ accessToken: 'g2' });
    expect(service.sent[0]?.url).to.equal(`${SERVICE}/v1/jwt/login`);
    const subjects = service.sent.map(({ headers }) => parts(headers.get('authorization') ?? '')[1]['sub']);
    expect(subjects[0]).to.be.a('string').and.equal(subjects[1]);
  });
  it('asks the app’s server for each JWT', async () => {
    let asked = 0;
    const jwt = (): Promise<string> => Promise.resolve(`a.b.c${String((asked += 1))}`);
    const token = guest({ jwt });
    const service = tokenService({ token: 'g1', expiresIn: 3600 }, { token: 'g2', expiresIn: 3600 });
    await token(context('start', service));
    await token(context('rejected', service, 'g1'));
    expect(service.sent.map(({ url, headers }) => [url, headers.get('authorization')])).to.deep.equal([
      ['https://api.ciscospark.com/v1/jwt/login', 'a.b.c1'],
      ['https://api.ciscospark.com/v1/jwt/login', 'a.b.c2'],
    ]);
  });
  it('says when the JWT is none, or is refused, and does not show it', async () => {
    for (const [jwt, reply, code] of [
      ['<html>', {}, 'ERR_TOKEN_INVALID'],
      ['', {}, 'ERR_TOKEN_INVALID'],
      ['aaa.bbb.ccc', new Response('{"message":"no"}', { status: 401 }), 'ERR_TOKEN_INVALID'],
      ['aaa.bbb.ccc', {}, 'ERR_BAD_RESPONSE'],
    ] as const) {
      const token = guest({ jwt: () => Promise.resolve(jwt) });
      const error = await failure(Promise.resolve(token(context('start', tokenService(reply)))));
      expect(error.code).to.equal(code);
      expect(shown(error)).not.to.match(/aaa|<html>/);
    }
  });
});

describe('revoke', () => {
  it('posts the token with the client’s credentials', async () => {
    const { fetch, sent } = tokenService({});
    await revoke({ service: SERVICE, clientId: 'app', clientSecret: 's3cret', token: 't', fetch });
    await revoke({ clientId: 'app', token: 't', hint: 'refresh_token', fetch });
    expect(sent.map(({ url, form, headers }) => [url, form, headers.get('authorization')])).to.deep.equal([
      [`${SERVICE}/idbroker/idb/oauth2/v1/revoke`, { token: 't', token_type_hint: 'access_token' }, basic],
      [
        'https://idbroker.webex.com/idb/oauth2/v1/revoke',
        { token: 't', token_type_hint: 'refresh_token', client_id: 'app' },
        null,
      ],
    ]);
  });
  it('says why not', async () => {
    const refused = tokenService(refuses('invalid_client', 401)).fetch;
    expect((await failure(revoke({ clientId: 'app', token: 'secret', fetch: refused }))).code).to.equal(
      'ERR_AUTH_CLIENT',
    );
    expect((await failure(revoke({ clientId: 'app', token: '', fetch: refused }))).code).to.equal(
      'ERR_ARGUMENT',
    );
  });
});
