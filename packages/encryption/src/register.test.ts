import { conversation } from '@trunkline/conversation';
import { registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { encryption } from './index.js';
import './register.js';

// taken out at once: another test of this program registers the crypto of Node
const found = { ...registeredPlugins() };
Reflect.deleteProperty(registeredPlugins(), 'encryption');

describe('@trunkline/encryption/register', () => {
  it('registers the crypto of the web, and conversation with it', () => {
    expect(found['encryption']).to.equal(encryption);
    expect(found['conversation']).to.include({ pluginName: 'conversation', version: conversation.version });
  });
});
