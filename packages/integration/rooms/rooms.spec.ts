import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId, encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, join, modes, part, refusal, roomOf, type Member } from '../kit/members.js';

const nowhere = '00000000-0000-4000-8000-000000000000';
const never = '1970-01-01T00:00:00.000Z';

for (const mode of modes)
  describe(`rooms, ${mode}`, () => {
    let cloud: Cloud;
    let ana: Member;
    let ben: Member;
    before(async () => {
      cloud = await startCloud();
      [ana, ben] = await join(cloud, mode, ['ana', 'ben']);
    });
    after(() => part(cloud, ana, ben));

    it('are created, changed and removed, and the other member is notified', async () => {
      const created = nextEvent(ana.rooms, 'created');
      const room = await ana.rooms.create({ title: 'Launch', description: 'the big one' });
      const me = await ana.people.me();
      expect(room).to.include({
        title: 'Launch',
        type: 'group',
        isLocked: false,
        description: 'the big one',
      });
      expect(room.creatorId).to.equal(me.id);
      expect(await created).to.include({ id: room.id, type: 'group', isLocked: false, creatorId: me.id });
      expect((await refusal(ben.rooms.get(room.id))).code).to.equal('ERR_NOT_FOUND');

      await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
      const renamed = nextEvent(ben.rooms, 'updated');
      const changed = await ana.rooms.update({ id: room.id, title: 'Launch II' });
      expect(changed).to.include({ id: room.id, title: 'Launch II', description: 'the big one' });
      expect(await renamed).to.include({ id: room.id, isLocked: false });

      for (const given of [room.id, decodeId(room.id)?.local ?? '', room])
        expect((await ben.rooms.get(given)).title).to.equal('Launch II');

      const gone = nextEvent(ben.memberships, 'deleted');
      await ana.rooms.remove(decodeId(room.id)?.local ?? '');
      expect((await gone).roomId).to.equal(room.id);
      for (const client of [ana, ben]) {
        expect((await refusal(client.rooms.get(room))).code).to.equal('ERR_NOT_FOUND');
        expect((await all(client.rooms.list())).map(({ id }) => id)).not.to.include(room.id);
      }
    });

    it('can be locked and be for announcements, which the other member receives and is bound by', async () => {
      const { id } = await roomOf(ana, 'ben@example.com');
      const locked = nextEvent(ben.rooms, 'updated', { where: ({ isLocked }) => isLocked });
      const room = await ana.rooms.update({ id, title: 'News', isLocked: true, isAnnouncementOnly: true });
      expect(room).to.include({ isLocked: true, isAnnouncementOnly: true });
      expect(await locked).to.include({ id, isLocked: true });
      expect((await refusal(ben.messages.create({ roomId: id, text: 'but' }))).code).to.equal(
        'ERR_FORBIDDEN',
      );
      expect((await refusal(ben.rooms.update({ id, title: 'Mine' }))).code).to.equal('ERR_FORBIDDEN');
      expect((await refusal(ben.rooms.remove(id))).code).to.equal('ERR_FORBIDDEN');
      const opened = nextEvent(ben.rooms, 'updated', { where: ({ isLocked }) => !isLocked });
      // a fetched room fits, its announcements end with the lock
      await ana.rooms.update({ ...room, title: 'Talk', isLocked: false, isAnnouncementOnly: false });
      expect((await opened).id).to.equal(id);
      expect((await ben.messages.create({ roomId: id, text: 'but' })).text).to.equal('but');
    });

    it('are listed page by page, sorted and filtered', async () => {
      const [cleo, dan] = await join(cloud, mode, [`cleo-${mode}`, `dan-${mode}`]);
      const made: string[] = [];
      for (const title of ['1', '2', '3', '4', '5']) made.push((await cleo.rooms.create({ title })).id);
      const direct = await cleo.messages.create({ toPersonEmail: `dan-${mode}@example.com`, text: 'hi' });
      const groups = cleo.rooms.list({ type: 'group', max: 2 });
      expect((await all(groups)).map(({ id }) => id)).to.have.members(made);
      const first = await groups.page();
      expect(first.items).to.have.length(2);
      expect(first.hasNext).to.equal(true);
      const second = await first.next();
      const third = await second.next();
      expect([second.items.length, third.items.length, third.hasNext]).to.deep.equal([2, 1, false]);

      const only = await all(cleo.rooms.list({ type: 'direct' }));
      expect(only.map(({ id, title }) => [id, title])).to.deep.equal([[direct.roomId, `Dan-${mode}`]]);
      expect((await dan.rooms.get(direct.roomId)).title).to.equal(`Cleo-${mode}`);

      await cleo.messages.create({ roomId: made[1] ?? '', text: 'up' });
      const active = await all(cleo.rooms.list({ sortBy: 'lastactivity', max: 3 }));
      expect(active[0]?.id).to.equal(made[1]);
      expect(active).to.have.length(6);
      const byId = await all(cleo.rooms.list({ sortBy: 'id', max: 4 }));
      const uuids = byId.map(({ id }) => decodeId(id)?.local ?? '');
      expect(uuids).to.deep.equal([...uuids].sort());
      expect(uuids).to.have.length(6);
      await Promise.all([cleo.close(), dan.close()]);
    });

    it('stop being listed when the signal aborts between pages', async () => {
      for (const title of ['1', '2', '3']) await ana.rooms.create({ title });
      const stop = new AbortController();
      const reason = new Error('enough');
      const seen: string[] = [];
      let thrown: unknown;
      try {
        for await (const { id } of ana.rooms.list({ max: 2 }, { signal: stop.signal })) {
          seen.push(id);
          stop.abort(reason);
        }
      } catch (error) {
        thrown = error;
      }
      expect(thrown).to.equal(reason);
      expect(seen).to.have.length(2); // what was there already is given out
    });

    it('of two are created by a message, announced to both, and belong to both', async () => {
      const received = Promise.all([ana, ben].map((client) => nextEvent(client.rooms, 'created')));
      const { roomId } = await ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'hello' });
      for (const event of await received) expect(event).to.include({ id: roomId, type: 'direct' });
      expect(await ben.rooms.get(roomId)).to.include({ type: 'direct', title: 'Ana' });
      expect((await refusal(ana.rooms.update({ id: roomId, title: 'Us' }))).code).to.equal('ERR_BAD_REQUEST');
      expect((await refusal(ana.rooms.remove(roomId))).code).to.equal('ERR_FORBIDDEN');
    });

    it('say how far they have been read', async () => {
      const room = await roomOf(ana, 'ben@example.com');
      const before = await ben.rooms.getWithReadStatus(room.id);
      expect(before).to.include({ id: room.id, type: 'group', lastSeenActivityDate: never });
      // its title is ciphertext to the conversation service
      if (mode === 'e2ee') expect(before.title).to.equal(room.title);
      else expect(before).to.include({ titleEncrypted: true }).and.not.have.property('title');

      const message = await ana.messages.create({ roomId: room.id, text: 'news' });
      const unread = await ben.rooms.getWithReadStatus(decodeId(room.id)?.local ?? '');
      expect(unread.lastActivityDate).to.equal(message.created);
      await ben.memberships.updateLastSeen(message);
      expect((await ben.rooms.getWithReadStatus(room.id)).lastSeenActivityDate).to.equal(message.created);

      const other = await roomOf(ana, 'ben@example.com');
      await ana.messages.create({ roomId: other.id, text: 'newer' });
      const { items } = await ben.rooms.listWithReadStatus();
      expect(items.slice(0, 2).map(({ id }) => id)).to.deep.equal([other.id, room.id]);
      expect(items[1]?.lastSeenActivityDate).to.equal(message.created);
      const recent = await ben.rooms.listWithReadStatus(1);
      expect(recent.items.map(({ id }) => id)).to.deep.equal([other.id]);
      expect((await refusal(ben.rooms.listWithReadStatus(-1))).code).to.equal('ERR_ARGUMENT');
    });

    it('are found and entered by others when they are public, and only then', async () => {
      const bare = ana.rooms.create({ title: 'Town', isPublic: true });
      expect((await refusal(bare)).code).to.equal('ERR_BAD_REQUEST');
      const room = await ana.rooms.create({ title: 'Town', isPublic: true, description: 'hall' });
      expect(room).to.include({ isPublic: true, description: 'hall' });
      const found = await all(ben.rooms.list({ orgPublicSpaces: true, max: 1 }));
      expect(found.map(({ id }) => id)).to.include(room.id);
      expect((await ben.rooms.get(room)).title).to.equal('Town');
      expect((await refusal(ben.messages.list({ roomId: room.id }).page())).code).to.equal('ERR_NOT_FOUND');

      const received = nextEvent(ana.memberships, 'created');
      const { id: personId } = await ben.people.me();
      await ben.memberships.create({ roomId: room.id, personId });
      expect(await received).to.include({ roomId: room.id, personId });
      const written = nextEvent(ana.messages, 'created');
      await ben.messages.create({ roomId: room.id, text: 'here I am' });
      expect((await written).text).to.equal('here I am');

      const closed = await ana.rooms.update({ id: room.id, title: 'Town', isPublic: false });
      expect(closed.isPublic).to.equal(false);
      const [mine] = await all(ben.memberships.list({ roomId: room.id, personId }));
      if (mine) await ben.memberships.remove(mine);
      const again = ben.memberships.create({ roomId: room.id, personId });
      expect((await refusal(again)).code).to.equal('ERR_NOT_FOUND');
    });

    it('say clearly what this service does not have', async () => {
      const { id } = await roomOf(ana);
      const path = `rooms/${id}/meetingInfo`;
      const asked = await refusal(ana.request({ service: 'hydra', path }));
      expect(asked.status).to.equal(501);
      expect(asked.message).to.contain('meetings');
      const classified = ana.rooms.create({ title: 'x', classificationId: 'y' });
      expect((await refusal(classified)).status).to.equal(501);
    });

    it('are refused for what is wrong or not there', async () => {
      expect((await refusal(ana.rooms.get(''))).code).to.equal('ERR_ARGUMENT');
      expect((await refusal(ana.rooms.get(encodeId('ROOM', nowhere)))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(ana.rooms.get(encodeId('PEOPLE', nowhere)))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(ana.rooms.getWithReadStatus('noise'))).code).to.equal('ERR_ARGUMENT');
      expect((await refusal(ana.rooms.getWithReadStatus(nowhere))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(ana.rooms.create({ title: ' ' }))).code).to.equal('ERR_BAD_REQUEST');
      const halfLocked = ana.rooms.create({ title: 'News', isAnnouncementOnly: true });
      expect((await refusal(halfLocked)).code).to.equal('ERR_BAD_REQUEST');
      expect((await refusal(ana.rooms.list({ max: 0 }).page())).code).to.equal('ERR_BAD_REQUEST');
    });
  });
