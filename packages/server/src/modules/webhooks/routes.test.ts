import type { Webhook } from '@trunkline/wire';
import { expect } from 'chai';
import { fakeModule, startModules, testKernel } from '../../kernel/harness.test.js';
import type { createApp } from '../../kernel/http/app.js';
import type { Store } from '../../kernel/store/index.js';
import type { Identity } from '../identity/api.js';
import { identity as identityModule } from '../identity/index.js';
import { webhooks as webhooksModule } from './index.js';

describe('webhooks over REST', () => {
  let store: Store;
  let identity: Identity;
  let app: ReturnType<typeof createApp>;
  let running: Awaited<ReturnType<typeof startModules>>;
  let userId: string;
  const given = { name: 'bot', targetUrl: 'https://93.184.216.34/', resource: 'messages', event: 'created' };

  beforeEach(async () => {
    const kernel = await testKernel();
    ({ store } = kernel);
    running = await startModules(kernel, [
      identityModule,
      fakeModule('mercury', {
        onAppended: () => () => undefined,
        eventsAfter: () => Promise.resolve([]),
        head: () => Promise.resolve(0),
      }),
      fakeModule('audience', {}),
      fakeModule('conversation', {}),
      webhooksModule,
    ]);
    ({ app } = running);
    ({ identity } = running.apis);
    await app.ready();
    userId = (await identity.users.create({ email: 'ana@example.com', displayName: 'Ana' })).id;
  });
  afterEach(async () => {
    await running.lifecycle.close();
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
