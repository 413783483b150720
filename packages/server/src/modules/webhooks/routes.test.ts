import { randomBytes, randomUUID } from 'node:crypto';
import type { Webhook } from '@trunkline/wire';
import { expect } from 'chai';
import pino from 'pino';
import { resolveConfig } from '../../kernel/config.js';
import { createApp } from '../../kernel/http/app.js';
import { urlsAt } from '../../kernel/http/urls.js';
import { openLibsqlStore, type Store } from '../../kernel/store/index.js';
import { createIdentity, type IdentityService } from '../identity/index.js';
import { createVault } from '../../kernel/vault/vault.js';
import type { ConversationReads } from '../conversation/reads.js';
import { createWebhooks } from './index.js';

describe('webhooks over REST', () => {
  let store: Store;
  let identity: IdentityService;
  let app: ReturnType<typeof createApp>;
  let webhooks: ReturnType<typeof createWebhooks>;
  let userId: string;
  const given = { name: 'bot', targetUrl: 'https://93.184.216.34/', resource: 'messages', event: 'created' };

  beforeEach(async () => {
    store = await openLibsqlStore('memory');
    const config = resolveConfig({ data: 'memory', logLevel: 'silent' });
    const log = pino({ level: 'silent' });
    const base = 'http://trunkline.test';
    const context = { config, store, log, now: Date.now, urls: () => urlsAt(base), base: () => base };
    identity = createIdentity(context, randomUUID());
    webhooks = createWebhooks(context, {
      identity,
      mercury: {
        onAppended: () => () => undefined,
        eventsAfter: () => Promise.resolve([]),
        head: () => Promise.resolve(0),
      },
      conversations: {
        membersAt: () => Promise.reject(new Error('nothing happens here')),
        reads: {} as ConversationReads,
      },
      vault: createVault(randomBytes(32)),
    });
    app = createApp(config, log);
    webhooks.routes(app);
    await app.ready();
    userId = (await identity.users.create({ email: 'ana@example.com', displayName: 'Ana' })).id;
  });
  afterEach(async () => {
    await webhooks.close();
    await app.close();
    await store.close();
  });

  const token = async (clientId: string): Promise<string> => {
    await identity.clients.create({ clientId, redirectUris: [], scopes: 'spark:all' });
    return (await identity.tokens.grant(userId, { clientId, scope: 'spark:all' })).accessToken;
  };
  async function call<T>(accessToken: string, method: 'GET' | 'POST' | 'PUT', url: string, payload?: object) {
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await app.inject({ method, url, headers, ...(payload && { payload }) });
    expect(answer.statusCode, answer.body).to.equal(200);
    return answer.json<T>();
  }

  it('keep their secret when they are changed without one, and lose it with an empty one', async () => {
    const app = await token('app');
    const { id } = await call<Webhook>(app, 'POST', '/v1/webhooks', { ...given, secret: 'pepper' });
    const { name, targetUrl } = { ...given, name: 'bot 2' };
    const renamed = await call<Webhook>(app, 'PUT', `/v1/webhooks/${id}`, { name, targetUrl });
    expect(renamed).to.include({ name, secret: 'pepper' });
    const bare = await call<Webhook>(app, 'PUT', `/v1/webhooks/${id}`, { name, targetUrl, secret: '' });
    expect(bare).not.to.have.property('secret');
  });

  it('go with the app that made them, and no other’s do', async () => {
    const [one, two] = [await token('one'), await token('two')];
    await call(one, 'POST', '/v1/webhooks', given);
    const kept = await call<Webhook>(two, 'POST', '/v1/webhooks', given);
    await identity.clients.remove('one', identity.tokens);
    const { items } = await call<{ items: readonly Webhook[] }>(two, 'GET', '/v1/webhooks');
    expect(items.map(({ id }) => id)).to.deep.equal([kept.id]);
  });
});
