import { createClient } from '@trunkline/core';
import { expect } from 'chai';
import './register.js';

describe('support/register', () => {
  it('gives the plugin to a client that is made without plugins', async () => {
    const client = createClient({ token: 'A_B_C' });
    expect(client.support).to.have.property('submitLogs');
    await client.close();
  });
});
