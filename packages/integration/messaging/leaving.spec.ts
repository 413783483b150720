import { isSdkError, type Client } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { startCloud, type Cloud } from '@trunkline/testing';
import { decodeId, encodeMembershipId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import { all, join, part, refusal, roomOf } from '../kit/members.js';
import { until } from '../kit/until.js';

const plugins = () => [rooms(), messages(), memberships(), people(), ...e2ee()] as const;
type Secret = Client<ReturnType<typeof plugins>>;
const nowhere = '00000000-0000-4000-8000-000000000000';

async function keysOf(client: Secret, roomUuid: string): Promise<string> {
  const { body } = await client.request<{ defaultActivityEncryptionKeyUrl: string }>({
    service: 'conversation',
    path: `conversations/${roomUuid}`,
  });
  return body.defaultActivityEncryptionKeyUrl;
}

describe('someone who is removed while others write', () => {
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('has no key and no frame of what is accepted afterwards, and the others miss nothing', async () => {
    const [ana, ben, eve] = await cloud.clients(['ana', 'ben', 'eve'], plugins);
    const received: Record<string, WireActivity[]> = { ana: [], ben: [], eve: [] };
    const listening = { ana, ben, eve };
    for (const [name, client] of Object.entries(listening)) {
      client.conversation.onActivity((activity) => void received[name]?.push(activity));
      await client.connect();
    }
    const participants = [(await cloud.person('ben')).id, (await cloud.person('eve')).id];
    const { id } = await ana.conversation.create({ participants, title: 'Race', forceGrouped: true });
    const old = await keysOf(ana, id);
    await eve.encryption.getKey(old);
    const said: string[] = [];
    const write = async (client: Secret, name: string): Promise<void> => {
      for (let n = 0; n < 15; n += 1) {
        const text = `${name} ${String(n)}`;
        await client.conversation.post(id, { text });
        said.push(text);
      }
    };
    const writing = Promise.all([write(ana, 'ana'), write(ben, 'ben')]);
    await until(
      () => said.length >= 6,
      () => 'they have hardly begun to write',
    );
    await ana.conversation.leave(id, (await cloud.person('eve')).id);
    await writing;
    const posts = (name: string): WireActivity[] =>
      (received[name] ?? []).filter(({ verb }) => verb === 'post');
    await until(
      () => posts('ana').length === 30 && posts('ben').length === 30,
      () => `ana received ${String(posts('ana').length)} and ben ${String(posts('ben').length)} of 30`,
    );
    for (const name of ['ana', 'ben'])
      expect(
        posts(name).map(({ object }) => object.displayName),
        name,
      ).to.have.members(said);
    const afterLeave = (received['ben'] ?? []).slice(
      (received['ben'] ?? []).findIndex(({ verb }) => verb === 'leave') + 1,
    );
    const later = afterLeave.filter(({ verb }) => verb === 'post');
    expect(later.length).to.be.greaterThan(0);
    for (const { encryptionKeyUrl } of later) expect(encryptionKeyUrl).not.to.equal(old);
    const fresh = await keysOf(ana, id);
    expect(fresh).not.to.equal(old);
    expect((await refusal(eve.encryption.getKey(fresh))).status).to.equal(403);
    expect((received['eve'] ?? []).at(-1)?.verb).to.equal('leave');
    for (const client of [ana, ben, eve]) await client.close();
  });
});

for (const mode of ['rest', 'e2ee'] as const)
  describe(`a cursor from before a removal (${mode})`, () => {
    it('opens no page any more', async () => {
      const cloud = await startCloud();
      const [ana, eve] = await join(cloud, mode, ['ana', 'eve']);
      const room = await roomOf(ana, 'eve@example.com');
      for (const text of ['one', 'two', 'three']) await ana.messages.create({ roomId: room.id, text });
      const page = await eve.messages.list({ roomId: room.id, max: 1 }).page();
      const members = await eve.memberships.list({ roomId: room.id, max: 1 }).page();
      expect(page.items).to.have.length(1);
      const roomUuid = decodeId(room.id)?.local ?? '';
      await ana.memberships.remove(encodeMembershipId((await cloud.person('eve')).id, roomUuid));
      for (const next of [page, members]) expect((await refusal(next.next())).status).to.equal(404);
      expect((await refusal(all(eve.messages.list({ roomId: room.id })))).status).to.equal(404);
      await part(cloud, ana, eve);
    });
  });

describe('the routes of a conversation, to a stranger', () => {
  it('answer as they do for a conversation that does not exist', async () => {
    const cloud = await startCloud();
    const [ana, eve] = await cloud.clients(['ana', 'eve'], plugins);
    const { id } = await ana.conversation.create({
      participants: [(await cloud.person('ben')).id],
      title: 'Secret',
      forceGrouped: true,
    });
    const post = await ana.conversation.post(id, { text: 'between us' });
    const ask = async (method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<string> => {
      try {
        const answer = await eve.request({ method, service: 'conversation', path, ...(body && { body }) });
        return `200 ${JSON.stringify(answer.body)}`;
      } catch (error) {
        if (!isSdkError(error)) throw error;
        return `${String(error.status)} ${error.message}`;
      }
    };
    const anonymous = (text: string): string =>
      text.replace(/\(tracking id [^)]*\)/, '').replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, 'ID');
    const routes = (room: string, activity: string): readonly Parameters<typeof ask>[] => [
      ['GET', `conversations/${room}`],
      ['GET', `conversations/${room}/activities?includeChildren=true`],
      [
        'GET',
        `conversations/${room}/activities/${activity}?activityType=reactionSummary&includeChildren=true`,
      ],
      ['GET', `conversations/${room}/parents`],
      ['GET', `conversations/${room}/parents/${activity}?activityType=edit`],
      ['GET', `conversations/${room}/parents/${activity}?activityType=reactionSummary`],
      ['GET', `activities/${activity}`],
      ['POST', 'bulk_activities_fetch', { activityUrls: [`activities/${activity}`] }],
      ['PUT', `conversations/${room}/space`],
      ['PUT', `conversations/${room}/space/hidden`],
      ['POST', `conversations/${room}/status/typing`, { eventType: 'status.start_typing' }],
      ...[
        'set',
        'unset',
        'assign',
        'unassign',
        'tag',
        'favorite',
        'hide',
        'mute',
        'lock',
        'update',
        'updateKey',
        'leave',
      ].map((verb): Parameters<typeof ask> => [
        'POST',
        `conversations/${room}/activities`,
        { verb, object: { objectType: 'conversation' } },
      ]),
    ];
    const none = routes(nowhere, nowhere);
    for (const [at, route] of routes(id, post.id).entries()) {
      const told = anonymous(await ask(...route));
      const other = none[at];
      if (other === undefined) throw new Error('the lists differ');
      expect(told, route[1]).to.equal(anonymous(await ask(...other)));
      if (!route[1].startsWith('bulk')) expect(told, route[1]).to.match(/^404/);
    }
    for (const path of ['mentions', 'threads', 'conversations/left', 'conversations'])
      expect(await ask('GET', path), path).to.equal('200 {"items":[]}');
    for (const client of [ana, eve]) await client.close();
    await cloud.close();
  });
});
