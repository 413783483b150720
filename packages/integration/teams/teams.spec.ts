import { messages } from '@trunkline/messages';
import { memberships } from '@trunkline/memberships';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { teamMemberships, teams, type Team } from '@trunkline/teams';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId, encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, refusal } from '../kit/members.js';

const nowhere = '00000000-0000-4000-8000-000000000000';
const plugins = () => [rooms(), messages(), memberships(), people(), teams(), teamMemberships()] as const;
const person = (cloud: Cloud, name: string) => cloud.client(name, plugins());
type Member = Awaited<ReturnType<typeof person>>;

describe('teams', () => {
  let cloud: Cloud;
  let ana: Member;
  let ben: Member;
  let cleo: Member;
  let team: Team;
  before(async () => {
    cloud = await startCloud();
    ana = await person(cloud, 'ana');
    ben = await person(cloud, 'ben');
    cleo = await person(cloud, 'cleo');
    await Promise.all([ana, ben, cleo].map((client) => client.connect()));
  });
  beforeEach(async () => {
    team = await ana.teams.create({ name: 'Build', description: 'who builds' });
  });
  after(async () => {
    for (const client of [ana, ben, cleo]) {
      await client.close();
      await expectQuiet(client);
    }
    await cloud.close();
  });
  const add = (personEmail: string, more: object = {}) =>
    ana.teamMemberships.create({ teamId: team.id, personEmail, ...more });
  const titles = async (client: Member) =>
    (await all(client.rooms.list({ teamId: team.id }))).map(({ title }) => title);

  it('are made, changed and ended, with their general room', async () => {
    expect(team).to.include({ name: 'Build', description: 'who builds' });
    expect(await titles(ana)).to.deep.equal(['Build']);
    const joined = nextEvent(ben.memberships, 'created');
    await add('ben@example.com');
    const { roomId } = await joined;
    expect(await ben.rooms.get(roomId)).to.include({ title: 'Build', teamId: team.id });

    const renamed = nextEvent(ben.rooms, 'updated');
    expect(await ana.teams.update({ ...team, name: 'Ship' })).to.include({
      id: team.id,
      name: 'Ship',
      description: 'who builds',
    });
    expect((await renamed).id).to.equal(roomId);
    for (const given of [team.id, decodeId(team.id)?.local ?? '', team])
      expect((await ben.teams.get(given)).name).to.equal('Ship');

    const gone = nextEvent(ben.memberships, 'deleted');
    await ana.teams.remove(team);
    expect((await gone).roomId).to.equal(roomId);
    for (const client of [ana, ben])
      expect((await refusal(client.teams.get(team))).code).to.equal('ERR_NOT_FOUND');
  });

  it('are listed page by page, and so is who is in them', async () => {
    const made = [team.id];
    for (const name of ['2', '3']) made.push((await ana.teams.create({ name })).id);
    const seen = (await all(ana.teams.list({ max: 2 }))).map(({ id }) => id);
    expect(seen).to.include.members(made);
    expect(new Set(seen).size).to.equal(seen.length);
    await add('ben@example.com', { isModerator: true });
    await add('cleo@example.com');
    const listed = await all(cleo.teamMemberships.list({ teamId: team.id, max: 1 }));
    expect(
      listed.map(({ personDisplayName, isModerator }) => [personDisplayName, isModerator]),
    ).to.deep.equal([
      ['Ana', true],
      ['Ben', true],
      ['Cleo', false],
    ]);
  });

  it('remove a former member from all of their rooms', async () => {
    const mine = await add('ben@example.com');
    await add('cleo@example.com');
    const room = await cleo.rooms.create({ title: 'Plans', teamId: team.id });
    expect(room.teamId).to.equal(team.id);
    await cleo.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    await ben.messages.create({ roomId: room.id, text: 'here' });
    expect(await titles(ben)).to.have.members(['Build', 'Plans']);
    // she is not in that room, and takes him out of it nevertheless
    expect(await titles(ana)).to.deep.equal(['Build']);
    const left = nextEvent(cleo.memberships, 'deleted', { where: ({ roomId }) => roomId === room.id });
    await ana.teamMemberships.remove(mine);
    expect(await left).to.include({ personEmail: 'ben@example.com' });
    const still = ben.messages.create({ roomId: room.id, text: 'still here?' });
    expect((await refusal(still)).code).to.equal('ERR_NOT_FOUND');
    expect((await refusal(ben.teams.get(team))).code).to.equal('ERR_NOT_FOUND');
    expect((await refusal(ben.rooms.list({ teamId: team.id }).page())).code).to.equal('ERR_NOT_FOUND');
    expect((await cleo.rooms.get(room)).title).to.equal('Plans');
  });

  it('can be left, except by their last moderator', async () => {
    const his = await add('ben@example.com');
    const [mine] = await all(ana.teamMemberships.list({ teamId: team.id }));
    if (mine === undefined) throw new Error('she is not in her team');
    expect((await refusal(ana.teamMemberships.remove(mine))).code).to.equal('ERR_CONFLICT');
    const demoted = ana.teamMemberships.update({ ...mine, isModerator: false });
    expect((await refusal(demoted)).code).to.equal('ERR_CONFLICT');
    await ana.teamMemberships.update({ ...his, isModerator: true });
    expect((await ben.teamMemberships.get(his)).isModerator).to.equal(true);
    await ana.teamMemberships.remove(mine);
    expect((await refusal(ana.teams.get(team))).code).to.equal('ERR_NOT_FOUND');
    await ben.teamMemberships.remove(his); // the last one out ends it
    expect((await all(ben.teams.list())).map(({ id }) => id)).not.to.include(team.id);
  });

  it('refuse strangers, members who do not moderate, and what is wrong', async () => {
    for (const work of [
      () => ben.teams.get(team),
      () => ben.teams.update({ id: team.id, name: 'Mine' }),
      () => ben.teams.remove(team),
      () => ben.teamMemberships.list({ teamId: team.id }).page(),
      () => ben.teamMemberships.create({ teamId: team.id, personEmail: 'ben@example.com' }),
      () => ben.rooms.create({ title: 'In', teamId: team.id }),
      () => ana.teams.get(encodeId('TEAM', nowhere)),
      () => ana.teams.get('noise'),
      () => add('nobody@example.com'),
    ])
      expect((await refusal(work())).code).to.equal('ERR_NOT_FOUND');
    const his = await add('ben@example.com');
    for (const work of [
      () => ben.teams.update({ id: team.id, name: 'Mine' }),
      () => ben.teams.remove(team),
      () => ben.teamMemberships.update({ id: his.id, isModerator: true }),
      () => ben.teamMemberships.create({ teamId: team.id, personEmail: 'cleo@example.com' }),
    ])
      expect((await refusal(work())).code).to.equal('ERR_FORBIDDEN');
    expect((await refusal(add('ben@example.com'))).code).to.equal('ERR_CONFLICT');
    expect((await refusal(ana.teams.create({ name: ' ' }))).code).to.equal('ERR_BAD_REQUEST');
    expect((await refusal(ana.teams.create({ name: '' }))).code).to.equal('ERR_ARGUMENT');
  });
});
