import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { attachmentActions } from './index.js';
import './register.js';

describe('@trunkline/attachment-actions/register', () => {
  after(() => {
    delete registeredPlugins()['attachmentActions'];
  });

  it('puts it into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()['attachmentActions']).to.equal(attachmentActions);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.attachmentActions).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('attachmentActions');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
