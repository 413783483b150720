import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { rooms } from './index.js';
import './register.js';

describe('@trunkline/rooms/register', () => {
  after(() => {
    delete registeredPlugins()['rooms'];
  });

  it('puts rooms into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()['rooms']).to.equal(rooms);
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.rooms).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.property('rooms');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
