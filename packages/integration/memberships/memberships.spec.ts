import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeMembershipId, encodeId, encodeMembershipId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, join, modes, part, refusal, roomOf, type Member } from '../kit/members.js';

const nowhere = '00000000-0000-4000-8000-000000000000';

for (const mode of modes)
  describe(`memberships, ${mode}`, () => {
    let cloud: Cloud;
    let ana: Member;
    let ben: Member;
    let cleo: Member;
    before(async () => {
      cloud = await startCloud();
      [ana, ben, cleo] = await join(cloud, mode, ['ana', 'ben', 'cleo']);
    });
    after(() => part(cloud, ana, ben, cleo));

    it('are made by address and by id, once each, and every member of the room is notified', async () => {
      const { id: roomId } = await ana.rooms.create({ title: 'Members' });
      const benHears = nextEvent(ben.memberships, 'created');
      const made = await ana.memberships.create({ roomId, personEmail: 'Ben@Example.com' });
      const benPerson = await ben.people.me();
      expect(made).to.include({
        roomId,
        personId: benPerson.id,
        personEmail: 'ben@example.com',
        personDisplayName: 'Ben',
        personOrgId: benPerson.orgId,
        isModerator: false,
        roomType: 'group',
      });
      expect(await benHears).to.include({
        id: made.id,
        roomId,
        personId: benPerson.id,
        personEmail: 'ben@example.com',
        personDisplayName: 'Ben',
        isModerator: false,
        roomType: 'group',
      });

      const others = Promise.all([ana, ben, cleo].map((client) => nextEvent(client.memberships, 'created')));
      const { id: cleoUuid } = await cloud.person('cleo');
      const cleoIn = await ben.memberships.create({ roomId, personId: cleoUuid });
      for (const event of await others) expect(event.id).to.equal(cleoIn.id);

      const again = await refusal(ana.memberships.create({ roomId, personEmail: 'ben@example.com' }));
      expect(again).to.include({ code: 'ERR_CONFLICT', status: 409 });
      for (const id of [made.id, decodeMembershipId(made.id)]) {
        const given = typeof id === 'string' ? id : `${id?.personUuid ?? ''}:${id?.roomUuid ?? ''}`;
        expect((await cleo.memberships.get(given)).id).to.equal(made.id);
      }
      expect((await cleo.memberships.get(made)).personDisplayName).to.equal('Ben');
    });

    it('are listed by room, by person in it, and as one’s own, page by page', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com', 'cleo@example.com');
      const list = cleo.memberships.list({ roomId, max: 2 });
      expect((await list.page()).items).to.have.length(2);
      const names = (await all(list)).map(({ personDisplayName }) => personDisplayName);
      expect(names).to.deep.equal(['Ana', 'Ben', 'Cleo']);
      const [one, ...none] = await all(cleo.memberships.list({ roomId, personEmail: 'ben@example.com' }));
      expect(one?.personDisplayName).to.equal('Ben');
      expect(none).to.deep.equal([]);
      const { id: personId } = await ben.people.me();
      expect(await all(cleo.memberships.list({ roomId, personId }))).to.deep.equal([one]);
      const mine = await all(cleo.memberships.list({ max: 1 }));
      expect(mine.map((membership) => membership.roomId)).to.include(roomId);
      expect(new Set(mine.map((membership) => membership.personDisplayName))).to.deep.equal(
        new Set(['Cleo']),
      );
      const others = refusal(cleo.memberships.list({ personId }).page());
      expect((await others).code).to.equal('ERR_BAD_REQUEST');
    });

    it('of a moderator lock the room, those of the last one open it again', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com', 'cleo@example.com');
      const [membership] = await all(ana.memberships.list({ roomId, personEmail: 'ben@example.com' }));
      const id = membership?.id ?? '';
      const made = nextEvent(cleo.memberships, 'updated', { where: (event) => event.id === id });
      const locked = nextEvent(cleo.rooms, 'updated', { where: ({ isLocked }) => isLocked });
      expect((await ana.memberships.update({ id, isModerator: true })).isModerator).to.equal(true);
      expect(await made).to.include({ id, isModerator: true, personDisplayName: 'Ben' });
      expect((await locked).id).to.equal(roomId);
      expect((await cleo.rooms.get(roomId)).isLocked).to.equal(true);
      const [hers] = await all(ana.memberships.list({ roomId, personEmail: 'ana@example.com' }));
      expect(hers?.isModerator).to.equal(true); // who locks a room keeps the right to manage it

      const [mine] = await all(cleo.memberships.list({ roomId, personEmail: 'cleo@example.com' }));
      const self = refusal(cleo.memberships.update({ id: mine?.id ?? '', isModerator: true }));
      expect((await self).code).to.equal('ERR_FORBIDDEN');
      expect((await refusal(cleo.memberships.remove(id))).code).to.equal('ERR_FORBIDDEN');
      await cloud.person('dan');
      const adding = refusal(cleo.memberships.create({ roomId, personEmail: 'dan@example.com' }));
      expect((await adding).code).to.equal('ERR_FORBIDDEN');

      const unmade = nextEvent(cleo.memberships, 'updated', { where: (event) => event.id === id });
      const opened = nextEvent(cleo.rooms, 'updated', { where: ({ isLocked }) => !isLocked });
      const after = await ben.memberships.update({ ...(await ben.memberships.get(id)), isModerator: false });
      expect(after.isModerator).to.equal(false);
      expect(await unmade).to.include({ id, isModerator: false });
      await ana.memberships.update({ id: hers?.id ?? '', isModerator: false });
      expect((await opened).id).to.equal(roomId);
    });

    it('can be made moderators at once', async () => {
      const { id: roomId } = await ana.rooms.create({ title: 'Moderated' });
      const locked = nextEvent(ben.rooms, 'updated', { where: ({ isLocked }) => isLocked });
      const made = await ana.memberships.create({
        roomId,
        personEmail: 'ben@example.com',
        isModerator: true,
      });
      expect(made.isModerator).to.equal(true);
      expect((await locked).id).to.equal(roomId);
    });

    it('hide a room of two from oneself, until someone writes', async () => {
      const { roomId } = await ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'hi' });
      const [mine] = await all(ben.memberships.list({ roomId, personEmail: 'ben@example.com' }));
      expect(mine?.isRoomHidden).to.equal(false);
      const id = mine?.id ?? '';
      const hidden = nextEvent(ben.memberships, 'updated');
      expect((await ben.memberships.update({ id, isRoomHidden: true })).isRoomHidden).to.equal(true);
      expect(await hidden).to.include({ id, roomId, roomType: 'direct', isRoomHidden: true });
      const { items } = await ben.memberships.listWithReadStatus({ roomId });
      expect(items.find((item) => item.id === id)?.isRoomHidden).to.equal(true);
      expect(items.filter((item) => item.isRoomHidden)).to.have.length(1);
      // what someone hides is no one else's business
      expect((await ana.memberships.get(id)).isRoomHidden).to.equal(undefined);
      const theirs = (await ana.memberships.listWithReadStatus({ roomId })).items;
      expect(theirs.some((item) => item.isRoomHidden)).to.equal(false);
      for (const isRoomHidden of [true, false])
        expect((await refusal(ana.memberships.update({ id, isRoomHidden }))).code).to.equal('ERR_FORBIDDEN');
      await ana.messages.create({ toPersonEmail: 'ben@example.com', text: 'still there?' });
      expect((await ben.memberships.get(id)).isRoomHidden).to.equal(false);
      const group = await roomOf(ana, 'ben@example.com');
      const [inGroup] = await all(ben.memberships.list({ roomId: group.id, personEmail: 'ben@example.com' }));
      const hiding = refusal(ben.memberships.update({ id: inGroup?.id ?? '', isRoomHidden: true }));
      expect((await hiding).code).to.equal('ERR_BAD_REQUEST');
    });

    it('end, with an event for the others and for the member who leaves, and can begin again', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com', 'cleo@example.com');
      const before = await ana.messages.create({ roomId, text: 'before' });
      const [membership] = await all(ana.memberships.list({ roomId, personEmail: 'ben@example.com' }));
      const received = Promise.all(
        [ana, ben, cleo].map((client) => nextEvent(client.memberships, 'deleted')),
      );
      await ana.memberships.remove(membership ?? '');
      for (const event of await received) expect(event).to.include({ id: membership?.id, roomId });

      for (const attempt of [
        () => ben.rooms.get(roomId),
        () => ben.rooms.getWithReadStatus(roomId),
        () => ben.messages.get(before.id),
        () => ben.messages.list({ roomId }).page(),
        () => ben.messages.create({ roomId, text: 'hello?' }),
        () => ben.memberships.list({ roomId }).page(),
        () => ben.memberships.updateLastSeen(before),
        () => ben.memberships.remove(membership?.id ?? ''),
      ])
        expect((await refusal(attempt())).code).to.equal('ERR_NOT_FOUND');
      const texts: string[] = [];
      const off = ben.messages.on('created', ({ text }) => texts.push(text ?? ''));
      await ana.messages.create({ roomId, text: 'without you' });

      const back = nextEvent(ben.memberships, 'created');
      const again = await cleo.memberships.create({ roomId, personEmail: 'ben@example.com' });
      expect((await back).id)
        .to.equal(again.id)
        .and.to.equal(membership?.id);
      const welcome = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId, text: 'welcome back' });
      expect((await welcome).text).to.equal('welcome back');
      expect(texts).to.deep.equal(['welcome back']);
      off();
      const history = await all(ben.messages.list({ roomId }));
      expect(history.map(({ text }) => text)).to.deep.equal(['welcome back', 'without you', 'before']);
      await ben.memberships.remove(again.id); // of one's own accord
      expect((await refusal(ben.rooms.get(roomId))).code).to.equal('ERR_NOT_FOUND');
    });

    it('say how far everybody has read, and tell the others at once', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com', 'cleo@example.com');
      const first = await ana.messages.create({ roomId, text: 'one' });
      const second = await ana.messages.create({ roomId, text: 'two' });
      const seen = Promise.all([ana, cleo].map((client) => nextEvent(client.memberships, 'seen')));
      const receipt = await ben.memberships.updateLastSeen(second);
      const { id: personId } = await ben.people.me();
      expect(receipt).to.include({ roomId, personId, lastSeenId: second.id, isMonitor: false });
      for (const event of await seen)
        expect(event).to.include({ id: receipt.id, roomId, personId, lastSeenId: second.id });

      // an older receipt that comes late takes nothing back
      await ben.memberships.updateLastSeen(first);
      const { items } = await cleo.memberships.listWithReadStatus({ roomId });
      expect(items.map(({ personDisplayName }) => personDisplayName)).to.have.members(['Ana', 'Ben', 'Cleo']);
      const status = items.find((item) => item.personId === personId);
      expect(status).to.include({
        id: receipt.id,
        lastSeenId: second.id,
        lastSeenDate: second.created,
        personEmail: 'ben@example.com',
        roomType: 'group',
      });
      expect(items.find((item) => item.personDisplayName === 'Cleo')).not.to.have.property('lastSeenId');
    });

    it('are refused for what is wrong or not there', async () => {
      const { id: roomId } = await ana.rooms.create({ title: 'Refusals' });
      const code = async (work: Promise<unknown>): Promise<string> => (await refusal(work)).code;
      expect(await code(ana.memberships.create({ roomId }))).to.equal('ERR_ARGUMENT');
      const both = { roomId, personId: nowhere, personEmail: 'ben@example.com' };
      expect(await code(ana.memberships.create(both))).to.equal('ERR_ARGUMENT');
      const nobody = { roomId, personEmail: 'nobody@example.com' };
      expect(await code(ana.memberships.create(nobody))).to.equal('ERR_NOT_FOUND');
      expect(await code(ana.memberships.create({ roomId, personId: nowhere }))).to.equal('ERR_NOT_FOUND');
      expect(await code(ana.memberships.get(''))).to.equal('ERR_ARGUMENT');
      expect(await code(ana.memberships.get(encodeMembershipId(nowhere, nowhere)))).to.equal('ERR_NOT_FOUND');
      expect(await code(ana.memberships.get(roomId))).to.equal('ERR_NOT_FOUND');
      const noRoom = encodeId('ROOM', nowhere);
      expect(await code(ana.memberships.list({ roomId: noRoom }).page())).to.equal('ERR_NOT_FOUND');
      expect(await code(ana.memberships.listWithReadStatus({ roomId: 'noise' }))).to.equal('ERR_ARGUMENT');
      expect(await code(ana.memberships.updateLastSeen({ id: nowhere, roomId }))).to.equal('ERR_NOT_FOUND');
      const direct = await ana.messages.create({ toPersonEmail: 'cleo@example.com', text: 'hi' });
      const third = { roomId: direct.roomId, personEmail: 'ben@example.com' };
      expect(await code(ana.memberships.create(third))).to.equal('ERR_FORBIDDEN');
    });
  });
