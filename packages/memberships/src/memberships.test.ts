import { fakeHost } from '@trunkline/testing/fakes';
import { encodeId, encodeMembershipId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createMemberships } from './memberships.js';

const room = '00000000-0000-4000-8000-000000000001';
const ana = '00000000-0000-4000-8000-0000000000aa';
const ben = '00000000-0000-4000-8000-0000000000bb';
const message = '00000000-0000-4000-8000-0000000000cc';
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const url = `https://cloud.test/conversation/conversations/${room}`;
const target = { id: room, url, objectType: 'conversation', tags: ['ONE_ON_ONE', 'HIDDEN'] };
const member = (uuid: string) => ({
  id: uuid,
  entryUUID: uuid,
  objectType: 'person',
  emailAddress: `${uuid}@x`,
  displayName: 'N',
  orgId: room,
});
const activity = (verb: string, object: object) =>
  ({
    id: room,
    objectType: 'activity',
    verb,
    url,
    published: '2030-01-01T00:00:00.000Z',
    actor: member(ana),
    object,
    target,
  }) as WireActivity;

describe('Memberships', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ items: [] });
    const memberships = createMemberships(fakeHost({ request }));
    await memberships.create({ roomId: 'r', personEmail: 'ben@x' });
    await memberships.get('m1');
    await memberships.list({ roomId: 'r' }).page();
    await memberships.update({ id: 'm1', isModerator: true });
    await memberships.remove('m1');
    expect(request.args.flat()).to.deep.equal([
      { method: 'POST', service: 'hydra', path: 'memberships', body: { roomId: 'r', personEmail: 'ben@x' } },
      { service: 'hydra', path: 'memberships/m1' },
      { service: 'hydra', path: 'memberships', query: { roomId: 'r' } },
      { method: 'PUT', service: 'hydra', path: 'memberships/m1', body: { id: 'm1', isModerator: true } },
      { method: 'DELETE', service: 'hydra', path: 'memberships/m1' },
    ]);
  });
  it('rejects bad arguments before any request', async () => {
    const request = sinon.stub();
    const memberships = createMemberships(fakeHost({ request }));
    const calls = [
      memberships.create({ roomId: 'r' }),
      memberships.create({ roomId: 'r', personId: 'p', personEmail: 'e' }),
      memberships.get(''),
      memberships.updateLastSeen({ id: 'x', roomId: room }),
      memberships.listWithReadStatus({ roomId: 'x' }),
    ];
    for (const call of calls) expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });

  describe('updateLastSeen', () => {
    it('posts an acknowledge activity when there is no engine', async () => {
      const request = sinon.stub();
      request.onFirstCall().resolves({ id: encodeId('PEOPLE', ana) });
      request.onSecondCall().resolves(activity('acknowledge', { objectType: 'activity', id: message }));
      const seen = await createMemberships(fakeHost({ request })).updateLastSeen({
        id: encodeId('MESSAGE', message),
        roomId: encodeId('ROOM', room),
      });
      sinon.assert.calledWithMatch(request.secondCall, {
        method: 'POST',
        service: 'conversation',
        path: `conversations/${room}/activities`,
        query: { personRefresh: true },
        body: {
          verb: 'acknowledge',
          actor: { entryUUID: ana },
          object: { objectType: 'activity', id: message },
          target: { id: room, url },
        },
      });
      expect(seen).to.include({
        id: encodeMembershipId(ana, room),
        lastSeenId: encodeId('MESSAGE', message),
        personId: encodeId('PEOPLE', ana),
        isMonitor: false,
      });
    });
    it('goes through the engine when it is there', async () => {
      const acknowledge = sinon
        .stub()
        .resolves(activity('acknowledge', { objectType: 'activity', id: message }));
      await createMemberships(fakeHost({ peers: { conversation: { acknowledge } } })).updateLastSeen({
        id: message,
        roomId: room,
      });
      sinon.assert.calledOnceWithMatch(acknowledge, room, message);
    });
  });

  it('lists members with how far each has read', async () => {
    const request = sinon.stub();
    const seen = {
      isModerator: true,
      lastSeenActivityUUID: message,
      lastSeenActivityDate: '2030-01-01T00:00:00.000Z',
    };
    request.onFirstCall().resolves({
      ...target,
      participants: { items: [{ ...member(ana), roomProperties: seen }, member(ben)] },
    });
    request.onSecondCall().resolves({ id: encodeId('PEOPLE', ben) });
    const { items } = await createMemberships(fakeHost({ request })).listWithReadStatus({ roomId: room });
    sinon.assert.calledWithMatch(request.firstCall, {
      service: 'conversation',
      path: `conversations/${room}`,
      query: { participantAckFilter: 'all', activitiesLimit: 0 },
    });
    expect(items[0]).to.include({
      lastSeenId: encodeId('MESSAGE', message),
      lastSeenDate: seen.lastSeenActivityDate,
      isModerator: true,
      roomType: 'direct',
    });
    expect(items[0]).not.to.have.property('isRoomHidden');
    expect(items[1]).to.include({ isRoomHidden: true, personId: encodeId('PEOPLE', ben) });
    expect(items[1]).not.to.have.any.keys('lastSeenId', 'isModerator');
  });

  describe('events', () => {
    const rows: readonly (readonly [string, object, string])[] = [
      ['add', member(ben), `created ${ben}`],
      ['leave', member(ben), `deleted ${ben}`],
      ['assignModerator', member(ben), `updated ${ben}`],
      ['unassignModerator', member(ben), `updated ${ben}`],
      ['hide', target, `updated ${ana}`],
      ['acknowledge', { objectType: 'activity', id: message }, `seen ${ana}`],
      [
        'create',
        { ...target, participants: { items: [member(ana), member(ben)] } },
        `created ${ana},created ${ben}`,
      ],
      ['add', { objectType: 'reaction2', id: message }, ''],
      ['tag', target, ''],
    ];
    for (const [verb, object, expected] of rows)
      it(`${verb} is ${expected || 'nothing'}`, () => {
        const host = fakeHost();
        const memberships = createMemberships(host);
        const seen: string[] = [];
        for (const type of ['created', 'updated', 'deleted', 'seen'] as const)
          memberships.on(type, ({ id, actorId }) => seen.push(`${type} ${id} by ${actorId}`));
        void host.fire('conversation.activity', {
          eventType: 'conversation.activity',
          activity: activity(verb, object),
        });
        const ids = expected === '' ? [] : expected.split(',').map((one) => one.split(' '));
        expect(seen).to.deep.equal(
          ids.map(
            ([type = '', uuid = '']) =>
              `${type} ${encodeMembershipId(uuid, room)} by ${encodeId('PEOPLE', ana)}`,
          ),
        );
      });
  });
});
