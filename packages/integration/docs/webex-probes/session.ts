import { Token, Webex, WebexPlugin, registerPlugin } from '@trunkline/webex';
import { expect } from 'chai';
import { collect, refusal } from '../../webex/tools.js';
import { signInByForms } from '../../auth/kit.js';
import { redirect_uri, type Context, type Probe, type Probes } from './context.js';
import { withPage } from './page.js';

const codeOf = async (work: Promise<unknown>): Promise<unknown> => (await refusal(work)).code;

/** Members without a call: what they are for someone who is signed in. */
const webex: Probes = {
  ready: ({ ana }) => expect(ana.ready).to.equal(true),
  canAuthorize: ({ ana }) => expect(ana.canAuthorize).to.equal(true),
  canRefresh: ({ ana }) => expect(ana.canRefresh).to.equal(false),
  isAuthorizing: ({ ana }) => expect(ana.isAuthorizing).to.equal(false),
  isAuthenticating: async ({ someone, cloud, client }) => {
    const nobody = await someone(undefined, { credentials: { ...client, redirect_uri } });
    const changes = collect<unknown>(nobody, 'change:isAuthenticating');
    const lift = await cloud.fault({ kind: 'delay', delayMs: 50, match: { path: '/idbroker' } });
    const exchange = nobody.authorization.requestAuthorizationCodeGrant({ code: 'wrong' });
    expect([nobody.isAuthorizing, nobody.isAuthenticating]).to.deep.equal([true, true]);
    await refusal(exchange);
    await lift();
    expect([nobody.isAuthenticating, changes.seen.length]).to.deep.equal([false, 2]);
  },
  loaded: ({ ana }) => expect(ana.loaded).to.equal(true),
  sessionId: async ({ ana }) => {
    const ids: unknown[] = [];
    const { host } = ana.linkage.get();
    const off = host.intercept({
      name: 'ids',
      phase: 'send',
      run: (request, next) => {
        ids.push(request.headers.get('trackingid'));
        return next(request);
      },
    });
    await ana.people.get('me');
    await ana.rooms.listWithReadStatus();
    await ana.internal.device.register();
    await ana.request({ service: 'hydra', resource: 'people/me' });
    off();
    expect(ids.length).to.be.greaterThan(3);
    for (const id of ids) expect(id).to.include(ana.sessionId);
    expect(new Set(ids).size).to.equal(ids.length);
  },
  config: ({ ana, client }) => expect(ana.config.credentials).to.include({ client_id: client.client_id }),
  setConfig: ({ ana }) => {
    ana.setConfig({ probe: { a: 1 } });
    expect(ana.config['probe']).to.deep.equal({ a: 1 });
  },
  request: async ({ ana, anaPerson }) => {
    const { body, statusCode } = await ana.request<{ emails: string[] }>({
      service: 'hydra',
      resource: 'people/me',
    });
    expect([statusCode, body.emails[0]]).to.deep.equal([200, anaPerson.email]);
  },
  refresh: async ({ someone, cloud, client, anaPerson }) => {
    const { accessToken, refreshToken } = await cloud.admin<Record<string, string>>('POST', 'tokens', {
      userId: anaPerson.id,
      clientId: client.client_id,
    });
    const fresh = await someone(anaPerson, { credentials: { ...client } });
    fresh.credentials.set({
      supertoken: { access_token: accessToken ?? '', refresh_token: refreshToken ?? '' },
    });
    await fresh.refresh();
    expect(fresh.credentials.supertoken?.access_token).not.to.equal(accessToken);
    expect((await fresh.people.get('me')).emails).to.deep.equal([anaPerson.email]);
  },
  logout: async ({ someone, benPerson, cloud }) => {
    const { accessToken } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', {
      userId: benPerson.id,
    });
    const leaving = await someone({ ...benPerson, accessToken });
    await leaving.logout({ noRedirect: true });
    expect(leaving.canAuthorize).to.equal(false);
    expect(await refusal(leaving.rooms.list())).to.include({ statusCode: 401 });
  },
  boundedStorage: async ({ ana }) => {
    await ana.boundedStorage.put('probe', 'a', { n: 1 });
    expect(await ana.boundedStorage.get('probe', 'a')).to.deep.equal({ n: 1 });
  },
  unboundedStorage: async ({ ana }) => {
    await ana.unboundedStorage.put('probe', 'a', { n: 2 });
    await ana.unboundedStorage.del('probe', 'a');
    expect(await refusal(ana.unboundedStorage.get('probe', 'a'))).to.have.property('name', 'NotFoundError');
  },
};

const nobodyWith =
  (more: object, work: (nobody: Webex) => unknown): Probe =>
  async ({ someone, client }: Context) => {
    await work(
      await someone(undefined, {
        credentials: { client_id: client.client_id, redirect_uri, scope: 'spark:all', ...more },
      }),
    );
  };

const authorization: Probes = {
  isAuthorizing: ({ ana }) => expect(ana.authorization.isAuthorizing).to.equal(false),
  isAuthenticating: ({ ana }) => expect(ana.authorization.isAuthenticating).to.equal(false),
  initiateLogin: nobodyWith({ clientType: 'confidential' }, async (nobody) => {
    const given = { state: { from: 'probe' }, email: 'ana@example.com', separateWindow: { width: 800 } };
    const { urls, windows } = await withPage(() => nobody.authorization.initiateLogin(given));
    expect(windows).to.deep.equal(['width=800,height=800']);
    const query = Object.fromEntries(urls[0]?.searchParams ?? []);
    expect(query).to.include({ response_type: 'code', redirect_uri });
    const state = JSON.parse(Buffer.from(query['state'] ?? '', 'base64url').toString()) as object;
    expect(state).to.include({ from: 'probe' }).and.to.have.property('csrf_token');
    expect(query['emailHash']).to.match(/^[\da-f]{64}$/);
  }),
  initiateImplicitGrant: nobodyWith({}, async (nobody) => {
    const { urls, outcome } = await withPage(() =>
      nobody.authorization.initiateImplicitGrant({ state: { a: 1 } }),
    );
    expect(outcome, String((outcome as { error?: unknown } | undefined)?.error)).to.equal(undefined);
    expect(urls[0]?.searchParams.get('response_type')).to.equal('token');
    const separate = await withPage(() =>
      nobody.authorization.initiateImplicitGrant({ separateWindow: { width: 300, left: 5 } }),
    );
    expect(separate.windows).to.deep.equal(['width=300,height=800,left=5']);
    expect(separate.outcome).to.have.nested.property('error.code', 'ERR_AUTH_DENIED');
  }),
  initiateAuthorizationCodeGrant: nobodyWith({}, async (nobody) => {
    const { urls } = await withPage(() => nobody.authorization.initiateAuthorizationCodeGrant());
    expect(Object.fromEntries(urls[0]?.searchParams ?? [])).to.include({
      response_type: 'code',
      code_challenge_method: 'S256',
    });
  }),
  requestAuthorizationCodeGrant: async ({ someone, client, cloud }) => {
    const { email } = await cloud.admin<{ email: string }>('POST', 'users', {
      email: 'pia@example.com',
      displayName: 'Pia',
      password: 'correct horse battery',
    });
    const nobody = await someone(undefined, {
      credentials: { ...client, redirect_uri, scope: 'spark:all spark:kms' },
    });
    const back = await signInByForms(nobody.credentials.buildLoginUrl({ state: { a: 1 } }), email);
    await nobody.authorization.requestAuthorizationCodeGrant({
      code: new URL(back).searchParams.get('code') ?? '',
    });
    expect((await nobody.people.get('me')).displayName).to.equal('Pia');
  },
  createJwt: async ({ ana }) => {
    const secretId = Buffer.from('a secret of the issuer').toString('base64');
    const { jwt } = await ana.authorization.createJwt({ issuer: 'i', secretId, expiresIn: '1h' });
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()) as object;
    expect(claims).to.include({ iss: 'i', name: 'Guest' });
  },
  requestAccessTokenFromJwt: async ({ someone, cloud }) => {
    const issuer = await cloud.admin<{ issuer: string; secret: string }>('POST', 'guest-issuers', {
      name: 'Probe',
    });
    const nobody = await someone(undefined);
    const { jwt } = await nobody.authorization.createJwt({
      issuer: issuer.issuer,
      secretId: issuer.secret,
      displayName: 'Gast',
    });
    await nobody.authorization.requestAccessTokenFromJwt({ jwt });
    expect((await nobody.people.get('me')).displayName).to.equal('Gast');
  },
  initQRCodeLogin: nobodyWith({ client_secret: 'a-long-and-random-secret' }, async (nobody) => {
    const events = collect<{ eventType: string; userData?: { userCode: string } }>(
      nobody.authorization.eventEmitter,
      'qRCodeLogin',
    );
    const ended = nobody.authorization.initQRCodeLogin();
    const { userData } = await events.next(({ eventType }) => eventType === 'getUserCodeSuccess');
    expect(userData?.userCode).to.match(/^[A-Z]{4}-[A-Z]{4}$/);
    nobody.authorization.cancelQRCodePolling();
    await ended;
    expect(events.seen.at(-1)?.eventType).to.equal('pollingCanceled');
  }),
  eventEmitter: ({ ana }) => {
    const { eventEmitter } = ana.authorization;
    const events = collect<number>(eventEmitter, 'qRCodeLogin');
    eventEmitter.trigger('qRCodeLogin', 1);
    expect(events.seen).to.deep.equal([1]);
  },
  cancelQRCodePolling: ({ ana }) => {
    // nothing to cancel is not a fault
    ana.authorization.cancelQRCodePolling(false);
  },
  logout: async ({ someone, benPerson, cloud, client }) => {
    const { accessToken } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', {
      userId: benPerson.id,
      clientId: client.client_id,
    });
    const leaving = await someone({ ...benPerson, accessToken }, { credentials: client });
    await leaving.people.get('me');
    await leaving.authorization.logout({ noRedirect: true });
    const after = await leaving.people.get('me').catch((error: unknown) => error);
    expect(after).to.have.property('statusCode', 401);
  },
};

const credentials: Probes = {
  supertoken: ({ ana, anaPerson }) =>
    expect(ana.credentials.supertoken).to.include({ access_token: anaPerson.accessToken }),
  canAuthorize: ({ ana }) => expect(ana.credentials.canAuthorize).to.equal(true),
  canRefresh: ({ ana }) => expect(ana.credentials.canRefresh).to.equal(false),
  isRefreshing: ({ ana }) => expect(ana.credentials.isRefreshing).to.equal(false),
  isUnverifiedGuest: ({ ana }) => expect(ana.credentials.isUnverifiedGuest).to.equal(false),
  getOrgId: ({ ana, anaPerson }) => expect(ana.credentials.getOrgId()).to.equal(anaPerson.orgId),
  extractOrgIdFromJWT: ({ ana }) =>
    expect(
      ana.credentials.extractOrgIdFromJWT(
        'h.eyJyZWFsbSI6IjU1NTU1NTU1LTU1NTUtNDU1NS04NTU1LTU1NTU1NTU1NTU1NSJ9.s',
      ),
    ).to.equal('55555555-5555-4555-8555-555555555555'),
  extractOrgIdFromUserToken: ({ ana, anaPerson }) =>
    expect(
      ana.credentials.extractOrgIdFromUserToken(ana.credentials.supertoken?.access_token ?? ''),
    ).to.equal(anaPerson.orgId),
  getUserToken: async ({ ana }) => expect(await ana.credentials.getUserToken()).to.be.instanceOf(Token),
  getClientToken: async ({ ana }) => {
    const { access_token, scope } = await ana.credentials.getClientToken();
    expect([access_token.length > 10, scope]).to.deep.equal([true, 'webexsquare:admin']);
  },
  downscope: async ({ someone, cloud, client, anaPerson }) => {
    const { accessToken } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', {
      userId: anaPerson.id,
      clientId: client.client_id,
    });
    const own = await someone({ ...anaPerson, accessToken }, { credentials: { ...client } });
    const less = await own.credentials.downscope('spark:kms');
    expect([less.scope, less.access_token === accessToken]).to.deep.equal(['spark:kms', false]);
  },
  refresh: async ({ ana }) => expect(await codeOf(ana.credentials.refresh())).to.equal('ERR_TOKEN_INVALID'),
  invalidate: async ({ someone, anaPerson }) => {
    const other = await someone(anaPerson);
    await other.credentials.invalidate();
    expect([other.credentials.supertoken, other.canAuthorize]).to.deep.equal([undefined, false]);
  },
  buildLoginUrl: ({ ana, cloud }) => {
    const url = new URL(ana.credentials.buildLoginUrl({ state: { a: 1 } }));
    expect(url.href).to.include(`${cloud.url}/idbroker/idb/oauth2/v1/authorize?`);
    expect(Object.fromEntries(url.searchParams)).to.include({ response_type: 'code', redirect_uri });
  },
  buildLogoutUrl: ({ ana }) => {
    const url = new URL(ana.credentials.buildLogoutUrl({ goto: 'http://127.0.0.1/bye' }));
    expect(url.searchParams.get('goto')).to.equal('http://127.0.0.1/bye');
  },
};

const statics: Probes = {
  init: async () => {
    const made = Webex.init('a-token');
    expect(made.credentials.supertoken?.access_token).to.equal('a-token');
    await made.close();
  },
  version: () => expect(Webex.version).to.match(/^\d+\.\d+\.\d+/),
  registerPlugin: async ({ someone, anaPerson }) => {
    const seen: string[] = [];
    const interceptors = {
      Probe: () => ({
        onRequest: (options: { readonly resource?: string; readonly uri?: string }) => {
          seen.push(options.resource ?? options.uri ?? '');
          return options;
        },
      }),
    };
    registerPlugin('probed', WebexPlugin.extend({ answer: () => 42 }), { replace: true, interceptors });
    try {
      const webexWithIt = await someone(anaPerson);
      expect((webexWithIt as unknown as { probed: { answer(): number } }).probed.answer()).to.equal(42);
      await webexWithIt.people.get('me');
      await webexWithIt.rooms.listWithReadStatus();
      await webexWithIt.internal.device.register();
      await webexWithIt.internal.conversation.list({ conversationsLimit: 1 });
      const room = await webexWithIt.rooms.create({ title: 'Seen' });
      await webexWithIt.rooms.getWithReadStatus(room.id);
      await webexWithIt.memberships.listWithReadStatus({ roomId: room.id });
      await webexWithIt.internal.support.submitLogs({}, 'a line');
      await webexWithIt.messages.create({ roomId: room.id, files: [new Blob(['x'])] });
      for (const part of [
        'people/me',
        'conversations',
        'devices',
        'rooms',
        'logs/urls',
        'logs/meta',
        'messages',
      ])
        expect(
          seen.some((one) => one.includes(part)),
          `${part} in ${seen.join(' ')}`,
        ).to.equal(true);
    } finally {
      registerPlugin('probed', WebexPlugin.extend({}), { replace: true, interceptors: { Probe: undefined } });
    }
  },
};

const said = ['error', 'warn', 'log', 'info', 'debug', 'trace', 'group', 'groupEnd'] as const;
const logger: Probes = {
  ...Object.fromEntries(
    said
      .flatMap((name) => [name, `client_${name}` as const])
      .map((name): [string, Probe] => [
        name,
        ({ ana }) => {
          ana.logger[name](`said by ${name}`);
          expect(ana.logger.formatLogs()).to.include(`said by ${name}`);
        },
      ]),
  ),
  logToBuffer: ({ ana }) => {
    ana.logger.logToBuffer('kept only');
    expect(ana.logger.formatLogs()).to.include('kept only');
  },
  client_logToBuffer: ({ ana }) => {
    ana.logger.client_logToBuffer('kept by a client');
    expect(ana.logger.formatLogs()).to.include('kept by a client');
  },
  level: ({ ana }) => expect(ana.logger.level).to.equal('silent'),
  getCurrentLevel: ({ ana }) => expect(ana.logger.getCurrentLevel()).to.equal('silent'),
  formatLogs: ({ ana, anaPerson }) => {
    ana.logger.formatLogs({ diff: true });
    ana.logger.info(`Bearer ${anaPerson.accessToken}`);
    const text = ana.logger.formatLogs({ diff: true });
    expect(text.split('\n')).to.have.length(1);
    expect(text).not.to.include(anaPerson.accessToken);
  },
};

export const session: Readonly<Record<string, Probes>> = {
  Webex: statics,
  webex,
  'webex.authorization': authorization,
  'webex.credentials': credentials,
  'webex.logger': logger,
};
