import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { people } from './index.js';
import './register.js';

describe('@trunkline/people/register', () => {
  after(() => {
    delete registeredPlugins()['people'];
  });

  it('puts people into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()['people']).to.equal(people);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.people).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('people');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
