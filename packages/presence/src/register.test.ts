import { createClient } from '@trunkline/core';
import { expect } from 'chai';
import './register.js';

describe('presence/register', () => {
  it('gives the plugin to a client that is made without plugins', async () => {
    const client = createClient({ token: 'A_B_C' });
    expect(client.presence).to.have.property('setStatus');
    await client.close();
  });
});
