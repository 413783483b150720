import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { openTestStore } from '../../kernel/harness.test.js';
import { type Store } from '../../kernel/store/index.js';
import { insertDeliveries, removeWebhook, webhooksOf } from './store.js';

describe('webhooks of apps that may not act any more', () => {
  let store: Store;
  beforeEach(async () => {
    store = await openTestStore('memory');
  });
  afterEach(() => store.close());

  const webhook = async (creator_id: string, app_id: string): Promise<string> => {
    const id = randomUUID();
    const target = { name: 'n', target_url: 'https://a.test', resource: 'messages', event: 'created' };
    const rest = { filter: null, secret: null, status: 'active', since_pos: 0, created_ms: 0 } as const;
    await store.write(({ tx }) =>
      tx
        .insertInto('webhooks')
        .values({ id, org_id: 'org', creator_id, app_id, owned_by: 'creator', ...target, ...rest })
        .execute(),
    );
    return id;
  };

  it('are those of the client, for one person or for all, or those of the people', async () => {
    const ids = [await webhook('ana', 'app'), await webhook('ben', 'app'), await webhook('ana', 'other')];
    const [anaApp = '', benApp = '', anaOther = ''] = ids;
    expect(await webhooksOf(store.db, { clientId: 'app', userId: 'ana' })).to.deep.equal([anaApp]);
    expect(await webhooksOf(store.db, { clientId: 'app' })).to.have.members([anaApp, benApp]);
    expect(await webhooksOf(store.db, { userIds: ['ana'] })).to.have.members([anaApp, anaOther]);
    expect(await webhooksOf(store.db, { userIds: [] })).to.deep.equal([]);
  });

  it('are removed with their pending deliveries', async () => {
    const id = await webhook('ana', 'app');
    await store.write((write) => insertDeliveries(write, [{ webhookId: id, body: '{}' }], 1, 0));
    await store.write((write) => removeWebhook(write, id));
    expect(await store.db.selectFrom('webhook_deliveries').selectAll().execute()).to.deep.equal([]);
  });
});
