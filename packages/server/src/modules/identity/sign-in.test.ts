import { expect } from 'chai';
import { createHash } from 'node:crypto';
import { type Browser, callback, type IdentityCloud, type Reply, startIdentity } from './harness.test.js';
import { oauthBase } from './oauth.js';

const answer = (reply: Reply): Record<string, string> => Object.fromEntries(reply.to?.searchParams ?? []);
const heading = (reply: Reply): string | undefined =>
  /<h1>(.*?)<\/h1>/s.exec(reply.text)?.[1]?.replace(/<.*?>/g, '');

describe('the sign-in page', () => {
  let cloud: IdentityCloud;
  let browser: Browser;
  beforeEach(async () => {
    cloud = await startIdentity();
    browser = cloud.browser();
    await cloud.person('ana');
    await cloud.person('ben');
    await cloud.client();
  });
  afterEach(() => cloud.close());

  it('is plain HTML under a strict policy, kept by no cache and framed by no page', async () => {
    const page = await browser.go(cloud.authorizeUrl());
    expect(page.status).to.equal(200);
    expect(page.headers['content-type']).to.equal('text/html; charset=utf-8');
    const policy = page.headers['content-security-policy'] ?? '';
    expect(policy).to.include("default-src 'none'").and.include("frame-ancestors 'none'");
    expect(policy).not.to.include('unsafe').and.not.include('script');
    const style = /<style>(.*?)<\/style>/s.exec(page.text)?.[1] ?? '';
    expect(policy).to.include(`'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    expect(page.headers['cache-control']).to.equal('no-store');
    expect(page.headers['x-frame-options']).to.equal('DENY');
    expect(page.headers['access-control-allow-origin']).to.equal(undefined);
    expect(page.text).not.to.match(/<script|\son\w+=|https?:\/\/(?!www\.w3\.org)(?!127)/);
    for (const name of ['email', 'password']) expect(page.text).to.include(`<label for="${name}">`);
    const cookie = String(page.headers['set-cookie']);
    expect(cookie).to.include('HttpOnly').and.include('SameSite=Lax').and.include('Path=/idbroker');
    expect(cookie).not.to.include('Secure');
  });

  it('leads by the consent page back to the app, with a code and the state as it was', async () => {
    const page = await browser.signIn(cloud.authorizeUrl({ scope: 'spark:kms spark:rooms_read' }), 'ana');
    expect(heading(page)).to.equal('Allow app?');
    expect(page.text).to.include('See your spaces').and.include('encryption keys').and.include('ana Test');
    const back = await browser.submit({ action: 'allow' });
    expect(back.status).to.equal(303);
    expect(back.to?.origin).to.equal('http://127.0.0.1:7000');
    expect(answer(back)['state']).to.equal('s t&=#"');
    expect(answer(back)['code']?.split('_')).to.have.length(3);
    expect(answer(back)['code']?.split('_')[2]).to.equal(cloud.identity.orgId);
  });

  it('remembers what was allowed, for this person, app and right', async () => {
    const narrow = cloud.authorizeUrl({ scope: 'spark:rooms_read' });
    await browser.allow(narrow, 'ana');
    expect(answer(await browser.go(narrow))).to.have.property('code');
    expect((await browser.go(narrow)).status).to.equal(302);
    expect(heading(await browser.go(cloud.authorizeUrl({ scope: 'spark:rooms_read spark:kms' })))).to.equal(
      'Allow app?',
    );
    await cloud.client({ clientId: 'other' });
    expect(
      heading(await browser.go(cloud.authorizeUrl({ client_id: 'other', scope: 'spark:rooms_read' }))),
    ).to.equal('Allow other?');
    expect(
      heading(await browser.go(cloud.authorizeUrl({ scope: 'spark:rooms_read', prompt: 'consent' }))),
    ).to.equal('Allow app?');
    expect(heading(await cloud.browser().signIn(narrow, 'ben'))).to.equal('Allow app?');
  });

  it('gives a token in the fragment, and no refresh token, to who asks for a token', async () => {
    const back = await browser.allow(
      cloud.authorizeUrl({
        response_type: 'token',
        code_challenge: undefined,
        code_challenge_method: undefined,
      }),
      'ana',
    );
    expect(back.to?.search).to.equal('');
    const fields = Object.fromEntries(new URLSearchParams(back.to?.hash.slice(1)));
    expect(fields).to.include({ token_type: 'Bearer', state: 's t&=#"', scope: 'spark:all spark:kms' });
    expect(Number(fields['expires_in'])).to.be.greaterThan(3600);
    expect(fields).not.to.have.property('refresh_token');
    expect((await cloud.as(fields['access_token'], 'GET', '/v1/people/me')).status).to.equal(200);
  });

  describe('informs the app', () => {
    it('that the person cancelled, or did not allow it', async () => {
      await browser.go(cloud.authorizeUrl());
      expect(answer(await browser.submit({ action: 'cancel' }))['error']).to.equal('access_denied');
      await browser.signIn(cloud.authorizeUrl(), 'ana');
      const back = await browser.submit({ action: 'deny' });
      expect(answer(back)).to.include({ error: 'access_denied', state: 's t&=#"' });
      expect(heading(await browser.go(cloud.authorizeUrl()))).to.equal('Allow app?');
    });
    it('that no page may be shown to ask for consent', async () => {
      await browser.signIn(cloud.authorizeUrl(), 'ana');
      expect(answer(await browser.go(cloud.authorizeUrl({ prompt: 'none' })))['error']).to.equal(
        'consent_required',
      );
    });
  });

  it('lets a confidential client do without PKCE', async () => {
    await cloud.client({ clientId: 'web', clientSecret: 's' });
    const url = cloud.authorizeUrl({
      client_id: 'web',
      code_challenge: undefined,
      code_challenge_method: undefined,
    });
    expect(answer(await browser.allow(url, 'ana'))).to.have.property('code');
  });

  it('can be signed in to as another user, and asks when the app means another', async () => {
    await browser.allow(cloud.authorizeUrl(), 'ana');
    expect(heading(await browser.go(cloud.authorizeUrl({ prompt: 'login' })))).to.equal('Sign in');
    const hinted = await browser.go(cloud.authorizeUrl({ email: 'ben@example.com' }));
    expect(heading(hinted)).to.equal('Sign in');
    expect(hinted.text).to.include('value="ben@example.com"');
    const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
    expect((await browser.go(cloud.authorizeUrl({ emailHash: hash('ana@example.com') }))).status).to.equal(
      302,
    );
    expect(heading(await browser.go(cloud.authorizeUrl({ emailHash: hash('ben@example.com') })))).to.equal(
      'Sign in',
    );

    const consent = await browser.signIn(cloud.authorizeUrl({ prompt: 'login' }), 'ben');
    expect(consent.text).to.include('ben Test').and.not.include('ana Test');
    const other = /<a href="([^"]*)">Not you/.exec(consent.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    expect(heading(await browser.go(other))).to.equal('Sign in');
  });

  it('knows two browsers for two people', async () => {
    const second = cloud.browser();
    await browser.signIn(cloud.authorizeUrl(), 'ana');
    await second.signIn(cloud.authorizeUrl(), 'ben');
    expect((await browser.go(cloud.authorizeUrl())).text).to.include('ana Test');
    expect((await second.go(cloud.authorizeUrl())).text).to.include('ben Test');
  });

  it('puts no text of users into the page as HTML', async () => {
    const bad = '"><script>alert(1)</script><img src=x onerror=alert(1)>\'';
    await cloud.client({ clientId: 'bad', name: bad });
    await cloud.identity.users.create({ email: 'eve@example.com', displayName: bad, password: 'right' });
    const fields = { client_id: 'bad', state: bad, email: bad, scope: 'spark:<b>bold</b>' };
    const check = (page: Reply): void => {
      expect(page.text).not.to.match(/<script|<img|<b>/);
      expect(page.text).to.include('&lt;script&gt;');
    };
    check(await browser.go(cloud.authorizeUrl(fields)));
    check(await browser.submit({ action: 'sign-in', email: bad, password: 'wrong' }));
    const consent = await browser.signIn(cloud.authorizeUrl({ ...fields, email: undefined }), 'eve');
    expect(heading(consent)).to.include('Allow');
    check(consent);
    const back = await browser.submit({ action: 'allow' });
    expect(answer(back)['state']).to.equal(bad);
  });

  describe('against forged forms', () => {
    const denied = async (sent: Promise<Reply>): Promise<void> => {
      const page = await sent;
      expect([page.status, page.to]).to.deep.equal([403, undefined]);
    };
    it('wants the token of this browser’s own form', async () => {
      await browser.go(cloud.authorizeUrl());
      const right = { action: 'sign-in', email: 'ana@example.com', password: 'right' };
      await denied(browser.go(cloud.authorizeUrl(), right));
      await denied(browser.go(cloud.authorizeUrl(), { ...right, form_token: 'guess' }));
      const other = cloud.browser();
      await other.go(cloud.authorizeUrl());
      await denied(browser.go(cloud.authorizeUrl(), { ...right, form_token: other.formToken }));
      await browser.go(cloud.authorizeUrl());
      await denied(browser.submit(right, { 'sec-fetch-site': 'cross-site' }));
      expect((await browser.submit(right, { 'sec-fetch-site': 'same-origin' })).status).to.equal(303);
    });

    it('allows nothing with the token of the page before the sign-in, or without the cookie', async () => {
      await browser.go(cloud.authorizeUrl());
      const before = browser.formToken;
      await browser.signIn(cloud.authorizeUrl(), 'ana');
      expect(browser.formToken).not.to.equal(before);
      await denied(browser.go(browser.action, { action: 'allow', form_token: before }));
      await browser.go(cloud.authorizeUrl());
      const { formToken, action } = browser;
      const bare = cloud.browser();
      await denied(bare.go(action, { action: 'allow', form_token: formToken }));
      expect(bare.page?.text).to.include('cookie');
    });

    it('gives nothing to a cookie that was planted', async () => {
      const planted = 'A'.repeat(43);
      const name = `trunkline_${cloud.identity.orgId.slice(0, 8)}`;
      browser.cookies.set(name, planted);
      await browser.signIn(cloud.authorizeUrl(), 'ana');
      expect(browser.cookies.get(name)).not.to.equal(planted);
      const attacker = cloud.browser();
      attacker.cookies.set(name, planted);
      expect(heading(await attacker.go(cloud.authorizeUrl()))).to.equal('Sign in');
    });

    it('allows nothing for a user who signed out meanwhile', async () => {
      await browser.signIn(cloud.authorizeUrl(), 'ana');
      await cloud.store.write(({ tx }) => tx.deleteFrom('sessions').execute());
      const back = await browser.submit({ action: 'allow' });
      expect(back.to?.pathname).to.equal(`${oauthBase}/authorize`);
      expect(await cloud.store.db.selectFrom('consents').selectAll().execute()).to.deep.equal([]);
    });
  });

  it('keeps sessions and codes as hashes, and marks the cookie Secure under https', async () => {
    const back = await browser.allow(cloud.authorizeUrl(), 'ana');
    const kept = JSON.stringify([
      await cloud.store.db.selectFrom('sessions').selectAll().execute(),
      await cloud.store.db.selectFrom('codes').selectAll().execute(),
    ]);
    expect(kept).to.include(callback);
    for (const secret of [...browser.cookies.values(), answer(back)['code'] ?? ''])
      expect(kept).not.to.include(secret);
    const tls = await startIdentity('https://trunkline.test');
    await tls.client();
    const page = await tls.browser().go(tls.authorizeUrl());
    expect(String(page.headers['set-cookie'])).to.match(/^__Secure-trunkline_.*; Secure/);
    await tls.close();
  });

  it('forgets sessions after their time', async () => {
    await browser.allow(cloud.authorizeUrl(), 'ana');
    cloud.later(8 * 86_400_000);
    expect(heading(await browser.go(cloud.authorizeUrl()))).to.equal('Sign in');
    await cloud.sweep();
    expect(await cloud.store.db.selectFrom('sessions').selectAll().execute()).to.deep.equal([]);
    expect(await cloud.store.db.selectFrom('codes').selectAll().execute()).to.deep.equal([]);
  });

  describe('signing out', () => {
    const out = (query: Record<string, string>): string =>
      `${oauthBase}/logout?${new URLSearchParams(query).toString()}`;

    it('ends the session and the sign-in behind the token, and goes where the app lives', async () => {
      await browser.allow(cloud.authorizeUrl(), 'ana');
      const ana = await cloud.identity.userByEmail('ana@example.com');
      const granted = await cloud.identity.tokens.grant(ana?.id ?? '');
      const goto = 'http://127.0.0.1:7000/cb';
      const back = await browser.go(out({ cisService: 'webex', goto, token: granted.refreshToken }));
      expect([back.status, back.to?.href]).to.deep.equal([302, goto]);
      expect((await cloud.as(granted.accessToken, 'GET', '/v1/people/me')).status).to.equal(401);
      expect(heading(await browser.go(cloud.authorizeUrl()))).to.equal('Sign in');
    });

    it('asks first when no token of the same user is shown: any page can lead a browser there (F23)', async () => {
      await browser.allow(cloud.authorizeUrl(), 'ana');
      const other = await cloud.person('zoe');
      const of = await cloud.identity.tokens.grant(other.id);
      const goto = 'http://127.0.0.1:7000/cb';
      for (const query of [{}, { goto }, { goto, token: 'nonsense' }, { goto, token: of.accessToken }]) {
        const page = await browser.go(out(query));
        expect([page.status, heading(page)]).to.deep.equal([200, 'Sign out?']);
      }
      expect(heading(await browser.go(cloud.authorizeUrl()))).not.to.equal('Sign in');
      await browser.go(out({ goto }));
      const done = await browser.submit({ goto });
      expect([done.status, done.to?.href]).to.deep.equal([303, goto]);
      expect(heading(await browser.go(cloud.authorizeUrl()))).to.equal('Sign in');
    });

    it('takes a token that its client revoked just before', async () => {
      await browser.allow(cloud.authorizeUrl(), 'ana');
      const ana = await cloud.identity.userByEmail('ana@example.com');
      const { refreshToken: token } = await cloud.identity.tokens.grant(ana?.id ?? '');
      await cloud.identity.tokens.revoke(token);
      const goto = 'http://127.0.0.1:7000/cb';
      expect((await browser.go(out({ goto, token }))).to?.href).to.equal(goto);
      expect(heading(await browser.go(cloud.authorizeUrl()))).to.equal('Sign in');
    });

    it('takes JSON and forms from programs', async () => {
      const ana = await cloud.identity.userByEmail('ana@example.com');
      for (const given of [{ body: {} }, { form: {} }]) {
        const { accessToken: token } = await cloud.identity.tokens.grant(ana?.id ?? '');
        const sent = 'body' in given ? { body: { token, cisService: 'x' } } : { form: { token } };
        expect((await cloud.ask('POST', `${oauthBase}/logout`, sent)).status).to.equal(204);
        expect((await cloud.as(token, 'GET', '/v1/people/me')).status).to.equal(401);
      }
    });
  });
});

describe('an authorize URL', () => {
  let cloud: IdentityCloud;
  let browser: Browser;
  before(async () => {
    cloud = await startIdentity();
    await cloud.client();
  });
  beforeEach(() => {
    browser = cloud.browser();
  });
  after(() => cloud.close());

  describe('redirects no one', () => {
    const cases: Readonly<Record<string, Record<string, string | undefined>>> = {
      'an unknown client': { client_id: 'unknown' },
      'no client': { client_id: undefined },
      'no address': { redirect_uri: undefined },
      'another path': { redirect_uri: `${callback}2` },
      'another host': { redirect_uri: 'http://evil.example/cb' },
      'a host that only begins alike': { redirect_uri: 'http://127.0.0.1.evil.example/cb' },
      'a user name before the host': { redirect_uri: 'http://127.0.0.1:7000@evil.example/cb' },
      'a backslash': { redirect_uri: 'http://127.0.0.1\\@evil.example/cb' },
      'a query of its own': { redirect_uri: `${callback}?next=http://evil.example` },
      'a fragment': { redirect_uri: `${callback}#x` },
      'a line end': { redirect_uri: `${callback}\r\nx: y` },
      'a script': { redirect_uri: 'javascript:alert(1)' },
    };
    for (const [name, fields] of Object.entries(cases))
      it(`for ${name}`, async () => {
        const page = await browser.go(cloud.authorizeUrl(fields));
        expect([page.status, page.to]).to.deep.equal([400, undefined]);
        expect(heading(page)).to.equal('This link does not work');
        expect(page.headers['content-security-policy']).to.include("form-action 'none'");
        const posted = await browser.go(cloud.authorizeUrl(fields), { action: 'allow' });
        expect([posted.status, posted.to]).to.deep.equal([400, undefined]);
      });
    it('for an address given twice', async () => {
      const page = await browser.go(`${cloud.authorizeUrl()}&redirect_uri=http://evil.example`);
      expect([page.status, page.to]).to.deep.equal([400, undefined]);
    });
  });

  it('takes a program on this machine at any port', async () => {
    await cloud.client({ clientId: 'cli', redirectUris: ['http://127.0.0.1/cb', 'http://[::1]/cb'] });
    for (const redirect_uri of ['http://127.0.0.1:51234/cb', 'http://[::1]:9/cb', 'http://127.0.0.1/cb']) {
      const back = await browser.go(cloud.authorizeUrl({ client_id: 'cli', redirect_uri, prompt: 'none' }));
      expect(back.to?.href).to.match(/^http:\/\/(127\.0\.0\.1|\[::1\])(:\d+)?\/cb\?error=login_required/);
    }
  });

  describe('informs the app, in the query,', () => {
    const cases: Readonly<Record<string, readonly [Record<string, string | undefined>, string]>> = {
      'that a public client must use PKCE': [{ code_challenge: undefined }, 'invalid_request'],
      'that plain challenges are not taken': [{ code_challenge_method: 'plain' }, 'invalid_request'],
      'that a challenge without its method is plain': [
        { code_challenge_method: undefined },
        'invalid_request',
      ],
      'that a challenge is a hash': [{ code_challenge: 'short' }, 'invalid_request'],
      'that it asks for nothing': [{ response_type: undefined }, 'invalid_request'],
      'that it asks for what there is not': [{ response_type: 'id_token' }, 'unsupported_response_type'],
      'that a right is not for it': [{ scope: 'webexsquare:admin' }, 'invalid_scope'],
      'of a wrong scope also when it wants a token': [
        { response_type: 'token', scope: 'no' },
        'invalid_scope',
      ],
      'that no one is signed in, when no page may be shown': [{ prompt: 'none' }, 'login_required'],
    };
    for (const [name, [fields, error]] of Object.entries(cases))
      it(name, async () => {
        const back = await browser.go(cloud.authorizeUrl(fields));
        expect(back.status).to.equal(302);
        expect(answer(back)).to.include({ error, state: 's t&=#"' });
        expect(answer(back)['error_description']).to.match(/\w+/);
        expect(back.to?.hash).to.equal('');
      });
    it('of a parameter that was given twice', async () => {
      const back = await browser.go(`${cloud.authorizeUrl()}&scope=a&scope=b`);
      expect(answer(back)['error']).to.equal('invalid_request');
    });
  });

  describe('of signing out', () => {
    const out = (query: Record<string, string>): string =>
      `${oauthBase}/logout?${new URLSearchParams(query).toString()}`;
    for (const goto of [
      'http://evil.example/',
      '//evil.example',
      'http://127.0.0.1:7000@evil.example/',
      'javascript:alert(1)',
      'http://127.0.0.1.evil.example/cb',
      'data:text/html,x',
      '/relative',
    ])
      it(`shows a page instead of going to ${goto}`, async () => {
        const page = await browser.go(out({ goto }));
        expect([page.status, page.to]).to.deep.equal([200, undefined]);
        expect(heading(page)).to.equal('You are signed out');
      });
  });
});
