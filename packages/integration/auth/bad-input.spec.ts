import { createHash } from 'node:crypto';
import { createGuestJwt, guest } from '@trunkline/auth';
import { startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { failure, personWithPassword, register, signInByForms, type Person } from './kit.js';

const redirectUri = 'https://app.example/callback';
const verifier = 'v'.repeat(64);
const client = { clientId: 'server', clientSecret: 'a-long-and-random-secret-of-the-server' };
type Form = Readonly<Record<string, string | undefined>>;

describe('bad input to signing in', function () {
  this.timeout(30_000);
  let cloud: Cloud;
  let ana: Person;
  before(async () => {
    cloud = await startCloud();
    ana = await personWithPassword(cloud, 'ana');
    for (const clientId of ['page', 'other'])
      await register(cloud, { clientId, redirectUris: [redirectUri], scopes: 'spark:all spark:kms' });
    await register(cloud, { ...client, redirectUris: [redirectUri], scopes: 'spark:all' });
  });
  after(() => cloud.close());

  const codeOf = async (more: Form = {}): Promise<URLSearchParams> => {
    const query: Form = {
      client_id: 'page',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'spark:all',
      state: 'mine',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      ...more,
    };
    const given = Object.entries(query).filter((each): each is [string, string] => each[1] !== undefined);
    const url = `${cloud.url}/idbroker/idb/oauth2/v1/authorize?${new URLSearchParams(given).toString()}`;
    return new URL(await signInByForms(url, ana.email)).searchParams;
  };
  const exchange = async (form: Form): Promise<{ status: number; text: string; error: unknown }> => {
    const given = Object.entries(form).filter((each): each is [string, string] => each[1] !== undefined);
    const response = await fetch(`${cloud.url}/idbroker/idb/oauth2/v1/access_token`, {
      method: 'POST',
      body: new URLSearchParams(given),
    });
    const text = await response.text();
    return { status: response.status, text, error: (JSON.parse(text) as { error?: string }).error };
  };

  for (const [name, change, error] of [
    ['another verifier', { code_verifier: 'w'.repeat(64) }, 'invalid_grant'],
    ['no verifier', { code_verifier: undefined }, 'invalid_grant'],
    ['an empty verifier', { code_verifier: '' }, 'invalid_grant'],
    ['the challenge as its verifier', { code_verifier: 'plain' }, 'invalid_grant'],
    ['another address', { redirect_uri: `${redirectUri}/other` }, 'invalid_grant'],
    ['no address', { redirect_uri: undefined }, 'invalid_request'],
    ['another client', { client_id: 'other' }, 'invalid_grant'],
    ['a client without its secret', { client_id: 'server' }, 'invalid_client'],
    ['a client that is unknown', { client_id: 'nobody' }, 'invalid_client'],
    ['another grant', { grant_type: 'password' }, 'unsupported_grant_type'],
  ] as const)
    it(`refuses a code with ${name}, reveals no secret, and leaves the code valid for its owner`, async () => {
      const code = (await codeOf()).get('code') ?? '';
      const right = {
        grant_type: 'authorization_code',
        client_id: 'page',
        redirect_uri: redirectUri,
        code,
        code_verifier: verifier,
      };
      const changed = change as Form;
      const wrong =
        changed['code_verifier'] === 'plain'
          ? { ...right, code_verifier: createHash('sha256').update(verifier).digest('base64url') }
          : { ...right, ...changed };
      const refused = await exchange(wrong);
      expect([refused.status, refused.error]).to.deep.equal([400, error]);
      expect(refused.text)
        .not.to.include(code)
        .and.not.to.include(verifier)
        .and.not.to.include('access_token');
      expect((await exchange(right)).status).to.equal(200);
    });

  it('sends the app an error, and no code, for plain challenges and none', async () => {
    for (const more of [
      { code_challenge_method: 'plain' },
      { code_challenge: undefined, code_challenge_method: undefined },
    ]) {
      const back = await codeOf(more);
      expect([back.get('error'), back.get('state'), back.get('code')]).to.deep.equal([
        'invalid_request',
        'mine',
        null,
      ]);
    }
  });

  describe('of guests', () => {
    let elsewhere: Cloud;
    let here: { issuer: string; secret: string };
    let there: typeof here;
    before(async () => {
      elsewhere = await startCloud();
      here = await cloud.admin('POST', 'guest-issuers', {});
      there = await elsewhere.admin('POST', 'guest-issuers', {});
    });
    after(() => elsewhere.close());

    const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const made = (issuer = here, more: object = {}): Promise<string> =>
      createGuestJwt({ ...issuer, displayName: 'Visitor', subject: 'v', ...more });
    const withHead = async (alg: string): Promise<string> => {
      const [, payload = '', signature = ''] = (await made()).split('.');
      return `${base64url({ alg, typ: 'JWT' })}.${payload}.${signature}`;
    };
    const login = (jwt: string) =>
      guest({ service: cloud.url, jwt: () => Promise.resolve(jwt) })({
        reason: 'start',
        tokenUrl: '',
        fetch,
        signal: new AbortController().signal,
      });

    for (const [name, jwt] of [
      ['of an issuer of another organisation', () => made(there)],
      ['of one issuer signed by another', () => made({ ...here, secret: there.secret })],
      ['that has expired', () => made(here, { expiresInS: 1, now: () => Date.now() - 3_600_000 })],
      ['that says it needs no signature', () => withHead('none')],
      ['that says it is signed by a key pair', () => withHead('RS256')],
      [
        'that was altered',
        async () => {
          const [head = '', , signature = ''] = (await made()).split('.');
          const exp = Math.floor(Date.now() / 1000) + 600;
          return `${head}.${base64url({ iss: here.issuer, sub: 'someone-else', exp })}.${signature}`;
        },
      ],
    ] as const)
      it(`refuses a token ${name}, and shows none of it`, async () => {
        const text = await jwt();
        const refused = await failure(Promise.resolve(login(text)));
        expect(refused.code).to.equal('ERR_TOKEN_INVALID');
        const [, payload = '', signature = ''] = text.split('.');
        expect(`${String(refused)} ${JSON.stringify(refused)}`)
          .not.to.include(payload)
          .and.not.to.include(signature);
      });

    it('takes no access token that another organisation gave to its guest', async () => {
      const token = guest({ service: elsewhere.url, ...there, displayName: 'Visitor' });
      const client = await cloud.client('nobody', [], { token });
      const refused = await failure(client.request({ service: 'hydra', path: 'people/me' }));
      expect(refused.code).to.equal('ERR_UNAUTHORIZED'); // a new one is refused as well
      await client.close();
    });
  });
});
