import { createClient, registeredPlugins } from '@trunkline/core';
import { expect } from 'chai';
import { teamMemberships, teams } from './index.js';
import './register.js';

describe('@trunkline/teams/register', () => {
  after(() => {
    delete registeredPlugins()['teams'];
    delete registeredPlugins()['teamMemberships'];
  });

  it('puts both into the default set: on a client without plugins, on no other', async () => {
    expect(registeredPlugins()).to.include({ teams, teamMemberships });
    const taken = createClient({ token: 'A_B_C' });
    expect(taken.teams).to.be.an('object');
    expect(taken.teamMemberships).to.be.an('object');
    const explicit = createClient({ token: 'A_B_C', plugins: [] });
    expect(explicit).not.to.have.any.keys('teams', 'teamMemberships');
    await Promise.all([taken.close(), explicit.close()]);
  });
});
