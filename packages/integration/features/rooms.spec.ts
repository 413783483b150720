// Rows of the list of capabilities (docs/guides/capabilities.md): rooms, who is in them, and teams.
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { all, refusal } from '../kit/members.js';
import { leave, meet, roomOf, type Somebody } from './kit.js';

describe('capabilities: rooms', () => {
  let cloud: Cloud;
  let ana: Somebody;
  let ben: Somebody;
  let cleo: Somebody;
  before(async () => {
    cloud = await startCloud();
    [ana, ben, cleo] = await meet(cloud, 'ana', 'ben', 'cleo');
  });
  after(() => leave(cloud, ana, ben, cleo));

  it('row 11: a room is made, for many or for two, and appears at the others', async () => {
    const joined = nextEvent(ben.memberships, 'created');
    const room = await ana.rooms.create({ title: 'Launch' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    expect(await joined).to.include({ roomId: room.id, roomType: 'group' });
    expect((await ben.rooms.get(room)).title).to.equal('Launch');

    const received = nextEvent(ben.messages, 'created', { where: ({ roomType }) => roomType === 'direct' });
    const { roomId } = await ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'just you' });
    expect(await received).to.include({ roomId, text: 'just you' });
    expect(
      (await ana.messages.create({ toPersonId: (await ben.people.me()).id, text: '!' })).roomId,
    ).to.equal(roomId);
    expect((await ben.rooms.get(roomId)).title).to.equal('Ana');
  });

  it('row 12: rooms are listed, read, and say what is unread; those of others are not there', async () => {
    const first = await roomOf(ana, 'First', 'ben');
    const second = await roomOf(ana, 'Second', 'ben');
    const own = await roomOf(ana, 'Not for Ben');
    const { created } = await ana.messages.create({ roomId: first.id, text: 'news' });
    const listed = await all(ben.rooms.list({ type: 'group', sortBy: 'lastactivity', max: 1 }));
    expect(listed.map(({ id }) => id))
      .to.include.members([first.id, second.id])
      .and.not.include(own.id);
    expect(listed[0]).to.include({ id: first.id, title: 'First' });
    const status = await ben.rooms.getWithReadStatus(first.id);
    expect(status).to.include({ id: first.id, title: 'First', lastActivityDate: created });
    expect(Date.parse(status.lastSeenActivityDate)).to.be.lessThan(Date.parse(created));
    const { items } = await ben.rooms.listWithReadStatus();
    expect(items[0]?.id).to.equal(first.id);
    expect((await refusal(ben.rooms.get(own))).code).to.equal('ERR_NOT_FOUND');
  });

  it('row 13: a room is renamed and ended, for everybody', async () => {
    const { id } = await roomOf(ana, 'Old name', 'ben');
    const renamed = nextEvent(ben.rooms, 'updated');
    await ana.rooms.update({ id, title: 'New name' });
    expect((await renamed).id).to.equal(id);
    expect((await ben.rooms.get(id)).title).to.equal('New name');
    const gone = nextEvent(ben.memberships, 'deleted', { where: ({ roomId }) => roomId === id });
    await ana.rooms.remove(id);
    await gone;
    expect((await refusal(ben.rooms.get(id))).code).to.equal('ERR_NOT_FOUND');
    expect((await all(ben.rooms.list())).map((room) => room.id)).not.to.include(id);
  });

  it('row 14: people come in and go, and the others see who', async () => {
    const { id: roomId } = await roomOf(ana, 'Members', 'ben');
    const came = nextEvent(ben.memberships, 'created', {
      where: ({ personDisplayName }) => personDisplayName === 'Cleo',
    });
    const cleoIn = await ana.memberships.create({ roomId, personEmail: 'cleo@example.com' });
    expect(await came).to.include({ id: cleoIn.id, personDisplayName: 'Cleo' });
    const names = async () =>
      (await all(ben.memberships.list({ roomId }))).map(({ personDisplayName }) => personDisplayName);
    expect(await names()).to.have.members(['Ana', 'Ben', 'Cleo']);
    const went = nextEvent(ben.memberships, 'deleted');
    await ana.memberships.remove(cleoIn);
    expect(await went).to.include({ id: cleoIn.id });
    expect(await names()).to.have.members(['Ana', 'Ben']);
    expect((await refusal(cleo.messages.list({ roomId }).page())).code).to.equal('ERR_NOT_FOUND');
  });

  it('row 16: moderators lock a room, decide who moderates, and may be the only ones who write', async () => {
    const { id: roomId } = await roomOf(ana, 'Moderated', 'ben', 'cleo');
    const mine = (who: Somebody) =>
      all(who.memberships.list({ roomId })).then(async (list) => {
        const me = await who.people.me();
        const found = list.find(({ personId }) => personId === me.id);
        if (found === undefined) throw new Error('not in the room');
        return found;
      });
    const benIn = await mine(ben);
    await ana.rooms.update({ id: roomId, title: 'Moderated', isLocked: true, isAnnouncementOnly: true });
    expect((await refusal(ben.messages.create({ roomId, text: 'but' }))).code).to.equal('ERR_FORBIDDEN');
    expect((await refusal(ben.memberships.remove(await mine(cleo)))).code).to.equal('ERR_FORBIDDEN');
    const promoted = nextEvent(ben.memberships, 'updated', { where: ({ id }) => id === benIn.id });
    await ana.memberships.update({ id: benIn.id, isModerator: true });
    expect((await promoted).isModerator).to.equal(true);
    const received = nextEvent(cleo.messages, 'created');
    await ben.messages.create({ roomId, text: 'now I may' });
    expect((await received).text).to.equal('now I may');
    const demoted = nextEvent(ben.memberships, 'updated', { where: ({ isModerator }) => !isModerator });
    await ana.memberships.update({ id: benIn.id, isModerator: false });
    expect((await demoted).id).to.equal(benIn.id);
    expect((await refusal(ben.messages.create({ roomId, text: 'but' }))).code).to.equal('ERR_FORBIDDEN');
  });

  it('row 17: a team has rooms and people; who leaves it leaves its rooms', async () => {
    const team = await ana.teams.create({ name: 'Build' });
    const joined = nextEvent(ben.memberships, 'created', {
      where: ({ personDisplayName, roomType }) => personDisplayName === 'Ben' && roomType === 'group',
    });
    const benIn = await ana.teamMemberships.create({ teamId: team.id, personEmail: 'ben@example.com' });
    const { roomId } = await joined; // its general room
    const design = await ana.rooms.create({ title: 'Design', teamId: team.id });
    await ana.memberships.create({ roomId: design.id, personEmail: 'ben@example.com' });
    expect((await all(ben.teams.list())).map(({ name }) => name)).to.deep.equal(['Build']);
    expect((await all(ben.rooms.list({ teamId: team.id }))).map(({ id }) => id)).to.have.members([
      roomId,
      design.id,
    ]);
    expect((await all(ben.teamMemberships.list({ teamId: team.id }))).length).to.equal(2);
    await ana.teams.update({ ...team, name: 'Ship' });
    expect((await ben.teams.get(team)).name).to.equal('Ship');
    await ana.teamMemberships.remove(benIn);
    for (const id of [roomId, design.id])
      expect((await refusal(ben.rooms.get(id))).code).to.equal('ERR_NOT_FOUND');
    expect((await refusal(ben.teams.get(team))).code).to.equal('ERR_NOT_FOUND');
    await ana.teams.remove(team);
    expect(await all(ana.teams.list())).to.deep.equal([]);
  });
});
