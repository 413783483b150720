import { orgIdOfToken } from '@trunkline/wire';
import { expect } from 'chai';
import { SignJWT, UnsecuredJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { type IdentityCloud, type Reply, startIdentity } from './harness.test.js';

describe('guests', () => {
  let cloud: IdentityCloud;
  let issuer: string;
  let secret: Buffer;
  before(async () => {
    cloud = await startIdentity();
    const made = await cloud.guests.createIssuer('Help desk');
    issuer = made.issuer;
    secret = Buffer.from(made.secret, 'base64');
  });
  after(() => cloud.close());

  const s = (): number => Math.floor(cloud.now() / 1000);
  const claims = (more: object = {}) => ({
    sub: 'guest-user-1',
    iss: issuer,
    name: 'Gail Guest',
    iat: s(),
    exp: s() + 60,
    ...more,
  });
  const signed = (more: object = {}, key: Uint8Array = secret, alg = 'HS256'): Promise<string> =>
    new SignJWT(claims(more)).setProtectedHeader({ alg, typ: 'JWT' }).sign(key);
  const login = (authorization: string | undefined): Promise<Reply> =>
    cloud.ask('POST', '/v1/jwt/login', { headers: authorization === undefined ? {} : { authorization } });

  it('get a token that says so, and are the same person each time, by the newest name', async () => {
    const first = await login(await signed());
    expect(first.status).to.equal(200);
    expect(first.body['expiresIn']).to.equal(6 * 3600);
    const token = String(first.body['token']);
    expect(orgIdOfToken(token)).to.equal(cloud.identity.orgId);
    const payload = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(payload).to.include({ user_type: 'guest', realm: cloud.identity.orgId });
    const again = await login(await signed({ name: 'Gail Grown' }));
    const [one, two] = await Promise.all(
      [token, again.body['token']].map(async (shown) => cloud.identity.callerOfToken(String(shown))),
    );
    expect(one?.user.id).to.equal(two?.user.id);
    expect(two?.user).to.deep.include({ display_name: 'Gail Grown', roles: ['guest'] });
    expect((await cloud.as(token, 'GET', '/v1/rooms')).status).to.equal(200);
  });

  it('are one person when they come twice at once, and others under another name or issuer', async () => {
    const id = async (jwt: string): Promise<string | undefined> =>
      (await cloud.identity.callerOfToken(String((await login(jwt)).body['token'])))?.user.id;
    const sub = `guest-user-${randomUUID()}`;
    const jwt = await signed({ sub, name: undefined });
    const [one, two] = await Promise.all([id(jwt), id(jwt)]);
    expect(one).to.be.a('string').and.equal(two);
    expect(await id(await signed({ sub: 'other' }))).not.to.equal(one);
    const second = await cloud.guests.createIssuer();
    const theirs = await signed({ sub, iss: second.issuer }, Buffer.from(second.secret, 'base64'));
    expect(await id(theirs))
      .to.be.a('string')
      .and.not.equal(one);
  });

  it('stand in no list of people, and their token ends', async () => {
    const { body } = await login(await signed());
    expect(
      await cloud.identity.searchUsers(cloud.identity.orgId, { displayName: 'gail', max: 9 }),
    ).to.deep.equal([]);
    cloud.later(6 * 3_600_000);
    expect(await cloud.identity.callerOfToken(String(body['token']))).to.equal(undefined);
  });

  it('have issuers whose secrets are not kept in clear', async () => {
    const rows = await cloud.store.db.selectFrom('guest_issuers').selectAll().execute();
    for (const row of rows) expect(Buffer.from(row.wrapped).includes(secret)).to.equal(false);
  });

  const cases: Readonly<Record<string, readonly [() => Promise<string | undefined> | string, RegExp]>> = {
    'that has expired': [() => signed({ exp: s() - 60 }), /expired/],
    'that never expires': [() => signed({ exp: undefined }), /exp/],
    'that is not good yet': [() => signed({ nbf: s() + 600 }), /nbf/],
    'signed by another user': [() => signed({}, Buffer.alloc(32, 1)), /signature/],
    'of an unknown issuer': [() => signed({ iss: randomUUID() }), /issuer/],
    'of no issuer': [() => signed({ iss: undefined }), /issuer/],
    'for no one': [() => signed({ sub: undefined }), /sub/],
    'for a blank': [() => signed({ sub: ' ' }), /sub/],
    'with another algorithm': [() => signed({}, Buffer.concat([secret, secret]), 'HS512'), /HS256/],
    'without a signature': [() => new UnsecuredJWT(claims()).encode(), /HS256|well formed/],
    'that was altered': [
      async () => {
        const [head, , tail] = (await signed()).split('.');
        const forged = Buffer.from(JSON.stringify(claims({ sub: 'admin' }))).toString('base64url');
        return [head, forged, tail].join('.');
      },
      /signature/,
    ],
    'behind Bearer': [async () => `Bearer ${await signed()}`, /nothing before it/],
    'that is none': [() => 'junk', /guest token/],
    'that is missing': [() => Promise.resolve(undefined), /guest token/],
    'that is too long': [() => signed({ x: 'x'.repeat(9000) }), /too long/],
  };
  for (const [name, [make, words]] of Object.entries(cases))
    it(`refuse a token ${name}`, async () => {
      const reply = await login(await make());
      expect(reply.status).to.equal(401);
      expect(reply.body['message']).to.match(words);
    });
});
