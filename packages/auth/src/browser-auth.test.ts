import { webStorage } from '@trunkline/core';
import { expect } from 'chai';
import {
  context,
  failure,
  fakeChannels,
  fakeClock,
  fakePage,
  memoryStorage,
  openStorage,
  refuses,
  SERVICE,
  settled,
  shown,
  tokens,
  tokenService,
  TOKEN_URL,
  turns,
  type FakePage,
} from '../test/kit.js';
import { base64url } from './base64.js';
import { browserAuthOn, type BrowserAuthOptions } from './browser-auth.js';
import { challengeOf, emailHashOf } from './crypto.js';
import { decodeState } from './state-object.js';

const HOME = 'https://app.test/in';

type OpenStorage = ReturnType<typeof openStorage>;
type TabOptions = Partial<BrowserAuthOptions> & {
  readonly storage?: OpenStorage;
  readonly clock?: ReturnType<typeof fakeClock>;
};

/** One tab: its window, its storages, its token service. */
function tab(options: TabOptions = {}, page: FakePage = fakePage(`${HOME}?tab=2#top`)) {
  const service = tokenService(tokens(1));
  const { storage = openStorage(), clock = fakeClock(), fetch = service.fetch } = options;
  const tabStorage = openStorage();
  const make = () =>
    browserAuthOn(() => page, {
      service: SERVICE,
      clientId: 'app',
      redirectUri: HOME,
      scopes: 'spark:all',
      session: tabStorage,
      ...options,
      storage,
      clock,
      fetch,
    });
  return { storage, clock, fetch, session: tabStorage, sent: service.sent, page, make, auth: make() };
}
/** The sign-in page sends the person back. */
const comeBack = (page: FakePage, answer: Record<string, string>): URL => {
  const asked = new URL(page.visited.at(-1) ?? page.opened.at(-1)?.url ?? '');
  const state = asked.searchParams.get('state') ?? '';
  page.href = `${HOME}?tab=2&${new URLSearchParams({ state, ...answer }).toString()}#top`;
  return asked;
};
const signedIn = async (options: TabOptions = {}) => {
  const here = tab(options);
  await here.auth.signIn();
  comeBack(here.page, { code: 'c0de' });
  await here.auth.restore();
  return here;
};

describe('browserAuth', () => {
  describe('signIn', () => {
    it('goes to the sign-in page with a PKCE challenge and the app’s state', async () => {
      const { auth, page, session } = tab({ scopes: ['spark:all', 'spark:kms', 'spark:all'] });
      await auth.signIn({ state: { page: '/ü' }, email: 'Ana@example.com' });
      const url = new URL(page.visited[0] ?? '');
      expect(url.origin + url.pathname).to.equal(`${SERVICE}/idbroker/idb/oauth2/v1/authorize`);
      const query = Object.fromEntries(url.searchParams);
      const pending = JSON.parse([...session.values.values()][0] ?? '') as { verifier: string; csrf: string };
      expect(pending.verifier).to.match(/^[\w-]{128}$/);
      const emailHash = await emailHashOf('ana@example.com');
      expect(query).to.deep.include({
        client_id: 'app',
        redirect_uri: HOME,
        scope: 'spark:all spark:kms',
        response_type: 'code',
        code_challenge: await challengeOf(pending.verifier),
        code_challenge_method: 'S256',
        emailHash,
      });
      expect(decodeState(query['state'] ?? '')).to.deep.equal({ csrf: pending.csrf, state: { page: '/ü' } });
      expect(query['state']).to.match(/^[\w-]+$/);
    });
    it('passes an email that the sign-in page fills in, and only when it is given one (H29)', async () => {
      const { auth, page } = tab();
      await auth.signIn({ loginHint: 'ana+x@example.com' });
      await auth.signIn({ email: 'ana+x@example.com' });
      const [hinted, hashed] = page.visited.map((url) => new URL(url).searchParams);
      expect(hinted?.get('login_hint')).to.equal('ana+x@example.com');
      expect(hinted?.has('emailHash')).to.equal(false);
      expect(hashed?.has('login_hint')).to.equal(false);
    });
    it('asks for a token in the implicit flow, without a challenge', async () => {
      const { auth, page } = tab({ flow: 'implicit' });
      await auth.signIn();
      const { searchParams } = new URL(page.visited[0] ?? '');
      expect(searchParams.get('response_type')).to.equal('token');
      expect(searchParams.has('code_challenge')).to.equal(false);
    });
    it('goes to the cloud without a service', async () => {
      const page = fakePage(HOME);
      await browserAuthOn(() => page, {
        clientId: 'app',
        redirectUri: HOME,
        scopes: '',
        session: memoryStorage(),
      }).signIn();
      expect(page.visited[0]).to.match(/^https:\/\/idbroker\.webex\.com\/idb\/oauth2\/v1\/authorize\?/);
    });
    it('says when the sign-in cannot be remembered, or there is no window', async () => {
      const blocked = (): never => {
        throw Object.assign(new Error('no'), { name: 'SecurityError' });
      };
      const session = webStorage({ area: { getItem: blocked, setItem: blocked, removeItem: blocked } });
      const { auth, page } = tab({ session });
      expect((await failure(auth.signIn())).code).to.equal('ERR_STORAGE');
      expect(page.visited).to.deep.equal([]);
      const nowhere = browserAuthOn(() => undefined, { clientId: 'app', redirectUri: HOME, scopes: '' });
      expect((await failure(nowhere.signIn())).code).to.equal('ERR_ENVIRONMENT');
      expect(await nowhere.restore()).to.equal(false);
    });
    it('says what is wrong with the options before anything happens', () => {
      const good = { clientId: 'app', redirectUri: HOME, scopes: '' };
      for (const bad of [
        { clientId: '' },
        { redirectUri: '/in' },
        { service: 'cloud' },
        { service: 'ftp://x' },
      ])
        expect(() => browserAuthOn(() => undefined, { ...good, ...bad }), JSON.stringify(bad))
          .to.throw()
          .with.property('code', 'ERR_ARGUMENT');
    });
  });

  describe('restore', () => {
    it('exchanges the code, scrubs the address bar, and gives the state back', async () => {
      const { auth, page, sent, make } = tab();
      await auth.signIn({ state: { page: '/a' } });
      comeBack(page, { code: 'c0de' });
      expect(await auth.restore()).to.equal(true);
      expect(page.href).to.equal(`${HOME}?tab=2#top`);
      expect(auth.state).to.deep.equal({ page: '/a' });
      expect(sent).to.have.length(1);
      const { url, form, headers } = sent[0] ?? {};
      expect(url).to.equal(TOKEN_URL);
      expect(headers?.has('authorization')).to.equal(false);
      const { code_verifier: verifier, ...rest } = form ?? {};
      expect(await challengeOf(verifier ?? '')).to.equal(
        new URL(page.visited[0] ?? '').searchParams.get('code_challenge'),
      );
      expect(rest).to.deep.equal({
        grant_type: 'authorization_code',
        redirect_uri: HOME,
        code: 'c0de',
        self_contained_token: 'true',
        client_id: 'app',
      });
      // a reload
      const later = make();
      expect(await later.restore()).to.equal(true);
      expect(later.state).to.equal(undefined);
      expect(await later.token(context('start', tokenService()))).to.include({ accessToken: 'access-1' });
      expect(sent).to.have.length(1);
    });
    it('knows no one at first, and leaves addresses alone that are not answers', async () => {
      for (const href of [
        `${HOME}?error=mine`,
        `${HOME}?code=SUMMER`,
        `${HOME}#/route`,
        'https://app.test/else?code=1&state=2',
      ]) {
        const { auth, page, sent } = tab({}, fakePage(href));
        expect(await auth.restore(), href).to.equal(false);
        expect(page.href).to.equal(href);
        expect(sent).to.deep.equal([]);
      }
    });
    it('exchanges once when it is called twice', async () => {
      const { auth, page, sent } = tab();
      await auth.signIn();
      comeBack(page, { code: 'c0de' });
      expect(await Promise.all([auth.restore(), auth.restore()])).to.deep.equal([true, true]);
      expect(sent).to.have.length(1);
    });
    it('takes no answer with a wrong, missing, malformed or used state', async () => {
      const forged = base64url(JSON.stringify({ csrf_token: 'x' }));
      for (const state of [forged, 'nonsense!', '', base64url('[]'), base64url('null')]) {
        const { auth, page, sent, storage } = tab();
        await auth.signIn();
        comeBack(page, { code: 'c0de', state });
        const error = await failure(auth.restore());
        expect(error.code, state).to.equal('ERR_AUTH_STATE');
        expect(sent).to.deep.equal([]);
        expect(storage.values.size).to.equal(0);
        expect(page.href).to.equal(`${HOME}?tab=2#top`);
        expect(await auth.restore()).to.equal(false);
      }
      const used = tab();
      await used.auth.signIn();
      comeBack(used.page, { code: 'c0de' });
      const again = used.page.href;
      await used.auth.restore();
      used.page.href = again;
      expect((await failure(used.auth.restore())).code).to.equal('ERR_AUTH_STATE');
      expect(await used.auth.restore(), 'who was signed in stays').to.equal(true);
    });
    it('takes no answer of a sign-in of another tab', async () => {
      const [here, there] = [tab(), tab()];
      await Promise.all([here.auth.signIn(), there.auth.signIn()]);
      comeBack(here.page, { code: 'c0de' });
      there.page.href = here.page.href;
      expect((await failure(there.auth.restore())).code).to.equal('ERR_AUTH_STATE');
    });
    it('takes no token that was smuggled in where a code was asked for', async () => {
      const { auth, page, storage } = tab();
      await auth.signIn();
      const { searchParams } = new URL(page.visited[0] ?? '');
      page.href = `${HOME}#access_token=evil&state=${searchParams.get('state') ?? ''}`;
      const error = await failure(auth.restore());
      expect(error.code).to.equal('ERR_AUTH_STATE');
      expect(shown(error)).not.to.include('evil');
      expect(storage.values.size).to.equal(0);
      expect(page.href).not.to.include('evil');
    });
    for (const [word, code] of [
      ['access_denied', 'ERR_AUTH_DENIED'],
      ['consent_required', 'ERR_AUTH_DENIED'],
      ['invalid_scope', 'ERR_AUTH_CLIENT'],
      ['unauthorized_client', 'ERR_AUTH_CLIENT'],
      ['server_error', 'ERR_UNAVAILABLE'],
    ] as const)
      it(`rejects with what came back: ${word}`, async () => {
        const { auth, page, sent } = tab();
        await auth.signIn();
        comeBack(page, { error: word, error_description: `Not you \u0007 ${'t0ken'.repeat(20)}` });
        const error = await failure(auth.restore());
        expect(error.code).to.equal(code);
        expect(error.message).to.include(word).and.include('Not you').and.not.include('t0ken');
        expect(page.href).to.equal(`${HOME}?tab=2#top`);
        expect(sent).to.deep.equal([]);
        expect(await auth.restore()).to.equal(false);
      });
    it('rejects with an error that came back without state, but only during a sign-in', async () => {
      const { auth, page } = tab();
      await auth.signIn();
      page.href = `${HOME}?error=access_denied`;
      expect((await failure(auth.restore())).code).to.equal('ERR_AUTH_DENIED');
      expect(page.href).to.equal(HOME);
    });
    it('distinguishes why a code was refused, and shows no token', async () => {
      for (const [reply, code, retryable] of [
        [refuses('invalid_grant'), 'ERR_TOKEN_INVALID', false],
        [refuses('invalid_client', 401), 'ERR_AUTH_CLIENT', false],
        [refuses('x', 503), 'ERR_UNAVAILABLE', true],
        [new Response('{}', { status: 429, headers: { 'retry-after': '7' } }), 'ERR_RATE_LIMITED', true],
        [new TypeError('failed to fetch'), 'ERR_NETWORK', true],
        [{}, 'ERR_BAD_RESPONSE', true],
        [new Response('<html>'), 'ERR_BAD_RESPONSE', true],
        [new Response('<html>', { status: 404 }), 'ERR_HTTP', false],
        [new Response('{}', { status: 400 }), 'ERR_TOKEN_INVALID', false],
      ] as const) {
        const { auth, page, storage } = tab({ fetch: tokenService(reply).fetch });
        await auth.signIn();
        comeBack(page, { code: 'c0de' });
        const error = await failure(auth.restore());
        expect([error.code, error.retryable]).to.deep.equal([code, retryable]);
        expect(shown(error)).not.to.match(/access-1|refresh-1|c0de/);
        expect(storage.values.size).to.equal(0);
        if (code === 'ERR_RATE_LIMITED') expect(error.retryAfterMs).to.equal(7000);
      }
    });
    it('takes the implicit flow’s token out of the fragment', async () => {
      const { auth, page, sent } = tab({ flow: 'implicit' });
      await auth.signIn({ state: { n: 1 } });
      const state = new URL(page.visited[0] ?? '').searchParams.get('state') ?? '';
      page.href = `${HOME}?tab=2#access_token=implicit-1&token_type=Bearer&expires_in=60&state=${state}`;
      expect(await auth.restore()).to.equal(true);
      expect(page.href).to.match(/\?tab=2#?$/);
      expect(auth.state).to.deep.equal({ n: 1 });
      expect(sent).to.deep.equal([]);
      expect(await auth.token(context('start', tokenService()))).to.include({ accessToken: 'implicit-1' });
    });
    it('does not believe an implicit token with a wrong state', async () => {
      const { auth, page, storage } = tab({ flow: 'implicit' });
      await auth.signIn();
      page.href = `${HOME}#access_token=evil&expires_in=60`;
      expect((await failure(auth.restore())).code).to.equal('ERR_AUTH_STATE');
      expect(storage.values.size).to.equal(0);
      expect(page.href).not.to.include('evil');
    });
    it('knows no one any more when an implicit token has ended', async () => {
      const { auth, page, clock } = tab({ flow: 'implicit' });
      await auth.signIn();
      const state = new URL(page.visited[0] ?? '').searchParams.get('state') ?? '';
      page.href = `${HOME}#access_token=implicit-1&expires_in=60&state=${state}`;
      expect(await auth.restore()).to.equal(true);
      clock.advance(61_000);
      expect(await auth.restore()).to.equal(false);
      const error = await failure(auth.token(context('expiring', tokenService(), 'implicit-1')));
      expect(error.code).to.equal('ERR_TOKEN_INVALID');
    });
    it('drops what is not readable in storage', async () => {
      for (const text of ['{', '[]', 'null', '{"accessToken":7}', '{"accessToken":""}', '']) {
        const here = await signedIn();
        const [key = ''] = [...here.storage.values.keys()];
        here.storage.values.set(key, text);
        expect(await here.make().restore(), text).to.equal(false);
        expect(here.storage.values.size).to.equal(0);
      }
    });
    it('keeps people, clients and services apart in one storage', async () => {
      const here = await signedIn();
      const { storage } = here;
      for (const other of [{ user: 'ben' }, { clientId: 'other' }, { service: 'https://other.test' }])
        expect(await tab({ storage, ...other }).auth.restore(), JSON.stringify(other)).to.equal(false);
      expect(await tab({ storage }).auth.restore()).to.equal(true);
    });
    it('goes on in memory when storage is full', async () => {
      const storage = openStorage();
      storage.set = () => Promise.reject(new Error('full'));
      const warned: string[] = [];
      const quiet = (): void => undefined;
      const logger = {
        debug: quiet,
        info: quiet,
        error: quiet,
        warn: (_: object, text: string) => void warned.push(text),
      };
      const here = await signedIn({ storage, logger });
      expect(await here.auth.restore()).to.equal(true);
      expect(await here.auth.token(context('start', tokenService()))).to.include({ accessToken: 'access-1' });
      expect(warned[0]).to.include('could not be stored');
      await here.auth.signOut({ noRedirect: true });
      expect(await here.auth.restore()).to.equal(false);
    });
  });

  describe('token', () => {
    it('renews once for all who ask, stores before it answers, and gives the new one to late askers', async () => {
      const here = await signedIn();
      const service = tokenService(tokens(2));
      const ask = (): Promise<unknown> => here.auth.token(context('expiring', service, 'access-1'));
      const answers = await Promise.all([ask(), ask(), ask()]);
      expect(service.sent.map(({ form }) => form)).to.deep.equal([
        { grant_type: 'refresh_token', redirect_uri: HOME, refresh_token: 'refresh-1', client_id: 'app' },
      ]);
      expect(service.sent[0]?.url).to.equal(TOKEN_URL);
      for (const answer of answers)
        expect(answer).to.deep.equal({ accessToken: 'access-2', expiresAtMs: here.clock.now() + 3_600_000 });
      expect([...here.storage.values.values()][0]).to.include('refresh-2');
      expect(await here.auth.token(context('rejected', service, 'access-1'))).to.include({
        accessToken: 'access-2',
      });
      expect(service.sent).to.have.length(1);
      await here.auth.token(context('rejected', service, 'access-2'));
      expect(service.sent[1]?.form['refresh_token']).to.equal('refresh-2');
    });
    it('keeps the old refresh token when none came', async () => {
      const here = await signedIn();
      const service = tokenService({ access_token: 'access-2', expires_in: 1 });
      await here.auth.token(context('rejected', service, 'access-1'));
      expect([...here.storage.values.values()][0])
        .to.include('refresh-1')
        .and.include('access-2');
    });
    it('renews once for two tabs', async () => {
      const queue: Promise<unknown>[] = [Promise.resolve()];
      const names: string[] = [];
      const exclusive: FakePage['exclusive'] = (name, run) => {
        names.push(name);
        const mine = (queue.at(-1) ?? Promise.resolve()).then(run);
        queue.push(mine.catch(() => undefined));
        return mine;
      };
      const pages = [fakePage(HOME), fakePage(HOME)].map((page) => Object.assign(page, { exclusive }));
      const storage = openStorage();
      const [one, two] = pages.map((page) => tab({ storage }, page));
      if (!one || !two) throw new Error('two tabs');
      await one.auth.signIn();
      comeBack(one.page, { code: 'c0de' });
      await one.auth.restore();
      const service = tokenService(tokens(2), refuses('invalid_grant'));
      const answers = await Promise.all(
        [one, two].map(({ auth }) => auth.token(context('expiring', service, 'access-1'))),
      );
      expect(service.sent).to.have.length(1);
      for (const answer of answers) expect(answer).to.include({ accessToken: 'access-2' });
      expect(new Set(names).size).to.equal(1);
    });
    it('takes what another tab renewed when that is seen late', async () => {
      const here = await signedIn();
      const [key = ''] = [...here.storage.values.keys()];
      const service = tokenService(() => {
        here.storage.values.set(key, JSON.stringify({ accessToken: 'access-2', refreshToken: 'refresh-2' }));
        return Promise.resolve(refuses('invalid_grant'));
      });
      expect(await here.auth.token(context('rejected', service, 'access-1'))).to.include({
        accessToken: 'access-2',
      });
      expect(here.storage.values.get(key)).to.include('refresh-2');
    });
    it('forgets when the refresh token is refused, and not when no one answered', async () => {
      const here = await signedIn();
      for (const [reply, code] of [
        [refuses('x', 500), 'ERR_UNAVAILABLE'],
        [new Response('<html>a page of the hotel</html>'), 'ERR_BAD_RESPONSE'],
        [new Response('no', { status: 403 }), 'ERR_HTTP'],
        [refuses('invalid_client', 401), 'ERR_AUTH_CLIENT'],
        [new TypeError('failed to fetch'), 'ERR_NETWORK'],
      ] as const) {
        const error = await failure(here.auth.token(context('rejected', tokenService(reply), 'access-1')));
        expect(error.code).to.equal(code);
      }
      expect(here.storage.values.size).to.equal(1);
      const ended = await failure(
        here.auth.token(context('rejected', tokenService(refuses('invalid_grant')), 'access-1')),
      );
      expect(ended.code).to.equal('ERR_TOKEN_INVALID');
      expect(shown(ended)).not.to.match(/access-1|refresh-1/);
      expect(here.storage.values.size).to.equal(0);
      expect(await here.auth.restore()).to.equal(false);
    });
    it('finishes a renewal whose client has closed: the rotated token must not be lost', async () => {
      const here = await signedIn();
      let answer: (response: Response) => void = () => undefined;
      const service = tokenService(() => new Promise<Response>((resolve) => (answer = resolve)));
      const ending = new AbortController();
      const asked = here.auth.token(context('expiring', service, 'access-1', undefined, ending.signal));
      asked.catch(() => undefined);
      await settled(() => service.sent.length === 1);
      ending.abort(new Error('closed'));
      await asked.then(
        () => expect.fail('it should have left'),
        (error: unknown) => {
          expect(String(error)).to.equal('Error: closed');
        },
      );
      answer(new Response(JSON.stringify(tokens(2))));
      await settled(() => ([...here.storage.values.values()][0] ?? '').includes('refresh-2'));
      expect([...here.storage.values.values()][0]).to.include('refresh-2');
    });
    it('lets the service judge when the clock is wrong', async () => {
      const here = await signedIn();
      here.clock.advance(10 * 365 * 86_400_000);
      const service = tokenService(tokens(2));
      expect(await here.auth.token(context('start', service))).to.include({ accessToken: 'access-2' });
    });
    it('says that no one is signed in', async () => {
      const error = await failure(tab().auth.token(context('start', tokenService())));
      expect(error.code).to.equal('ERR_AUTH_EXPIRED');
    });
    it('waits for a sign-in that is being completed', async () => {
      const { auth, page } = tab();
      await auth.signIn();
      comeBack(page, { code: 'c0de' });
      const restored = auth.restore();
      expect(await auth.token(context('start', tokenService()))).to.include({ accessToken: 'access-1' });
      await restored;
    });
  });

  describe('signOut', () => {
    it('revokes, forgets, and goes to the logout page', async () => {
      const here = await signedIn();
      await here.auth.signOut();
      expect(here.sent.slice(1).map(({ url, form }) => [url, form])).to.deep.equal([
        [
          `${SERVICE}/idbroker/idb/oauth2/v1/revoke`,
          { token: 'refresh-1', token_type_hint: 'refresh_token', client_id: 'app' },
        ],
        [
          `${SERVICE}/idbroker/idb/oauth2/v1/revoke`,
          { token: 'access-1', token_type_hint: 'access_token', client_id: 'app' },
        ],
      ]);
      expect(here.storage.values.size).to.equal(0);
      const out = new URL(here.page.visited.at(-1) ?? '');
      expect(out.pathname).to.equal('/idbroker/idb/oauth2/v1/logout');
      expect(Object.fromEntries(out.searchParams)).to.deep.equal({
        cisService: '',
        goto: HOME,
        token: 'refresh-1',
      });
      expect(await here.auth.restore()).to.equal(false);
    });
    it('stays when asked to, and says when the service could not be reached', async () => {
      const here = await signedIn();
      const [gone] = here.page.visited.slice(-1);
      const down = tokenService(tokens(1), new TypeError('down'));
      const other = tab({ storage: here.storage, fetch: down.fetch });
      await down.fetch('x');
      const error = await failure(other.auth.signOut({ noRedirect: true }));
      expect(error.code).to.equal('ERR_NETWORK');
      expect(here.storage.values.size).to.equal(0);
      expect(other.page.visited).to.deep.equal([]);
      expect(here.page.visited.at(-1)).to.equal(gone);
      await other.auth.signOut({ noRedirect: true }); // no one there: nothing to do
    });
    it('also ends a sign-in that is just being completed', async () => {
      const { auth, page, storage } = tab();
      await auth.signIn();
      comeBack(page, { code: 'c0de' });
      await Promise.all([auth.restore(), auth.signOut({ noRedirect: true })]);
      expect(storage.values.size).to.equal(0);
    });
    it('ends the other tabs too', async () => {
      const here = await signedIn();
      const there = tab({ storage: here.storage });
      expect(await there.auth.restore()).to.equal(true);
      await here.auth.signOut({ noRedirect: true });
      const error = await failure(there.auth.token(context('rejected', tokenService(tokens(9)), 'access-1')));
      expect(error.code).to.equal('ERR_AUTH_EXPIRED');
    });
  });

  describe('with a window of its own', () => {
    const opening = async () => {
      const channels = fakeChannels();
      const main = tab({}, fakePage(HOME, channels));
      const done = main.auth.signIn({ separateWindow: true, state: { from: 'main' } });
      done.catch(() => undefined);
      await settled(() => (main.page.opened[0]?.url ?? '') !== '');
      // browsers copy the tab's storage into the new window
      const popup = tab(
        { storage: main.storage, clock: main.clock, fetch: main.fetch },
        fakePage(HOME, channels),
      );
      for (const [key, value] of main.session.values) popup.session.values.set(key, value);
      const asked = new URL(main.page.opened[0]?.url ?? '');
      popup.page.href = `${HOME}?code=c0de&state=${asked.searchParams.get('state') ?? ''}`;
      return { main, popup, done };
    };
    it('opens in the turn of the click, and signs in the window that began', async () => {
      const { main, popup, done } = await opening();
      const restored = popup.auth.restore();
      await done;
      await settled(() => popup.page.closedItself);
      expect(popup.page.closedItself).to.equal(true);
      expect(popup.page.href).to.equal(HOME);
      expect(main.auth.state).to.deep.equal({ from: 'main' });
      expect(main.page.visited).to.deep.equal([]);
      expect(main.sent).to.have.length(1);
      expect(await main.auth.restore()).to.equal(true);
      main.clock.advance(10_000);
      expect(await restored).to.equal(true);
      expect(main.clock.pending).to.equal(0);
    });
    it('opens at once', () => {
      const { auth, page } = tab();
      auth.signIn({ separateWindow: true }).catch(() => undefined);
      expect(page.opened).to.have.length(1);
    });
    it('says when the window was closed, or blocked', async () => {
      const { main, done } = await opening();
      const [window] = main.page.opened;
      if (window) window.closed = true;
      main.clock.advance(1_000);
      expect((await failure(done)).code).to.equal('ERR_AUTH_DENIED');
      expect(main.clock.pending).to.equal(0);
      const blocked = tab();
      blocked.page.blocksWindows = true;
      expect((await failure(blocked.auth.signIn({ separateWindow: true }))).code).to.equal('ERR_ENVIRONMENT');
    });
    it('goes on alone in the new window when the first one is gone', async () => {
      const { popup } = await opening();
      const alone = Object.assign(popup.page, { channel: fakeChannels() });
      const restored = popup.auth.restore();
      await turns();
      await settled(() => popup.clock.pending > 1);
      popup.clock.advance(2_000);
      expect(await restored).to.equal(true);
      expect(alone.closedItself).to.equal(false);
    });
  });
});
