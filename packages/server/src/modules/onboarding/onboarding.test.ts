import { expect } from 'chai';
import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { basic, type IdentityCloud, type Reply, startIdentity } from '../identity/harness.test.js';
import { folderMailer } from './mailer.js';

const actions = '/idbroker/idb/token/v1/actions';
const secret = 'a-long-and-random-secret';
const auth = basic('server', secret);

describe('onboarding', () => {
  let cloud: IdentityCloud;
  let newcomer: { id: string; email: string };
  beforeEach(async () => {
    cloud = await startIdentity();
    await cloud.person('ana'); // has a password
    newcomer = await cloud.identity.users.create({ email: 'new@example.com', displayName: 'Newcomer' });
    await cloud.client({ clientId: 'server', clientSecret: secret, name: 'Launch', redirectUris: [] });
    await cloud.client({ clientId: 'page', redirectUris: [] });
  });
  afterEach(() => cloud.close());

  const mails = () => cloud.onboarding.mailer.list();
  const codeIn = async (): Promise<string> => /\b\d{8}\b/.exec((await mails())[0]?.text ?? '')?.[0] ?? '';
  const post = (url: string, body: object, headers: Record<string, string> = auth): Promise<Reply> =>
    cloud.ask('POST', url, { body, headers });
  const generate = (body: object, headers = auth): Promise<Reply> =>
    post(`${actions}/UserOTP/Generate/invoke`, body, headers);
  const validate = (body: object, headers = auth): Promise<Reply> =>
    post(`${actions}/UserOTP/Validate/invoke`, body, headers);
  const activate = (body: object, headers = auth): Promise<Reply> =>
    post(`${actions}/UserActivation/invoke`, body, headers);
  const verify = (email: string, headers = auth, more: object = {}): Promise<Reply> =>
    post('/atlas/admin/api/v1/users/activations', { email, reqId: 'WEBCLIENT', ...more }, headers);
  const tokenOf = ({ body }: Reply): string =>
    String((body['tokenData'] as Record<string, unknown> | undefined)?.['access_token']);
  const isIn = async (reply: Reply): Promise<boolean> =>
    (await cloud.as(tokenOf(reply), 'GET', '/v1/people/me')).status === 200;

  describe('by one-time password', () => {
    it('mails eight digits, which sign in once, with the scope that was asked for', async () => {
      const sent = await generate({ email: 'new@example.com' });
      expect(sent.body).to.have.all.keys('id', 'email');
      expect(sent.body['email']).to.equal('new@example.com');
      const [mail] = await mails();
      expect(mail).to.include({ to: 'new@example.com', subject: 'Your one-time password for Launch' });
      const oneTimePassword = await codeIn();
      const proof = { email: 'NEW@example.com', oneTimePassword, scope: 'spark:people_read' };
      const reply = await validate(proof);
      expect(reply.status).to.equal(200);
      expect(reply.body['tokenData']).to.include({ token_type: 'Bearer', scope: 'spark:people_read' });
      expect(reply.body).to.include({ id: newcomer.id, email: 'new@example.com' });
      expect(reply.body['url']).to.match(new RegExp(`/scim/v1/Users/${newcomer.id}$`));
      expect(await isIn(reply)).to.equal(true);
      expect((await validate(proof)).body['error']).to.equal('invalid_grant');
    });

    it('takes the id of a person, and digits as people type them', async () => {
      await generate({ id: newcomer.id });
      const code = await codeIn();
      const typed = ` ${code.slice(0, 4)} ${code.slice(4)}`;
      expect(await isIn(await validate({ id: newcomer.id, oneTimePassword: typed }))).to.equal(true);
    });

    it('is over after ten minutes, after five tries, and when there is a newer one', async () => {
      const email = 'new@example.com';
      await generate({ email });
      const first = await codeIn();
      cloud.later(10 * 60_000 + 1);
      expect((await validate({ email, oneTimePassword: first })).body['error']).to.equal('invalid_grant');

      await generate({ email });
      const second = await codeIn();
      const wrong = second === '00000000' ? '00000001' : '00000000';
      for (let n = 0; n < 5; n += 1)
        expect((await validate({ email, oneTimePassword: wrong })).status).to.equal(400);
      expect((await validate({ email, oneTimePassword: second })).body['error']).to.equal('invalid_grant');

      await generate({ email });
      const third = await codeIn();
      await generate({ email });
      expect((await validate({ email, oneTimePassword: third })).status).to.equal(400);
      expect((await validate({ email, oneTimePassword: await codeIn() })).status).to.equal(200);
    });

    it('gives one sign-in to two who show it at the same time', async () => {
      const email = 'new@example.com';
      await generate({ email });
      const oneTimePassword = await codeIn();
      const both = [1, 2].map(() => validate({ email, oneTimePassword }));
      expect((await Promise.all(both)).map(({ status }) => status).sort()).to.deep.equal([200, 400]);
    });

    it('responds for unknown addresses as for known ones, and mails nothing', async () => {
      for (const email of ['unknown@example.com', 'guest-x@trunkline.invalid'])
        for (const reply of [await generate({ email }), await generate({ email })]) {
          expect([reply.status, reply.body['email']]).to.deep.equal([200, email]);
          expect(reply.body).to.have.all.keys('id', 'email');
        }
      expect(await mails()).to.deep.equal([]);
      const unknown = await validate({ email: 'unknown@example.com', oneTimePassword: '12345678' });
      const known = await validate({ email: 'new@example.com', oneTimePassword: '12345678' });
      expect(unknown.body).to.deep.equal(known.body);
    });

    it('mails so many an hour to one mailbox, whether it belongs to a user or not', async () => {
      for (const email of ['new@example.com', 'unknown@example.com']) {
        for (let n = 0; n < 5; n += 1) expect((await generate({ email })).status).to.equal(200);
        const over = await generate({ email });
        expect([over.status, over.headers['retry-after']]).to.deep.equal([429, '3600']);
      }
      cloud.later(3_600_000);
      expect((await generate({ email: 'new@example.com' })).status).to.equal(200);
    });

    it('is for confidential clients, each with the codes that it had sent', async () => {
      await cloud.client({ clientId: 'other', clientSecret: secret, redirectUris: [] });
      const email = 'new@example.com';
      expect((await generate({ email }, basic('server', 'wrong'))).body['error']).to.equal('invalid_client');
      expect((await generate({ email }, basic('page', ''))).body['error']).to.equal('unauthorized_client');
      expect((await generate({ email }, {})).body['error']).to.equal('invalid_client');
      expect(await mails()).to.deep.equal([]);
      await generate({ email });
      const proof = { email, oneTimePassword: await codeIn() };
      expect((await validate(proof, basic('other', secret))).body['error']).to.equal('invalid_grant');
      expect((await validate({ ...proof, scope: 'spark-admin:all' })).body['error']).to.equal(
        'invalid_scope',
      );
      for (const bad of [{}, { email: 'x' }, { id: 'x' }, { email: ['a@b.c'] }])
        expect((await generate(bad)).body['error']).to.equal('invalid_request');
      expect((await validate({ email })).body['error']).to.equal('invalid_request');
    });

    it('keeps no code in the store', async () => {
      await generate({ email: 'new@example.com' });
      const rows = JSON.stringify(await cloud.store.db.selectFrom('one_time_codes').selectAll().execute());
      expect(rows).not.to.include(await codeIn());
    });
  });

  describe('by activation', () => {
    it('mails a code and a long text to who has no password; either signs in, once', async () => {
      const asked = await verify('new@example.com');
      expect(asked.body).to.include({ hasPassword: false, sso: false, verificationEmailTriggered: true });
      const confirmationCode = await codeIn();
      expect((await activate({ id: asked.body['id'], confirmationCode: '0' })).status).to.equal(400);
      expect(await isIn(await activate({ id: asked.body['id'], confirmationCode }))).to.equal(true);
      expect((await activate({ id: asked.body['id'], confirmationCode })).status).to.equal(400);

      await verify('new@example.com');
      const verificationToken = /^[\w-]{43}$/m.exec((await mails())[0]?.text ?? '')?.[0] ?? '';
      expect(await isIn(await activate({ verificationToken }))).to.equal(true);
      expect((await activate({ verificationToken })).body['error']).to.equal('invalid_grant');
    });

    it('answers at all three addresses, to a program’s own token as well', async () => {
      const got = await cloud.token({ grant_type: 'client_credentials' }, auth);
      const own = { authorization: `Bearer ${String(got.body['access_token'])}` };
      for (const url of [
        '/license/api/v1/users/activations',
        '/user-onboarding/api/v1/users/activations',
        '/atlas/admin/api/v1/users/activations',
      ])
        expect((await post(url, { email: 'ana@example.com' }, own)).body['hasPassword']).to.equal(true);
      expect((await verify('ana@example.com', { authorization: 'Bearer x' })).status).to.equal(401);
      expect((await verify('ana@example.com', {})).status).to.equal(401);
    });

    it('shows a signed-in user the state of an address of their organisation, and mails nothing', async () => {
      const { accessToken } = await cloud.identity.tokens.grant(newcomer.id, { clientId: 'server' });
      const own = { authorization: `Bearer ${accessToken}` };
      const known = await verify('Ana@example.com', own);
      expect([known.status, known.body['email']]).to.deep.equal([200, 'ana@example.com']);
      expect(known.body).to.include({ hasPassword: true, verificationEmailTriggered: false });
      for (const email of ['new@example.com', 'unknown@example.com'])
        expect((await verify(email, own)).body).to.include({
          hasPassword: false,
          sso: false,
          verificationEmailTriggered: false,
        });
      const { users } = cloud.identity;
      const ana = await users.byEmail('ana@example.com');
      await cloud.store.write((write) => users.change(write, ana?.id ?? '', { org_id: 'another' }));
      expect((await verify('ana@example.com', own)).body).to.include({ hasPassword: false });
      expect(await mails()).to.deep.equal([]);
    });

    it('lets one person ask about so many an hour, and guests about none', async () => {
      const { accessToken } = await cloud.identity.tokens.grant(newcomer.id);
      const own = { authorization: `Bearer ${accessToken}` };
      for (let n = 0; n < 60; n += 1)
        expect((await verify(`p${String(n)}@example.com`, own)).status).to.equal(200);
      const over = await verify('ana@example.com', own);
      expect([over.status, over.headers['retry-after']]).to.deep.equal([429, '3600']);
      expect((await verify('ana@example.com')).status, 'a program').to.equal(200);
      const { users } = cloud.identity;
      await cloud.store.write((write) => users.change(write, newcomer.id, { roles: '["guest"]' }));
      expect((await verify('ana@example.com', own)).status).to.equal(403);
    });

    it('responds for an unknown address as for one without a password', async () => {
      const [unknown, known] = [await verify('unknown@example.com'), await verify('new@example.com')];
      for (const { body } of [unknown, known])
        expect({ ...body, id: typeof body['id'], email: 0 }).to.deep.equal({
          id: 'string',
          email: 0,
          hasPassword: false,
          sso: false,
          verificationEmailTriggered: true,
        });
      expect(await mails()).to.have.length(1);
      const silent = await verify('new@example.com', auth, { suppressEmail: true });
      expect(silent.body['verificationEmailTriggered']).to.equal(false);
      expect(await mails()).to.have.length(1);
    });
  });

  describe('a person’s own password and name', () => {
    const patch = (
      id: string,
      body: object,
      token: string,
      base = '/identity/scim/v1/Users',
    ): Promise<Reply> =>
      cloud.ask('PATCH', `${base}/${id}`, { body, headers: { authorization: `Bearer ${token}` } });
    const byCode = async (): Promise<string> => {
      await generate({ id: newcomer.id });
      return tokenOf(await validate({ id: newcomer.id, oneTimePassword: await codeIn() }));
    };

    it('ends every other sign-in of the person when the password changes, and what was derived of them (F7)', async () => {
      const token = await byCode();
      const other = await cloud.identity.tokens.grant(newcomer.id, { clientId: 'page' });
      const reduced = await cloud.token({
        grant_type: 'urn:cisco:oauth:grant-type:scope-reduction',
        token: other.accessToken,
        scope: 'spark:people_read',
        client_id: 'page',
      });
      expect((await patch(newcomer.id, { password: 'a new long one' }, token)).status).to.equal(200);
      const status = async (of: unknown): Promise<number> =>
        (await cloud.as(of, 'GET', '/v1/people/me')).status;
      expect(await status(token)).to.equal(200);
      expect(await status(other.accessToken)).to.equal(401);
      expect(await status(reduced.body['access_token'])).to.equal(401);
      const again = await cloud.token({
        grant_type: 'refresh_token',
        refresh_token: other.refreshToken,
        client_id: 'page',
      });
      expect(again.body['error']).to.equal('invalid_grant');
    });

    it('sets a password soon after a code, which then signs in; browsers are signed out', async () => {
      const token = await byCode();
      const { body, status } = await patch(newcomer.id, { password: 'a new long one' }, token);
      expect([status, body['id'], body['userName']]).to.deep.equal([200, newcomer.id, 'new@example.com']);
      expect(await cloud.identity.users.verify('new@example.com', 'a new long one')).to.include({
        id: newcomer.id,
      });
      await cloud.client({ clientId: 'app', redirectUris: ['http://127.0.0.1:7000/cb'] });
      const browser = cloud.browser();
      await browser.signIn('/idbroker/account', 'new', 'a new long one');
      expect(browser.page?.text).to.include('Your account');
      await patch(newcomer.id, { password: 'another long one' }, token, '/identity/identity/scim/v1/Users');
      expect((await browser.go('/idbroker/account')).text).to.include('<h1>Sign in</h1>');
    });

    it('sets none for a token of another sign-in, or when it is too long ago', async () => {
      const { accessToken } = await cloud.identity.tokens.grant(newcomer.id, { clientId: 'server' });
      expect((await patch(newcomer.id, { password: 'a new long one' }, accessToken)).status).to.equal(403);
      const token = await byCode();
      cloud.later(30 * 60_000 + 1);
      expect((await patch(newcomer.id, { password: 'a new long one' }, token)).status).to.equal(403);
      expect(await cloud.identity.users.hasPassword(newcomer.id)).to.equal(false);
    });

    it('changes the name, as whole or of its parts', async () => {
      const token = await byCode();
      const named = async (body: object): Promise<unknown> => {
        await patch(newcomer.id, body, token);
        return (await cloud.identity.callerOfToken(token))?.user.display_name;
      };
      expect(await named({ displayName: ' Eva Ember ' })).to.equal('Eva Ember');
      expect(await named({ name: { givenName: 'Eva', familyName: 'Stone' } })).to.equal('Eva Stone');
      expect(await named({ name: { givenName: 'Jack' } })).to.equal('Jack Stone');
    });

    it('keeps the parts of a name as they were given (A22)', async () => {
      const token = await byCode();
      const nameOf = async (body: object): Promise<unknown> =>
        (await patch(newcomer.id, body, token)).body['name'];
      expect(await nameOf({ displayName: 'Ana Maria Lima' })).to.deep.equal({
        formatted: 'Ana Maria Lima',
        givenName: 'Ana',
        familyName: 'Maria Lima',
      });
      expect(await nameOf({ name: { givenName: 'Ana Maria', familyName: 'Lima' } })).to.deep.equal({
        formatted: 'Ana Maria Lima',
        givenName: 'Ana Maria',
        familyName: 'Lima',
      });
      expect(await nameOf({ name: { familyName: 'Jill' } })).to.deep.equal({
        formatted: 'Ana Maria Jill',
        givenName: 'Ana Maria',
        familyName: 'Jill',
      });
      expect(
        await nameOf({ name: { givenName: 'Max', familyName: 'Bob' }, displayName: 'Maximilian B.' }),
      ).to.deep.equal({ formatted: 'Maximilian B.', givenName: 'Max', familyName: 'Bob' });
      for (const name of [
        { givenName: 'x'.repeat(129) },
        { familyName: 'a\u202eb' },
        { givenName: '', familyName: ' ' },
      ])
        expect((await patch(newcomer.id, { name }, token)).status, JSON.stringify(name)).to.equal(400);
    });

    it('refuses an invalid password or name, and all other users', async () => {
      const token = await byCode();
      for (const body of [
        { password: 'short' },
        { password: 'x'.repeat(257) },
        { password: 7 },
        { displayName: '' },
        { displayName: 'x'.repeat(129) },
        { displayName: 'a\u202eb' },
        { name: {} },
        {},
      ])
        expect((await patch(newcomer.id, body, token)).status, JSON.stringify(body)).to.equal(400);
      const ana = await cloud.identity.userByEmail('ana@example.com');
      const [other, nobody] = [ana?.id ?? '', '00000000-0000-4000-8000-000000000000'];
      for (const id of [other, nobody])
        expect((await patch(id, { displayName: 'x' }, token)).status).to.equal(404);
      expect((await patch(newcomer.id, { displayName: 'x' }, 'no')).status).to.equal(401);
    });
  });
});

describe('the outbox in a folder', () => {
  it('is files that only this account may read, the newest first, and not more than it can hold', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'outbox-'));
    try {
      const outbox = path.join(folder, 'outbox');
      let now = 1_900_000_000_000;
      const mailer = folderMailer(outbox, () => (now += 1), 5);
      expect(await mailer.list()).to.deep.equal([]);
      await mailer.send({ to: 'a@b.c', subject: 'One\r\nBcc: x@y.z', text: 'Grüße\n' });
      await mailer.send({ to: 'a@b.c', subject: 'Two', text: 'line\n\nline\n' });
      await writeFile(path.join(outbox, 'not-a-mail'), '');
      const [two, one] = await mailer.list();
      expect(two).to.include({ to: 'a@b.c', subject: 'Two', text: 'line\n\nline\n' });
      expect(one).to.include({ subject: 'One Bcc: x@y.z', text: 'Grüße\n' });
      const [first = ''] = (await readdir(outbox)).sort();
      expect((await stat(path.join(outbox, first))).mode & 0o777).to.equal(0o600);
      expect((await stat(outbox)).mode & 0o777).to.equal(0o700);
      for (let n = 0; n < 5; n += 1) await mailer.send({ to: 'a@b.c', subject: String(n), text: '' });
      expect(await mailer.list()).to.have.length(5);
      expect((await mailer.list()).at(-1)?.subject).to.equal('0');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
