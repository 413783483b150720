import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { messages } from './index.js';
import './register.js';

describe('@trunkline/messages/register', () => {
  after(() => {
    delete registeredPlugins()['messages'];
  });

  it('puts messages into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()['messages']).to.equal(messages);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.messages).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('messages');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
