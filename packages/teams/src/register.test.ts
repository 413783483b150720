import { createClient } from '@trunkline/core';
import { expect } from 'chai';
import './register.js';

describe('teams/register', () => {
  it('gives the plugin to a client that is made without plugins', async () => {
    const client = createClient({ token: 'A_B_C' });
    expect(client.teams).to.have.property('list');
    await client.close();
  });
});
