import { conversation } from '@trunkline/conversation';
import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { encryption } from './index.node.js';
import './register.node.js';

// taken out at once: another test of this program registers the crypto of the web
const found = { ...registeredPlugins() };
Reflect.deleteProperty(registeredPlugins(), 'encryption');

describe('@trunkline/encryption/register in Node', () => {
  it('registers the crypto of Node', () => {
    expect(found['encryption']).to.equal(encryption);
  });

  it('gives encryption and conversation to a client without plugins, and to no other', async () => {
    Object.assign(registeredPlugins(), { encryption, conversation });
    try {
      const taken = createClient({ token: 'A_B_C' });
      expect(taken).to.have.property('encryption').that.is.an('object');
      expect(taken).to.have.property('conversation').that.is.an('object');
      const explicit = createClient({ token: 'A_B_C', plugins: [] });
      expect(explicit).not.to.have.property('encryption');
      await Promise.all([taken.close(), explicit.close()]);
    } finally {
      for (const name of ['encryption', 'conversation']) Reflect.deleteProperty(registeredPlugins(), name);
    }
  });
});
