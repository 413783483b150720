import { fakeHost } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import sinon from 'sinon';
import { createWebhooks } from './webhooks.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('Webhooks', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ id: 'w1' });
    const webhooks = createWebhooks(fakeHost({ request }));
    const wanted = { name: 'bot', targetUrl: 'https://bot.test/', resource: 'messages', event: 'created' };
    const changed = { id: 'w1', name: 'bot 2', targetUrl: 'https://bot.test/2', status: 'active' } as const;
    await webhooks.create(wanted);
    await webhooks.get('w/1');
    await webhooks.update(changed);
    await webhooks.remove({ id: 'w1' });
    expect(request.args.flat()).to.deep.equal([
      { method: 'POST', service: 'hydra', path: 'webhooks', body: wanted },
      { service: 'hydra', path: 'webhooks/w%2F1' },
      { method: 'PUT', service: 'hydra', path: 'webhooks/w1', body: changed },
      { method: 'DELETE', service: 'hydra', path: 'webhooks/w1' },
    ]);
  });

  it('asks for a page and gives its items', async () => {
    const request = sinon.stub().resolves({ items: [{ id: 'w1' }] });
    const { items } = await createWebhooks(fakeHost({ request })).list({ max: 1, ownedBy: 'org' }).page();
    sinon.assert.calledOnceWithMatch(request, { path: 'webhooks', query: { max: 1, ownedBy: 'org' } });
    expect(items).to.deep.equal([{ id: 'w1' }]);
  });

  it('rejects a missing id before any request', async () => {
    const request = sinon.stub();
    const webhooks = createWebhooks(fakeHost({ request }));
    for (const call of [
      webhooks.get(''),
      webhooks.remove({ id: '' }),
      webhooks.update({ id: '', name: 'n', targetUrl: 'https://t.test' }),
    ])
      expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });
});
