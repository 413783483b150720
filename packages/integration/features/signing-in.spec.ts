// Rows of the list of capabilities (docs/guides/capabilities.md): who one is, and how one comes in.
import { authorizationCode, clientCredentials, guest, logout, revoke, type SignedIn } from '@trunkline/auth';
import { createClient, type TokenFunction } from '@trunkline/core';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import {
  found,
  launch,
  personWithPassword,
  register,
  serveApp,
  signInByForms,
  typeIn,
  type Person,
} from '../auth/kit.js';
import { all, refusal } from '../kit/members.js';

const redirectUri = 'https://app.example/callback';
const app = { clientId: 'app', clientSecret: 'a-long-and-random-secret-of-this-app' };
const scopes = 'spark:all spark:kms';
const plugins = () => [rooms(), messages(), memberships(), people()] as const;

describe('capabilities: signing in', function () {
  this.timeout(60_000);
  let cloud: Cloud;
  let ana: Person;
  let ben: Awaited<ReturnType<typeof open>>;
  const open = (token: string | TokenFunction) => cloud.client('nobody', plugins(), { token });
  /** Ben receives a message in a room that this person creates with him: they are who they say, to another person too. */
  const heardByBen = async (who: Awaited<ReturnType<typeof open>>): Promise<string> => {
    const { id: roomId } = await who.rooms.create({ title: 'Hello' });
    await who.memberships.create({ roomId, personEmail: 'ben@example.com' });
    const received = nextEvent(ben.messages, 'created', { where: (message) => message.roomId === roomId });
    await who.messages.create({ roomId, text: 'it is me' });
    return (await ben.people.get((await received).personId)).displayName;
  };
  const signIn = async (user: string): Promise<SignedIn> => {
    const flow = authorizationCode({ service: cloud.url, ...app, redirectUri, scopes });
    return flow.exchange(await signInByForms(await flow.authorizeUrl(), ana.email), { user });
  };

  before(async () => {
    cloud = await startCloud();
    ana = await personWithPassword(cloud, 'ana');
    await register(cloud, { ...app, redirectUris: [redirectUri], name: 'App', scopes });
    ben = await cloud.client('ben', plugins());
    await ben.messages.listen();
  });
  after(async () => {
    await ben.close();
    await expectQuiet(ben);
    await cloud.close();
  });

  it('row 1: a client is made with plugins and settings, and refuses what cannot be set', async () => {
    const { accessToken } = await cloud.person('cleo');
    const client = createClient({
      token: accessToken,
      service: cloud.url,
      config: { request: { timeoutMs: 5_000, maxRetries: 0 } },
      plugins: plugins(),
    });
    await client.ready();
    expect(await heardByBen(client)).to.equal('Cleo');
    const delayed = await cloud.fault({ kind: 'delay', delayMs: 400, match: { path: '/v1/rooms' } });
    const quick = createClient({
      token: accessToken,
      service: cloud.url,
      config: { request: { timeoutMs: 50, maxRetries: 0 } },
      plugins: [rooms()],
    });
    expect((await refusal(quick.rooms.list().page())).code).to.equal('ERR_TIMEOUT');
    await delayed();
    await Promise.all([client.close(), quick.close()]);
    expect(() => createClient({ token: '', service: cloud.url, plugins: [rooms()] })).to.throw(/token/);
    expect(() => createClient({ token: accessToken, plugins: [rooms(), rooms()] })).to.throw(/rooms/);
  });

  it('row 2: a person signs in at a page, and the app gets a token by the implicit flow', async function () {
    const browser = await launch();
    if (browser === undefined) {
      this.skip();
      return;
    }
    const site = await serveApp(cloud.url);
    try {
      await register(cloud, { clientId: site.clientId, redirectUris: [site.home], scopes, name: 'Page' });
      site.configure({ flow: 'implicit' });
      const page = await browser.newPage();
      await page.goto(site.home);
      expect(await found(page)).to.deep.equal({ signedIn: false });
      await page.click('#sign-in');
      await page.waitForURL(/idbroker/);
      await typeIn(page, ana.email);
      await page.waitForURL((url) => url.hostname === 'localhost');
      expect(await found(page)).to.include({ signedIn: true });
      expect(page.url()).not.to.include('access_token');
      expect(await page.evaluate(() => window.app.me())).to.equal('ana');
    } finally {
      await browser.close();
      await site.close();
    }
  });

  it('row 3: a bot comes in with its token, a server with a code or as itself', async () => {
    const bot = await cloud.admin<{ accessToken: string }>('POST', 'users', {
      email: 'helper@bots.example',
      displayName: 'Helper',
      roles: ['bot'],
    });
    const asBot = await open(bot.accessToken);
    expect(await heardByBen(asBot)).to.equal('Helper');
    expect((await asBot.people.me()).type).to.equal('bot');
    const server = await open((await signIn('server')).token);
    expect(await heardByBen(server)).to.equal('ana');
    const program = await open(clientCredentials({ service: cloud.url, ...app, scopes }));
    expect(await heardByBen(program)).to.equal((await program.people.me()).displayName);
    await Promise.all([asBot.close(), server.close(), program.close()]);
  });

  it('row 4: a person comes in with a token, or with a password typed at the service’s page', async () => {
    const { accessToken } = await cloud.person('dora');
    const byToken = await open(accessToken);
    expect(await heardByBen(byToken)).to.equal('Dora');
    const byPassword = await open((await signIn('password')).token);
    expect(await heardByBen(byPassword)).to.equal('ana');
    const nobody = await open('A_B_nobody');
    expect((await refusal(nobody.people.me())).code).to.equal('ERR_AUTH_EXPIRED');
    await Promise.all([byToken.close(), byPassword.close(), nobody.close()]);
  });

  it('row 5: a token is renewed unasked, is found good or not, and can be revoked', async () => {
    const { token } = await signIn('renewed');
    const client = await open(token);
    const accessToken = async (): Promise<string> => {
      const got = await token({
        reason: 'start',
        tokenUrl: '',
        fetch,
        signal: new AbortController().signal,
      });
      return typeof got === 'string' ? got : got.accessToken;
    };
    const renewed = nextEvent(client, 'tokenRefreshed');
    await client.ready();
    const first = await accessToken();
    await cloud.fault({ kind: 'expire-tokens', match: { userId: ana.id } });
    expect(await heardByBen(client)).to.equal('ana');
    await renewed;
    expect(await accessToken()).not.to.equal(first);

    const last = await accessToken();
    await revoke({ service: cloud.url, ...app, token: last });
    const fixed = await open(last);
    const expired = nextEvent(fixed, 'authExpired');
    expect((await refusal(fixed.ready())).code).to.equal('ERR_AUTH_EXPIRED');
    expect((await expired).error).to.include({ code: 'ERR_AUTH_EXPIRED' });
    await Promise.all([client.close(), fixed.close()]);
  });

  it('row 6: a sign-in outlives its client, and ends everywhere when the person logs out', async () => {
    const { token } = await signIn('session');
    const one = await open(token);
    expect((await one.people.me()).displayName).to.equal('ana');
    await one.close();
    expect((await refusal(one.people.me())).code).to.equal('ERR_CLIENT_CLOSED');
    const two = await open(token);
    expect((await two.people.me()).displayName).to.equal('ana');
    const got = await token({ reason: 'start', tokenUrl: '', fetch, signal: new AbortController().signal });
    await logout({ service: cloud.url, token: typeof got === 'string' ? got : got.accessToken });
    expect((await refusal(two.people.me())).code).to.equal('ERR_AUTH_EXPIRED');
    await two.close();
  });

  it('row 7: one learns who one is, as the others see it', async () => {
    const eve = await cloud.client('eve', plugins());
    const me = await eve.people.me();
    expect(me).to.deep.include({ displayName: 'Eve', emails: ['eve@example.com'], type: 'person' });
    expect(await eve.people.get('me')).to.include({ id: me.id });
    expect((await ben.people.get(me)).displayName).to.equal('Eve');
    await eve.close();
  });

  it('row 33: a guest comes in by the issuer’s word, talks, and is kept out of other rooms', async () => {
    const issuer = await cloud.admin<{ issuer: string; secret: string }>('POST', 'guest-issuers', {
      name: 'Desk',
    });
    const visitor = await open(
      guest({ service: cloud.url, ...issuer, displayName: 'Visitor', subject: 'v1' }),
    );
    const { id: personId } = await visitor.people.me();
    const room = await ben.rooms.create({ title: 'Reception' });
    const closed = await ben.rooms.create({ title: 'Office' });
    await ben.memberships.create({ roomId: room.id, personId });
    const received = nextEvent(ben.messages, 'created', { where: ({ roomId }) => roomId === room.id });
    await visitor.messages.create({ roomId: room.id, text: 'I am early' });
    expect(await received).to.include({ text: 'I am early', personId });
    expect((await refusal(visitor.messages.list({ roomId: closed.id }).page())).code).to.equal(
      'ERR_NOT_FOUND',
    );
    expect((await all(visitor.rooms.list())).map(({ id }) => id)).to.deep.equal([room.id]);
    await visitor.close();
  });
});
