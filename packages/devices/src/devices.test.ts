import { fakeHost } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import sinon from 'sinon';
import { createDevices } from './devices.js';

describe('Devices', () => {
  it('asks for a page and gives its items', async () => {
    const request = sinon.stub().resolves({ items: [{ id: '1', title: 'One' }] });
    const { items } = await createDevices(fakeHost({ request })).list({ max: 1 }).page();
    sinon.assert.calledOnceWithMatch(request, { service: 'hydra', path: 'devices', query: { max: 1 } });
    expect(items).to.deep.equal([{ id: '1', title: 'One' }]);
  });

  it('gets one by its id, whatever is in it', async () => {
    const request = sinon.stub().resolves({ id: 'a/b', title: 'One' });
    await createDevices(fakeHost({ request })).get('a/b');
    sinon.assert.calledOnceWithMatch(request, { path: 'devices/a%2Fb' });
  });

  it('says that an id is needed, and sends nothing', async () => {
    const request = sinon.stub();
    const failed: unknown = await createDevices(fakeHost({ request }))
      .get('')
      .catch((error: unknown) => error);
    expect(failed).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });
});
