import { createClient } from '@trunkline/core';
import { expect } from 'chai';
import './register.js';

describe('media/register', () => {
  it('gives the plugin to a client that is made without plugins', async () => {
    const client = createClient({ token: 'A_B_C' });
    expect(client.media).to.have.property('connection');
    await client.close();
  });
});
