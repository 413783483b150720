import { isSdkError } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId, encodeId, encodeMembershipId } from '@trunkline/wire';
import { expect } from 'chai';

const plugins = () => [rooms(), messages(), memberships(), people(), e2ee()] as const;
const nowhere = '00000000-0000-4000-8000-000000000000';

/** What someone learns from a refusal: everything but the ids they sent themselves. */
async function refusal(work: Promise<unknown>, ...ids: readonly string[]): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (!isSdkError(error)) throw error;
    let text = `${error.code} ${String(error.status)} ${error.message}`;
    for (const id of ids) text = text.replaceAll(id, 'ID');
    return text.replace(/\(tracking id [^)]*\)/, '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
  }
  throw new Error('it was allowed');
}

describe('someone who is not a member', () => {
  let cloud: Cloud;
  beforeEach(async () => {
    cloud = await startCloud();
  });
  afterEach(() => cloud.close());

  it('gets neither room, nor message, nor membership, nor key, nor event, and cannot tell them from none', async () => {
    const [ana, ben, eve] = await cloud.clients(['ana', 'ben', 'eve'], plugins);
    const received: string[] = [];
    eve.messages.on('created', ({ id }) => received.push(id));
    eve.rooms.on('created', ({ id }) => received.push(id));
    eve.memberships.on('created', ({ id }) => received.push(id));
    await Promise.all([eve.messages.listen(), ben.messages.listen()]);
    const arrived = new Promise((resolve) => {
      ben.messages.on('created', resolve);
    });
    const room = await ana.rooms.create({ title: 'Secret' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    const message = await ana.messages.create({ roomId: room.id, text: 'between us' });
    await arrived;

    const roomUuid = decodeId(room.id)?.local ?? '';
    const noRoom = encodeId('ROOM', nowhere);
    const noMessage = encodeId('MESSAGE', nowhere);
    const benUuid = (await cloud.person('ben')).id;
    const pairs: [string, (roomId: string, messageId: string, membershipId: string) => Promise<unknown>][] = [
      ['rooms.get', (roomId) => eve.rooms.get(roomId)],
      ['rooms.update', (roomId) => eve.rooms.update({ id: roomId, title: 'Mine' })],
      ['rooms.remove', (roomId) => eve.rooms.remove(roomId)],
      ['messages.get', (_, messageId) => eve.messages.get(messageId)],
      ['messages.remove', (_, messageId) => eve.messages.remove(messageId)],
      ['messages.list', async (roomId) => eve.messages.list({ roomId }).page()],
      ['memberships.list', async (roomId) => eve.memberships.list({ roomId }).page()],
      ['memberships.get', (_, __, membershipId) => eve.memberships.get(membershipId)],
      ['memberships.remove', (_, __, membershipId) => eve.memberships.remove(membershipId)],
      ['memberships.create', (roomId) => eve.memberships.create({ roomId, personEmail: 'eve@example.com' })],
      ['messages.create', (roomId) => eve.messages.create({ roomId, text: 'hello?' })],
    ];
    for (const [name, attempt] of pairs) {
      const real = [room.id, message.id, encodeMembershipId(benUuid, roomUuid)] as const;
      const none = [noRoom, noMessage, encodeMembershipId(benUuid, nowhere)] as const;
      const told = await refusal(attempt(...real), ...real);
      expect(told, name).to.equal(await refusal(attempt(...none), ...none));
      expect(told, name).not.to.contain('Secret');
    }

    const { body } = await ana.request<{ defaultActivityEncryptionKeyUrl: string }>({
      service: 'conversation',
      path: `conversations/${roomUuid}`,
    });
    const keyUrl = body.defaultActivityEncryptionKeyUrl;
    const noKey = keyUrl.replace(/[^/]+$/, nowhere);
    expect(await refusal(eve.encryption.getKey(keyUrl), keyUrl)).to.equal(
      await refusal(eve.encryption.getKey(noKey), noKey),
    );
    expect(received).to.deep.equal([]);
    for (const client of [ana, ben, eve]) {
      await client.close();
      await expectQuiet(client);
    }
  });

  it('is what a removed member becomes', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], plugins);
    const received: string[] = [];
    ben.messages.on('created', ({ text }) => received.push(text ?? ''));
    await ben.messages.listen();
    const left = new Promise((resolve) => {
      ben.memberships.on('deleted', resolve);
    });
    const room = await ana.rooms.create({ title: 'Leaving' });
    const membership = await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    const arrived = new Promise((resolve) => {
      ben.messages.on('created', resolve);
    });
    await ana.messages.create({ roomId: room.id, text: 'before' });
    await arrived; // who is removed before asking for the key does not get it any more
    await ana.memberships.remove(membership.id);
    await left;
    await ana.messages.create({ roomId: room.id, text: 'after' });
    expect(await refusal(ben.rooms.get(room.id))).to.contain('ERR_NOT_FOUND');
    expect(received).to.deep.equal(['before']);
  });
});
