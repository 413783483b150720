// compiled, never run
import type { CreateClient, TokenFunction } from '@trunkline/core';
import {
  activation,
  authorizationCode,
  browserAuth,
  clientCredentials,
  createGuestJwt,
  deviceCode,
  downscope,
  guest,
  logoutUrl,
  revoke,
} from '../../src/index.js';

declare const createClient: CreateClient;
const client = { clientId: 'a', redirectUri: 'https://a.test/', scopes: 'spark:all' };

const auth = browserAuth(client);
createClient({ token: auth.token });
export const restored: Promise<boolean> = auth.restore({ signal: new AbortController().signal });
export const page: unknown = auth.state?.['page'];
browserAuth({ ...client, scopes: ['spark:all', 'spark:kms'], flow: 'implicit', user: 'ana' });
void auth.signIn({ state: { page: 1 }, email: 'a@b.c', separateWindow: true });
void auth.signOut({ noRedirect: true });
// @ts-expect-error a page has no secret
browserAuth({ ...client, clientSecret: 's' });
// @ts-expect-error there is no such flow
browserAuth({ ...client, flow: 'password' });
// @ts-expect-error scopes are asked for by name
browserAuth({ clientId: 'a', redirectUri: 'https://a.test/' });
// @ts-expect-error it is read-only
auth.state = {};
// @ts-expect-error state is an object
void auth.signIn({ state: 'page' });

const flow = authorizationCode({ ...client, clientSecret: 's' });
export const url: Promise<string> = flow.authorizeUrl({ state: {} });
export const token: Promise<TokenFunction> = flow
  .exchange(new URL('https://a.test/'))
  .then((each) => each.token);
// @ts-expect-error there may be no one
export const nobody: Promise<TokenFunction> = flow.restore('ana').then((each) => each.token);

createClient({ token: clientCredentials({ clientId: 'a', clientSecret: 's' }) });
// @ts-expect-error a program shows its secret
clientCredentials({ clientId: 'a' });

createClient({ token: guest({ jwt: () => Promise.resolve('a.b.c') }) });
createClient({ token: guest({ issuer: 'i', secret: 's', displayName: 'Visitor' }) });
// @ts-expect-error either a JWT, or what makes one
guest({ issuer: 'i' });
// @ts-expect-error seconds are a number
void createGuestJwt({ issuer: 'i', secret: 's', displayName: 'Visitor', expiresInS: '1h' });
// @ts-expect-error tokens are of two kinds
void revoke({ clientId: 'a', token: 't', hint: 'id_token' });

createClient({ token: downscope({ clientId: 'a', token: auth.token }).scoped(['spark:kms']) });
// @ts-expect-error there is nothing to reduce
downscope({ clientId: 'a' });

const device = deviceCode({ clientId: 'tv', scopes: 'spark:all' });
export const started: Promise<string> = device.start().then((each) => each.userCode);
void device.start({ signal: new AbortController().signal }).then(async (each) => {
  createClient({ token: await each.token });
  createClient({ token: (await each.wait()).token });
});
// @ts-expect-error it takes time: a promise
void device.start().then((each) => createClient({ token: each.token }));

const codes = activation({ clientId: 'a', clientSecret: 's' });
void codes.generateOtp({ email: 'a@b.c' });
void codes.validateOtp({ id: 'x', oneTimePassword: '1' }).then((each) => each.setPassword('long'));
// @ts-expect-error it must say whose
void codes.generateOtp({});
// @ts-expect-error a code belongs to an id
void codes.activate({ confirmationCode: '1' });
// @ts-expect-error a page has no secret
activation({ clientId: 'a' });
export const leave: string = logoutUrl({ goto: 'https://a.test/' });
