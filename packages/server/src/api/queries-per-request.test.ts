// How often a request asks the database. Times depend on the machine; counts do not.
import {
  encodeId,
  type Membership,
  type Message,
  type Room,
  uuidOf,
  type WireActivity,
  type WireConversation,
} from '@trunkline/wire';
import { expect } from 'chai';
import { recordStatements } from '../kernel/store/statements.test.js';
import { type ContentCloud, type Person, startContent } from '../modules/harness.test.js';

const conv = '/conversation/api/v1/conversations';
const uuidIn = (roomId: string): string => uuidOf('ROOM', roomId) ?? '';
const card = {
  contentType: 'application/vnd.microsoft.card.adaptive',
  content: { type: 'AdaptiveCard', version: '1.3', body: [{ type: 'TextBlock', text: 'hi' }] },
};

describe('queries per request', () => {
  const statements = recordStatements();
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let room: Room;
  let roomUuid: string;
  before(async () => {
    cloud = await startContent();
    [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Launch' });
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: ben.id });
    roomUuid = uuidIn(room.id);
    for (const text of ['one', 'two']) await cloud.ok(ana, 'POST', '/v1/messages', { roomId: room.id, text });
  });
  after(async () => {
    await cloud.close();
    statements.stop();
  });
  const tables = (): readonly string[] =>
    statements.take().map(({ sql }) => {
      const verb = /^\w+/.exec(sql)?.[0] ?? '';
      const table = /(?:insert into|update|delete from|cross join|from) "?(\w+)"?/.exec(sql)?.[1] ?? sql;
      return `${verb} ${table}`;
    });

  it('does not read members of a large room from the table of users again', async () => {
    const people = await Promise.all(Array.from({ length: 60 }, (_, n) => cloud.person(`p${String(n)}`)));
    const large = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Everyone' });
    for (const { id } of people)
      await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: large.id, personId: id });
    const id = uuidIn(large.id);
    const urls = [
      `/v1/memberships?roomId=${large.id}&max=1000`,
      `${conv}/${id}?participantAckFilter=all&activitiesLimit=0`,
      `${conv}/${id}?includeParticipants=true&activitiesLimit=5`,
    ];
    for (const url of urls) {
      await cloud.ok(ana, 'GET', url);
      statements.take();
      const { items, participants } = await cloud.ok<WireConversation & { items?: Membership[] }>(
        ana,
        'GET',
        url,
      );
      expect(items ?? participants?.items).to.have.length(61);
      const second = statements.take();
      expect(
        second.filter(({ sql }) => /\busers\b/.test(sql)),
        url,
      ).to.deep.equal([]);
      // each member once, and what is about the room itself
      expect(second.reduce((sum, { rows }) => sum + rows, 0)).to.be.within(61, 70);
    }
  });

  it('shows a new name in every list right after it was given', async () => {
    const direct = await cloud.ok<Message>(ana, 'POST', '/v1/messages', { toPersonId: ben.id, text: 'hi' });
    await cloud.ok(ben, 'POST', '/v1/messages', { roomId: room.id, text: 'by ben' });
    const directUuid = uuidIn(direct.roomId);
    const team = await cloud.ok<{ id: string }>(ana, 'POST', '/v1/teams', { name: 'Crew' });
    await cloud.ok(ana, 'POST', '/v1/team/memberships', { teamId: team.id, personId: ben.id });
    const publicId = encodeId('PEOPLE', ben.id);
    const urls = [
      `/v1/people?id=${publicId}`,
      `/v1/people/${publicId}`,
      `/v1/people?email=${ben.email}`,
      `/v1/memberships?roomId=${room.id}`,
      `/v1/memberships?roomId=${room.id}&personId=${publicId}`,
      `/v1/team/memberships?teamId=${team.id}`,
      `/v1/rooms?type=direct`,
      `/v1/rooms/${direct.roomId}`,
      `${conv}/${roomUuid}?includeParticipants=true&activitiesLimit=10`,
      `${conv}/${roomUuid}/activities?limit=10`,
      `${conv}?participantsLimit=10&activitiesLimit=10`,
      `${conv}/${directUuid}?computeTitleIfEmpty=true`,
      `/conversation/api/v1/users/${ben.id}`,
    ];
    const shown = async (url: string): Promise<string> => JSON.stringify(await cloud.ok(ana, 'GET', url));
    let was = ben.display_name;
    const rename = {
      'by the conversation service': (displayName: string) =>
        cloud.ok(ben, 'PATCH', '/conversation/api/v1/users/user', { displayName }),
      'by identity': (displayName: string) => cloud.identity.rename(ben.id, { displayName }),
    };
    for (const [how, give] of Object.entries(rename)) {
      const name = `Benedict ${how}`;
      for (const url of urls) expect(await shown(url), url).to.contain(was);
      await give(name);
      for (const url of urls)
        expect(await shown(url), `${how}: ${url}`)
          .to.contain(name)
          .and.not.contain(`"${was}"`);
      // what is written by a known token is announced under the new name
      await cloud.ok(ben, 'POST', '/v1/messages', { roomId: room.id, text: name });
      expect(cloud.activities().at(-1)?.actor.displayName).to.equal(name);
      was = name;
    }
  });

  it('shows the new name after a rename that ran beside many reads', async () => {
    const url = `/v1/memberships?roomId=${room.id}`;
    for (let n = 0; n < 20; n += 1) {
      const name = `Ben the ${String(n)}th`;
      const reads = Array.from({ length: 5 }, () => cloud.ok(ana, 'GET', url));
      await cloud.identity.rename(ben.id, { displayName: name });
      await Promise.all(reads);
      expect(JSON.stringify(await cloud.ok(ana, 'GET', url))).to.contain(name);
    }
  });

  describe('of a write', () => {
    const before = ['select participants', 'select conversations'];
    const written = ['insert activities', 'update conversations', 'insert events', 'update participants'];
    const decrypting = async (run: () => Promise<unknown>): Promise<number> => {
      const { kms } = cloud;
      const decrypt = kms.decrypt.bind(kms);
      let count = 0;
      kms.decrypt = (...parameters) => {
        count += 1;
        return decrypt(...parameters);
      };
      await run().finally(() => (kms.decrypt = decrypt));
      return count;
    };

    it('posts a message by REST with six statements, none of them after the write, and decrypts nothing', async () => {
      const bodies = [
        { text: 'three' },
        { markdown: '**three**' },
        { text: 'a card', attachments: [card] },
        { toPersonId: encodeId('PEOPLE', ben.id), text: 'by person' },
      ];
      for (const body of bodies) {
        const to = 'toPersonId' in body ? {} : { roomId: room.id };
        await cloud.ok(ana, 'POST', '/v1/messages', { ...to, ...body });
        statements.take();
        const decrypted = await decrypting(() => cloud.ok(ana, 'POST', '/v1/messages', { ...to, ...body }));
        const asked = tables();
        expect(decrypted).to.equal(0);
        expect(asked.slice(-4), JSON.stringify(body)).to.deep.equal(written);
        if (!('toPersonId' in body)) expect(asked).to.deep.equal([...before, ...written]);
      }
    });

    it('posts an activity with four statements: the response is made from what was written', async () => {
      const post = (): Promise<unknown> =>
        cloud.ok(ana, 'POST', `${conv}/${roomUuid}/activities`, {
          verb: 'post',
          object: { objectType: 'comment', displayName: 'four' },
        });
      await post();
      statements.take();
      expect(await decrypting(post)).to.equal(0);
      expect(tables()).to.deep.equal(written);
    });

    it('shows a message right after it was posted as it is read later', async () => {
      const mention = `<@personId:${encodeId('PEOPLE', ben.id)}|Ben>`;
      const bodies = [
        { text: 'plain' },
        { markdown: `**bold** <script>x</script> ${mention} <@all>` },
        { html: '<b onclick="x()">b</b><a href="javascript:x">y</a>' },
        { text: 'fallback', markdown: '_m_' },
        { text: 'card', attachments: [card] },
      ];
      for (const body of bodies) {
        const created = await cloud.ok<Message>(ana, 'POST', '/v1/messages', { roomId: room.id, ...body });
        expect(created).to.deep.equal(await cloud.ok(ana, 'GET', `/v1/messages/${created.id}`));
      }
      const { id } = await cloud.ok<Message>(ana, 'POST', '/v1/messages', {
        roomId: room.id,
        text: 'card',
        attachments: [card],
      });
      const action = await cloud.ok<{ id: string }>(ben, 'POST', '/v1/attachment/actions', {
        type: 'submit',
        messageId: id,
        inputs: { a: 'whole: \u{1f600}', b: { c: [1, null] } },
      });
      expect(action).to.deep.equal(await cloud.ok(ben, 'GET', `/v1/attachment/actions/${action.id}`));
    });

    it('answers an activity as it is read later, also one that changed the room', async () => {
      const submit = (who: Person, body: object): Promise<WireActivity> =>
        cloud.ok(who, 'POST', `${conv}/${roomUuid}/activities`, body);
      const cyd = await cloud.person('cyd');
      const activities = [
        { verb: 'post', object: { objectType: 'comment', displayName: 'x' } },
        { verb: 'add', object: { objectType: 'person', id: cyd.id } },
        { verb: 'lock', object: { objectType: 'conversation', id: roomUuid } },
        { verb: 'leave', object: { objectType: 'person', id: cyd.id } },
        { verb: 'unlock', object: { objectType: 'conversation', id: roomUuid } },
      ];
      for (const activity of activities) {
        if (activity.verb === 'lock')
          await submit(ana, { verb: 'assignModerator', object: { objectType: 'person', id: ana.id } });
        const answered = await submit(ana, activity);
        expect(answered).to.deep.equal(
          await cloud.ok(ana, 'GET', `${conv}/${roomUuid}/activities/${answered.id}`),
        );
      }
    });

    it('shows a caller who left nothing of the room', async () => {
      const dan = await cloud.person('dan');
      await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: dan.id });
      const left = await cloud.ok<WireActivity>(dan, 'POST', `${conv}/${roomUuid}/activities`, {
        verb: 'leave',
        object: { objectType: 'person', id: dan.id },
      });
      expect(left.target).to.deep.include({ id: roomUuid, tags: [] });
      expect(left.target).not.to.have.any.keys('defaultActivityEncryptionKeyUrl', 'kmsResourceObjectUrl');
    });
  });
});
