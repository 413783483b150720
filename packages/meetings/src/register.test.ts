import { createClient } from '@trunkline/core';
import { expect } from 'chai';
import './register.js';

describe('@trunkline/meetings/register', () => {
  it('gives the plugin to a client that is made without plugins', async () => {
    const client = createClient({ token: 'A_B_C' });
    expect(client.meetings).to.have.property('create');
    await client.close();
  });
});
