import { startModules, testKernel } from '../../kernel/harness.test.js';
import { onboarding as onboardingModule } from '../onboarding/index.js';
import { identity as identityModule } from './index.js';
// Identity over a real store, asked as browsers and clients ask; the clock is the test's.
import { createHash } from 'node:crypto';
import { type ServerOptions } from '../../kernel/config.js';
import { urlsAt } from '../../kernel/http/urls.js';
import type { NewClient } from './clients.js';
import { oauthBase } from './oauth.js';

export const callback = 'http://127.0.0.1:7000/cb';
export const verifier = 'v'.repeat(64);
export const challenge = createHash('sha256').update(verifier).digest('base64url');

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** where it leads, taken apart */
  readonly to: URL | undefined;
}
type Fields = Readonly<Record<string, string>>;
export type IdentityCloud = Awaited<ReturnType<typeof startIdentity>>;

export async function startIdentity(base = 'http://trunkline.test', options: ServerOptions = {}) {
  let shiftMs = 0;
  const now = (): number => 1_900_000_000_000 + shiftMs;
  const kernel = await testKernel(options, { now, urls: () => urlsAt(base) });
  const { app, apis, lifecycle, sweep } = await startModules(kernel, [identityModule, onboardingModule]);
  const { identity, onboarding } = apis;
  const { guests } = identity;
  const { store } = kernel;
  for (const [method, url] of [
    ['GET', '/v1/rooms'],
    ['POST', '/v1/rooms'],
    ['GET', '/v1/people/me'],
    ['GET', '/conversation/api/v1/conversations'],
    ['GET', '/u2c/api/v1/catalog'],
  ] as const)
    app.route({
      method,
      url,
      handler: async (request) => ({ id: (await identity.caller(request)).user.id }),
    });
  await app.ready();

  async function ask(
    method: 'GET' | 'POST' | 'PATCH',
    url: string,
    given: { form?: Fields | string; body?: object; headers?: Fields; address?: string } = {},
  ): Promise<Reply> {
    const { form, body, headers, address } = given;
    const answer = await app.inject({
      method,
      url,
      headers: {
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
        ...headers,
      },
      ...(form === undefined ? {} : { payload: new URLSearchParams(form).toString() }),
      ...(body === undefined ? {} : { payload: body }),
      ...(address === undefined ? {} : { remoteAddress: address }),
    });
    let parsed: unknown = {};
    try {
      parsed = JSON.parse(answer.payload);
    } catch {
      // a page
    }
    const location = answer.headers.location;
    return {
      status: answer.statusCode,
      text: answer.payload,
      body: parsed as Reply['body'],
      headers: answer.headers as Reply['headers'],
      to: typeof location === 'string' ? new URL(location, base) : undefined,
    };
  }

  const token = (form: Fields | string, headers: Fields = {}): Promise<Reply> =>
    ask('POST', `${oauthBase}/access_token`, { form, headers });

  return {
    identity,
    sweep,
    guests,
    onboarding,
    store,
    ask,
    token,
    later: (ms: number) => {
      shiftMs += ms;
    },
    now,
    as: (accessToken: unknown, method: 'GET' | 'POST', url: string) =>
      ask(method, url, { headers: { authorization: `Bearer ${String(accessToken)}` } }),
    person: (name: string, password = 'right') =>
      identity.users.create({ email: `${name}@example.com`, displayName: `${name} Test`, password }),
    client: (client: Partial<NewClient> = {}) =>
      identity.clients.create({ clientId: 'app', redirectUris: [callback], ...client }),
    authorizeUrl: (fields: Readonly<Record<string, string | undefined>> = {}): string => {
      const query: Readonly<Record<string, string | undefined>> = {
        client_id: 'app',
        redirect_uri: callback,
        response_type: 'code',
        state: 's t&=#"',
        code_challenge: challenge,
        code_challenge_method: 'S256',
        ...fields,
      };
      const given = Object.entries(query).filter(
        (entry): entry is [string, string] => entry[1] !== undefined,
      );
      return `${oauthBase}/authorize?${new URLSearchParams(given).toString()}`;
    },
    browser: (address = '192.0.2.1', forwardedFor?: string) =>
      new Browser(ask, address, forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor }),
    close: async () => {
      await lifecycle.close();
      await store.close();
    },
  };
}

export const basic = (id: string, secret: string): Fields => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
});

const unescape = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

/** What a browser does without script: keeps cookies, shows a page, sends its form. */
export class Browser {
  readonly cookies = new Map<string, string>();
  page: Reply | undefined;
  constructor(
    private readonly ask: (
      method: 'GET' | 'POST',
      url: string,
      given: { form?: Fields; headers?: Fields; address?: string },
    ) => Promise<Reply>,
    private readonly address: string,
    private readonly forwarded: Fields = {},
  ) {}

  async go(url: string, form?: Fields, headers: Fields = {}): Promise<Reply> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const page = await this.ask(form === undefined ? 'GET' : 'POST', url, {
      headers: { ...this.forwarded, ...headers, ...(cookie === '' ? {} : { cookie }) },
      address: this.address,
      ...(form === undefined ? {} : { form }),
    });
    const set = page.headers['set-cookie'] as unknown as string | readonly string[] | undefined;
    for (const line of typeof set === 'string' ? [set] : (set ?? [])) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (/Expires=Thu, 01 Jan 1970/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return (this.page = page);
  }

  get formToken(): string {
    return /name="form_token" value="([^"]*)"/.exec(this.page?.text ?? '')?.[1] ?? '';
  }
  get action(): string {
    return unescape(/<form method="post" action="([^"]*)"/.exec(this.page?.text ?? '')?.[1] ?? '');
  }

  /** Sends the form of the page that is shown. */
  submit(fields: Fields, headers: Fields = {}): Promise<Reply> {
    return this.go(this.action, { form_token: this.formToken, ...fields }, headers);
  }

  /** Signs in at `url`, up to what follows: the consent page, or the way back to the app. */
  async signIn(url: string, name: string, password = 'right'): Promise<Reply> {
    await this.go(url);
    const answer = await this.submit({ action: 'sign-in', email: `${name}@example.com`, password });
    return answer.to === undefined ? answer : this.go(answer.to.pathname + answer.to.search);
  }

  /** Signs in and allows what is asked. */
  async allow(url: string, name: string): Promise<Reply> {
    await this.signIn(url, name);
    return this.page?.to === undefined ? this.submit({ action: 'allow' }) : this.page;
  }
}
