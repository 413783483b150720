import type { PeopleQuery } from '@trunkline/people';
import { nextEvent, startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, join, modes, part, refusal, roomOf, type Member } from '../kit/members.js';

const nowhere = '00000000-0000-4000-8000-000000000000';

for (const mode of modes)
  describe(`people, ${mode}`, () => {
    let cloud: Cloud;
    let ana: Member;
    let ben: Member;
    let persons: readonly CloudPerson[];
    before(async () => {
      cloud = await startCloud();
      [ana, ben] = await join(cloud, mode, ['ana', 'ben']);
      persons = await Promise.all(['ana', 'ben', 'bennet', 'cleo'].map((name) => cloud.person(name)));
    });
    after(() => part(cloud, ana, ben));

    it('begin with oneself', async () => {
      const [me, again, byName] = await Promise.all([ana.people.me(), ana.people.me(), ana.people.get('me')]);
      const [person] = persons;
      expect(me).to.deep.include({
        id: encodeId('PEOPLE', person?.id ?? ''),
        emails: ['ana@example.com'],
        displayName: 'Ana',
        orgId: encodeId('ORGANIZATION', person?.orgId ?? ''),
        type: 'person',
      });
      expect(again).to.deep.equal(me);
      expect(byName).to.deep.equal(me);
    });

    it('are looked up together, in either form of id, and only who is missing is missing', async () => {
      const ids = persons.map(({ id }) => id);
      const missing = refusal(ana.people.get(encodeId('PEOPLE', nowhere)));
      const [listed, one, byObject] = await Promise.all([
        ana.people.list(ids.map((id, n) => (n % 2 === 0 ? id : encodeId('PEOPLE', id)))),
        ana.people.get(ids[1] ?? ''),
        ana.people.get({ id: encodeId('PEOPLE', ids[2] ?? '') }),
      ]);
      expect(listed.map(({ displayName }) => displayName)).to.deep.equal(['Ana', 'Ben', 'Bennet', 'Cleo']);
      expect([one.displayName, byObject.displayName]).to.deep.equal(['Ben', 'Bennet']);
      expect(await missing).to.include({ code: 'ERR_NOT_FOUND', status: 404 });
      expect((await refusal(ana.people.list([ids[0] ?? '', nowhere]))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(ana.people.get(''))).code).to.equal('ERR_ARGUMENT');
      expect((await refusal(ana.people.get('noise'))).code).to.equal('ERR_NOT_FOUND');
    });

    it('are found by address or the beginning of a name, and not without either', async () => {
      const names = async (query: PeopleQuery): Promise<readonly string[]> =>
        (await all(ana.people.list(query))).map(({ displayName }) => displayName);
      expect(await names({ email: 'BEN@example.com' })).to.deep.equal(['Ben']);
      expect(await names({ displayName: 'ben' })).to.have.members(['Ben', 'Bennet']);
      expect(await names({ email: 'nobody@example.com' })).to.deep.equal([]);
      expect((await refusal(ana.people.list({}).page())).code).to.equal('ERR_BAD_REQUEST');
    });

    it('are the same person in messages, memberships and rooms', async () => {
      const { id: roomId } = await roomOf(ana, 'ben@example.com');
      const received = nextEvent(ben.messages, 'created');
      const sent = await ana.messages.create({ roomId, text: 'who am I' });
      const me = await ana.people.me();
      expect((await received).personId).to.equal(me.id);
      expect((await received).personEmail).to.equal('ana@example.com');
      expect(sent.personId).to.equal(me.id);
      expect((await ben.rooms.get(roomId)).creatorId).to.equal(me.id);
      const members = await all(ben.memberships.list({ roomId }));
      expect(members.map(({ personId }) => personId)).to.include(me.id);
      expect((await ben.people.get(sent.personId)).displayName).to.equal('Ana');
    });

    it('given up before they were asked for are not waited for', async () => {
      const stop = new AbortController();
      const reason = new Error('never mind');
      const gone = ana.people
        .get(persons[3]?.id ?? '', { signal: stop.signal })
        .catch((error: unknown) => error);
      const kept = ana.people.get(persons[1]?.id ?? '');
      stop.abort(reason);
      expect(await gone).to.equal(reason);
      expect((await kept).displayName).to.equal('Ben');
    });
  });
