import { answer, fakeHost } from '@trunkline/testing/fakes';
import { encodeId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createRooms } from './rooms.js';

const uuid = '00000000-0000-4000-8000-000000000001';
const person = '00000000-0000-4000-8000-0000000000aa';
const roomId = encodeId('ROOM', uuid);
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const url = `https://cloud.test/conversation/conversations/${uuid}`;
const conversation = { id: uuid, url, tags: ['LOCKED'], displayName: 'Ops', objectType: 'conversation' };
const activity = (verb: string, more: object) =>
  ({
    id: uuid,
    objectType: 'activity',
    verb,
    url,
    published: '2030-01-01T00:00:00.000Z',
    actor: { id: person, entryUUID: person, objectType: 'person' },
    object: conversation,
    ...more,
  }) as WireActivity;
const jwe = `${Buffer.from('{"alg":"dir","enc":"A256GCM"}').toString('base64url')}..a.b.c`;

describe('Rooms', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ id: roomId });
    const rooms = createRooms(fakeHost({ request }));
    await rooms.create({ title: 'Ops' });
    await rooms.get('r/1');
    await rooms.update({ id: 'r1', title: 'New' });
    await rooms.remove({ id: 'r1' });
    expect(request.args.flat()).to.deep.equal([
      { method: 'POST', service: 'hydra', path: 'rooms', body: { title: 'Ops' } },
      { service: 'hydra', path: 'rooms/r%2F1' },
      { method: 'PUT', service: 'hydra', path: 'rooms/r1', body: { id: 'r1', title: 'New' } },
      { method: 'DELETE', service: 'hydra', path: 'rooms/r1' },
    ]);
  });
  it('lists page by page', async () => {
    const request = sinon.stub();
    request
      .onFirstCall()
      .resolves(
        answer({ items: [{ id: 'a' }] }, { headers: { link: '<https://cloud.test/p2>; rel="next"' } }),
      );
    request.onSecondCall().resolves({ items: [{ id: 'b' }] });
    const ids: string[] = [];
    for await (const { id } of createRooms(fakeHost({ request })).list({ max: 1, type: 'group' }))
      ids.push(id);
    expect(ids).to.deep.equal(['a', 'b']);
    sinon.assert.calledWithMatch(request.firstCall, { path: 'rooms', query: { max: 1, type: 'group' } });
    sinon.assert.calledWithMatch(request.secondCall, { url: 'https://cloud.test/p2' });
  });
  it('rejects bad arguments before any request', async () => {
    const request = sinon.stub();
    const rooms = createRooms(fakeHost({ request }));
    for (const call of [
      rooms.get(''),
      rooms.remove({ id: '' }),
      rooms.getWithReadStatus('x'),
      rooms.listWithReadStatus(-1),
    ])
      expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });

  describe('read status', () => {
    it('asks the conversation service and maps one room', async () => {
      const request = sinon
        .stub()
        .resolves({ ...conversation, lastReadableActivityDate: '2030-01-01T00:00:00.000Z' });
      const room = await createRooms(fakeHost({ request })).getWithReadStatus(roomId);
      sinon.assert.calledOnceWithMatch(request, {
        service: 'conversation',
        path: `conversations/${uuid}`,
        query: { activitiesLimit: 0, computeTitleIfEmpty: true },
      });
      expect(room).to.deep.equal({
        id: roomId,
        type: 'group',
        title: 'Ops',
        lastActivityDate: '2030-01-01T00:00:00.000Z',
        lastSeenActivityDate: '1970-01-01T00:00:00.000Z',
      });
    });
    it('sorts newest first, and bounds recent rooms by number and age', async () => {
      const items = ['2030-01-01', '2030-01-03', '2030-01-02'].map((day) => ({
        ...conversation,
        displayName: day,
        lastReadableActivityDate: `${day}T00:00:00.000Z`,
      }));
      const request = sinon.stub().resolves({ items });
      const host = fakeHost({ request });
      const list = await createRooms(host).listWithReadStatus(2);
      expect(list.items.map(({ title }) => title)).to.deep.equal(['2030-01-03', '2030-01-02']);
      sinon.assert.calledOnceWithMatch(request, {
        path: 'conversations',
        query: { conversationsLimit: 2, isActive: true, sinceDate: host.clock.now() - 14 * 86_400_000 },
      });
    });
    it('decrypts titles with the engine, and says so where it cannot', async () => {
      const request = sinon
        .stub()
        .resolves({ ...conversation, displayName: jwe, encryptionKeyUrl: 'kms://k' });
      const read = async (peers: object) =>
        await createRooms(fakeHost({ request, peers: { ...peers } })).getWithReadStatus(uuid);
      expect(await read({ encryption: { decryptText: () => 'Secret' } })).to.include({ title: 'Secret' });
      for (const peers of [{}, { encryption: { decryptText: () => Promise.reject(new Error('lost')) } }]) {
        const room = await read(peers);
        expect(room).to.include({ titleEncrypted: true });
        expect(room).not.to.have.property('title');
      }
    });
  });

  describe('events', () => {
    const target = { ...conversation };
    const rows: readonly (readonly [string, object, string])[] = [
      ['create', {}, 'created'],
      ['update', { target }, 'updated'],
      ['lock', {}, 'updated'],
      ['unlock', {}, 'updated'],
      ['post', { target, object: { objectType: 'comment' } }, ''],
      ['add', { target, object: { objectType: 'person', id: person } }, ''],
    ];
    for (const [verb, more, expected] of rows)
      it(`${verb} is ${expected || 'nothing'}`, () => {
        for (const viaPeer of [false, true]) {
          let hear: (one: WireActivity) => unknown = () => undefined;
          const peer = { onActivity: (fn: typeof hear) => ((hear = fn), () => undefined) };
          const host = fakeHost(viaPeer ? { peers: { conversation: peer } } : {});
          const rooms = createRooms(host);
          const seen: string[] = [];
          rooms.on('created', ({ id, isLocked, actorId }) =>
            seen.push(`created ${id} ${String(isLocked)} by ${actorId}`),
          );
          rooms.on('updated', ({ id, isLocked, actorId }) =>
            seen.push(`updated ${id} ${String(isLocked)} by ${actorId}`),
          );
          if (viaPeer) hear(activity(verb, more));
          else
            void host.fire('conversation.activity', {
              eventType: 'conversation.activity',
              activity: activity(verb, more),
            });
          expect(seen).to.deep.equal(
            expected ? [`${expected} ${roomId} true by ${encodeId('PEOPLE', person)}`] : [],
          );
          expect(host.connects).to.equal(1);
        }
      });
    it('leaves the wire with stopListening', async () => {
      const host = fakeHost();
      const rooms = createRooms(host);
      await rooms.listen();
      expect(host.wireListeners).to.equal(1);
      rooms.stopListening();
      expect(host.wireListeners).to.equal(0);
    });
  });
});
