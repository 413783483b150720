import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { memberships } from './index.js';
import './register.js';

describe('@trunkline/memberships/register', () => {
  after(() => {
    delete registeredPlugins()['memberships'];
  });

  it('puts memberships into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()['memberships']).to.equal(memberships);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.memberships).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('memberships');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
