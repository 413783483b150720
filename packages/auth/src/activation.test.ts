import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { context, failure, refuses, SERVICE, shown, tokens, TOKEN_URL, type Reply } from '../test/kit.js';
import { activation, type ActivationOptions } from './activation.js';

const ID = '6f1f0e0c-5f1a-4b1e-9d55-1f6f4a5f0a11';
const basic = `Basic ${btoa('app:s3cret')}`;
const bad = (status: number): Response => new Response('{}', { status });

interface Left {
  readonly method: string | undefined;
  readonly url: string;
  readonly authorization: string | null;
  readonly prelogin: string | null;
  readonly body: unknown;
}
const codesWith = (options: Partial<ActivationOptions>, ...replies: Reply[]) => {
  const left: Left[] = [];
  const fetcher: typeof fetch = async (input, init) => {
    const headers = new Headers(init?.headers);
    left.push({
      method: init?.method,
      url: input instanceof Request ? input.url : String(input),
      authorization: headers.get('authorization'),
      prelogin: headers.get('x-prelogin-userid'),
      body: typeof init?.body === 'string' ? JSON.parse(init.body) : init?.body,
    });
    const reply = replies.shift();
    await Promise.resolve();
    return reply instanceof Response ? reply : new Response(JSON.stringify(reply ?? {}));
  };
  const all = { service: SERVICE, clientId: 'app', clientSecret: 's3cret', fetch: fetcher };
  return { left, fetch: fetcher, codes: activation({ ...all, ...options }) };
};
const actions = `${SERVICE}/idbroker/idb/token/v1/actions`;

describe('activation', () => {
  it('asks about an address as the program itself', async () => {
    const answer = { id: 'a1', hasPassword: false, sso: false, verificationEmailTriggered: true };
    const { codes, left } = codesWith({}, tokens(1), answer, tokens(2), {});
    expect(await codes.verify({ email: 'a@b.c', preloginId: 'pre' })).to.deep.equal({
      id: 'a1',
      hasPassword: false,
      sso: false,
      mailSent: true,
    });
    expect(left[0]).to.include({ url: TOKEN_URL, authorization: basic });
    expect(left[1]).to.deep.equal({
      method: 'POST',
      url: `${SERVICE}/atlas/admin/api/v1/users/activations`,
      authorization: 'Bearer access-1',
      prelogin: 'pre',
      body: { email: 'a@b.c', reqId: 'WEBCLIENT' },
    });
    expect(await codes.verify({ email: 'a@b.c' })).to.deep.include({ id: undefined, mailSent: false });
  });

  it('has a one-time password sent, and signs in with it', async () => {
    const { codes, left, fetch } = codesWith({ scopes: ['spark:all'] }, {}, { tokenData: tokens(1) });
    await codes.generateOtp({ email: 'a@b.c' });
    const { token } = await codes.validateOtp({ email: 'a@b.c', oneTimePassword: '12345678' });
    expect(await token(context('start', { fetch }))).to.include({ accessToken: 'access-1' });
    expect(left.map(({ url, authorization, body }) => [url, authorization, body])).to.deep.equal([
      [`${actions}/UserOTP/Generate/invoke`, basic, { email: 'a@b.c' }],
      [
        `${actions}/UserOTP/Validate/invoke`,
        basic,
        { email: 'a@b.c', oneTimePassword: '12345678', scope: 'spark:all' },
      ],
    ]);
  });

  it('activates by code or by the long text', async () => {
    const { codes, left } = codesWith({}, { tokenData: tokens(1) }, { tokenData: tokens(2) });
    await codes.activate({ id: 'a1', confirmationCode: '12345678' });
    await codes.activate({ verificationToken: 'long' });
    expect(left.map(({ url, body }) => [url, body])).to.deep.equal([
      [`${actions}/UserActivation/invoke`, { id: 'a1', confirmationCode: '12345678' }],
      [`${actions}/UserActivation/invoke`, { verificationToken: 'long' }],
    ]);
  });

  it('sets the password and the name of who signed in', async () => {
    const me = { id: encodeId('PEOPLE', ID) };
    const { codes, left } = codesWith(
      {},
      { tokenData: tokens(1) },
      me,
      {},
      me,
      {},
      me,
      bad(403),
      me,
      bad(400),
    );
    const person = await codes.validateOtp({ id: ID, oneTimePassword: '1' });
    await person.setPassword('a new one');
    await person.updateName({ givenName: 'Eva', familyName: 'Ember' });
    expect(left[2]).to.deep.include({
      method: 'PATCH',
      url: `${SERVICE}/identity/identity/scim/v1/Users/${ID}`,
      authorization: 'Bearer access-1',
    });
    expect(left[2]?.body).to.deep.equal({
      schemas: ['urn:scim:schemas:core:1.0', 'urn:scim:schemas:extension:cisco:commonidentity:1.0'],
      password: 'a new one',
    });
    expect(left[4]?.body).to.deep.include({ name: { givenName: 'Eva', familyName: 'Ember' } });
    const late = await failure(person.setPassword('secret-password'));
    expect(late.code).to.equal('ERR_FORBIDDEN');
    expect((await failure(person.setPassword('x'))).code).to.equal('ERR_BAD_REQUEST');
    expect(shown(late)).not.to.match(/secret-password|access-1/);
    expect((await failure(person.updateName({}))).code).to.equal('ERR_ARGUMENT');
  });

  it('distinguishes a wrong code, a wrong client, too many attempts and an invalid response', async () => {
    const busy = new Response('{}', { status: 429, headers: { 'retry-after': '60' } });
    const { codes } = codesWith({}, refuses('invalid_grant'), refuses('invalid_client'), busy, {});
    const wrong = await failure(codes.validateOtp({ email: 'a@b.c', oneTimePassword: '87654321' }));
    expect(wrong.code).to.equal('ERR_TOKEN_INVALID');
    expect(shown(wrong)).not.to.match(/87654321|s3cret/);
    expect((await failure(codes.activate({ verificationToken: 'x' }))).code).to.equal('ERR_AUTH_CLIENT');
    expect(await failure(codes.generateOtp({ email: 'a@b.c' }))).to.include({
      code: 'ERR_RATE_LIMITED',
      retryAfterMs: 60_000,
    });
    expect((await failure(codes.activate({ verificationToken: 'x' }))).code).to.equal('ERR_BAD_RESPONSE');
    expect((await failure(codes.generateOtp({ email: '' }))).code).to.equal('ERR_ARGUMENT');
    expect(() => codesWith({ clientSecret: '' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
  });
});
