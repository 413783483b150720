import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { conversation } from './index.js';
import './register.js';

describe('@trunkline/conversation/register', () => {
  after(() => {
    delete registeredPlugins()['conversation'];
  });

  it('puts conversation into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()['conversation']).to.equal(conversation);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.conversation).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('conversation');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
