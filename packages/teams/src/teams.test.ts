import { answer, fakeHost } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import sinon from 'sinon';
import { createTeamMemberships } from './team-memberships.js';
import { createTeams } from './teams.js';

const failure = async (call: () => unknown): Promise<unknown> => {
  try {
    return await call();
  } catch (error) {
    return error;
  }
};
const pages = () => {
  const request = sinon.stub();
  const link = { link: '<https://cloud.test/p2>; rel="next"' };
  request.onFirstCall().resolves(answer({ items: [{ id: 'a' }] }, { headers: link }));
  request.onSecondCall().resolves({ items: [{ id: 'b' }] });
  return request;
};
async function idsOf(list: AsyncIterable<{ readonly id: string }>): Promise<readonly string[]> {
  const ids: string[] = [];
  for await (const { id } of list) ids.push(id);
  return ids;
}

describe('Teams', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ id: 't1' });
    const teams = createTeams(fakeHost({ request }));
    await teams.create({ name: 'Ops', description: 'who runs it' });
    await teams.get('t/1');
    await teams.update({ id: 't1', name: 'New' });
    await teams.remove({ id: 't1' });
    expect(request.args.flat()).to.deep.equal([
      { method: 'POST', service: 'hydra', path: 'teams', body: { name: 'Ops', description: 'who runs it' } },
      { service: 'hydra', path: 'teams/t%2F1' },
      { method: 'PUT', service: 'hydra', path: 'teams/t1', body: { id: 't1', name: 'New' } },
      { method: 'DELETE', service: 'hydra', path: 'teams/t1' },
    ]);
  });

  it('lists page by page', async () => {
    const request = pages();
    expect(await idsOf(createTeams(fakeHost({ request })).list({ max: 1 }))).to.deep.equal(['a', 'b']);
    sinon.assert.calledWithMatch(request.firstCall, { path: 'teams', query: { max: 1 } });
    sinon.assert.calledWithMatch(request.secondCall, { url: 'https://cloud.test/p2' });
  });

  it('rejects bad arguments before any request', async () => {
    const request = sinon.stub();
    const teams = createTeams(fakeHost({ request }));
    for (const call of [
      () => teams.create({ name: '' }),
      () => teams.get(''),
      () => teams.update({ id: '', name: 'x' }),
      () => teams.remove({ id: '' }),
    ])
      expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });
});

describe('TeamMemberships', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ id: 'm1' });
    const memberships = createTeamMemberships(fakeHost({ request }));
    const added = { teamId: 't1', personEmail: 'ben@example.com', isModerator: true };
    await memberships.create(added);
    await memberships.get({ id: 'm1' });
    await memberships.update({ id: 'm1', isModerator: false });
    await memberships.remove('m1');
    const path = 'team/memberships';
    expect(request.args.flat()).to.deep.equal([
      { method: 'POST', service: 'hydra', path, body: added },
      { service: 'hydra', path: `${path}/m1` },
      { method: 'PUT', service: 'hydra', path: `${path}/m1`, body: { id: 'm1', isModerator: false } },
      { method: 'DELETE', service: 'hydra', path: `${path}/m1` },
    ]);
  });

  it('lists page by page', async () => {
    const request = pages();
    const list = createTeamMemberships(fakeHost({ request })).list({ teamId: 't1', max: 1 });
    expect(await idsOf(list)).to.deep.equal(['a', 'b']);
    sinon.assert.calledWithMatch(request.firstCall, {
      path: 'team/memberships',
      query: { teamId: 't1', max: 1 },
    });
  });

  it('rejects bad arguments before any request', async () => {
    const request = sinon.stub();
    const memberships = createTeamMemberships(fakeHost({ request }));
    for (const call of [
      () => memberships.create({ teamId: '', personId: 'p' }),
      () => memberships.create({ teamId: 't' }),
      () => memberships.create({ teamId: 't', personId: 'p', personEmail: 'p@example.com' }),
      () => memberships.list({ teamId: '' }),
      () => memberships.get(''),
      () => memberships.update({ id: '', isModerator: true }),
      () => memberships.remove(''),
    ])
      expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });
});
