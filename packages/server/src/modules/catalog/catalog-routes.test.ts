import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { createHash, randomUUID } from 'node:crypto';
import { type RunningServer, startServer } from '../../server.js';

describe('the catalogs before signing in', () => {
  let server: RunningServer;
  before(async () => {
    server = await startServer({ port: 0, logLevel: 'silent' });
  });
  after(() => server.close());

  const admin = async (path: string, body: object): Promise<Readonly<Record<string, string>>> => {
    const response = await fetch(`${server.url}/admin/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${server.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    return (await response.json()) as Readonly<Record<string, string>>;
  };
  const get = async (path: string, token?: string): Promise<number> =>
    (
      await fetch(`${server.url}/u2c/api/v1/${path}`, {
        headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      })
    ).status;
  const hash = (email: string): string => createHash('sha256').update(email).digest('hex');

  it('tell a program which address has an account, and no one without a token (A25)', async () => {
    await admin('clients', { clientId: 'app', clientSecret: 's3cret', redirectUris: [], name: 'App' });
    const answer = await fetch(`${server.url}/idbroker/idb/oauth2/v1/access_token`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from('app:s3cret').toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const of = (email: string): string => `signin/catalog?format=hostmap&emailhash=${hash(email)}`;
    expect(await get(of('ana@example.com'), token)).to.equal(404);
    const ana = await admin('users', { email: 'Ana@example.com', displayName: 'Ana' });
    expect(await get(of('ana@example.com'), token)).to.equal(200);
    expect(
      await get(
        of('ana@example.com').replace(/[0-9a-f]+$/, (text) => text.toUpperCase()),
        token,
      ),
    ).to.equal(200);
    expect(await get(of('ben@example.com'), token)).to.equal(404);
    expect(await get(of('ben@example.com'), ana['accessToken'])).to.equal(404);
    for (const bad of [undefined, 'junk']) {
      expect(await get(of('ana@example.com'), bad)).to.equal(200);
      expect(await get(of('ben@example.com'), bad)).to.equal(200);
    }
    expect(await get('signin/catalog?format=hostmap', token)).to.equal(200);
  });

  it('refuse a userId that is not one (A27)', async () => {
    for (const bad of ['notValid', '', encodeId('ROOM', randomUUID()), '%00'])
      expect(await get(`limited/catalog?format=hostmap&userId=${bad}`), bad).to.equal(400);
    const id = randomUUID();
    for (const good of [id, encodeId('PEOPLE', id)])
      expect(await get(`limited/catalog?format=hostmap&userId=${good}`)).to.equal(200);
    expect(await get('limited/catalog?format=hostmap')).to.equal(200);
  });

  it('say their format (A26)', async () => {
    const response = await fetch(`${server.url}/u2c/api/v1/limited/catalog?format=hostmap`);
    expect(await response.json()).to.include({ format: 'hostmap' });
  });

  it('the own user has entitlements and an email address (A21)', async () => {
    const { accessToken = '' } = await admin('users', { email: 'eva@example.com', displayName: 'Eva' });
    const of = async (method: string, path: string, body?: object): Promise<unknown> =>
      (
        await fetch(`${server.url}/conversation/api/v1/${path}`, {
          method,
          headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
          ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        })
      ).json();
    for (const user of [
      await of('GET', 'users'),
      await of('PATCH', 'users/user', { displayName: 'Eva' }),
    ] as readonly Readonly<Record<string, unknown>>[]) {
      expect(user).to.include({ email: 'eva@example.com', name: 'Eva' });
      expect(user['entitlements']).to.include('webex-squared');
    }
  });
});
