import { encodeId, type Message, type Room, type Team } from '@trunkline/wire';
import { expect } from 'chai';
import { type Answer, type ContentCloud, type Person, startContent } from '../modules/harness.test.js';

const nextOf = (answer: Answer<unknown>): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1];

interface Item {
  readonly id: string;
}

describe('every list of REST goes on until its end (P3)', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let others: readonly Person[];
  before(async () => {
    cloud = await startContent();
    ana = await cloud.person('ana');
    const people: Person[] = [];
    for (let n = 0; n < 7; n += 1) people.push(await cloud.person(`emp${String(n)}`));
    // two of the same name: the order must not depend on it alone
    for (const { id } of people.slice(2, 4)) await cloud.identity.rename(id, { displayName: 'Emp Same' });
    others = people;
  });
  after(() => cloud.close());

  async function all(
    url: string,
    max: number,
  ): Promise<{ readonly items: readonly Item[]; readonly pages: number }> {
    const items: Item[] = [];
    let next: string | undefined = `${url}${url.includes('?') ? '&' : '?'}max=${String(max)}`;
    let pages = 0;
    while (next !== undefined) {
      const answer: Answer<{ items: Item[] }> = await cloud.call(ana, 'GET', next);
      expect(answer.status, next).to.equal(200);
      expect(answer.body.items.length).to.be.within(1, max);
      items.push(...answer.body.items);
      next = nextOf(answer);
      pages += 1;
      expect(pages).to.be.below(50);
    }
    return { items, pages };
  }
  const expectAll = async (url: string, count: number) => {
    for (const max of [1, 2, 3, count, count + 1]) {
      const { items, pages } = await all(url, max);
      expect(new Set(items.map(({ id }) => id)).size, `${url} max=${String(max)}`).to.equal(count);
      expect(items).to.have.length(count);
      expect(pages).to.equal(Math.ceil(count / max));
    }
  };

  it('people by name', async () => {
    await expectAll('/v1/people?displayName=emp', 7);
    await expectAll('/v1/people?displayName=Test', 6);
    await expectAll(`/v1/people?email=${encodeURIComponent('emp1@example.com')}`, 1);
    // part of an address, and a whole one that is part of others
    await expectAll('/v1/people?email=emp', 7);
    await cloud.person('1emp6');
    await expectAll('/v1/people?email=emp6@example.com', 2);
    expect((await cloud.call(ana, 'GET', '/v1/people?displayName=emp&cursor=made.up')).status).to.equal(400);
  });

  it('rooms, memberships, messages, teams and memberships of teams', async () => {
    const rooms: Room[] = [];
    for (let n = 0; n < 5; n += 1)
      rooms.push(await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: `room ${String(n)}` }));
    const [room] = rooms;
    if (room === undefined) throw new Error('no room');
    for (const sortBy of ['id', 'created', 'lastactivity']) await expectAll(`/v1/rooms?sortBy=${sortBy}`, 5);
    await expectAll('/v1/rooms?type=group', 5);
    await expectAll('/v1/memberships', 5);
    for (const { id } of others)
      await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: id });
    await expectAll(`/v1/memberships?roomId=${room.id}`, 8);
    const sent: Message[] = [];
    for (let n = 0; n < 5; n += 1)
      sent.push(
        await cloud.ok<Message>(ana, 'POST', '/v1/messages', { roomId: room.id, markdown: `n ${String(n)}` }),
      );
    await expectAll(`/v1/messages?roomId=${room.id}`, 5);
    await expectAll(`/v1/messages?roomId=${room.id}&beforeMessage=${sent[4]?.id ?? ''}`, 4);
    const parentId = sent[0]?.id;
    for (let n = 0; n < 3; n += 1)
      await cloud.ok(ana, 'POST', '/v1/messages', { roomId: room.id, text: 'reply', parentId });
    await expectAll(`/v1/messages?roomId=${room.id}&parentId=${parentId ?? ''}`, 3);
    for (let n = 0; n < 4; n += 1)
      await cloud.ok(ana, 'POST', '/v1/messages', { toPersonId: others[0]?.id, text: String(n) });
    await expectAll(`/v1/messages/direct?personId=${others[0]?.id ?? ''}`, 4);
    const teams: Team[] = [];
    for (let n = 0; n < 4; n += 1)
      teams.push(await cloud.ok<Team>(ana, 'POST', '/v1/teams', { name: `t${String(n)}` }));
    await expectAll('/v1/teams', 4);
    const teamId = teams[0]?.id ?? '';
    for (const { id } of others.slice(0, 4))
      await cloud.ok(ana, 'POST', '/v1/team/memberships', { teamId, personId: encodeId('PEOPLE', id) });
    await expectAll(`/v1/team/memberships?teamId=${teamId}`, 5);
    for (let n = 0; n < 3; n += 1) await cloud.ok(ana, 'POST', '/v1/rooms', { title: String(n), teamId });
    await expectAll(`/v1/rooms?teamId=${teamId}`, 4);
  });

  it('public rooms', async () => {
    for (let n = 0; n < 4; n += 1)
      await cloud.ok(ana, 'POST', '/v1/rooms', { title: String(n), description: 'd', isPublic: true });
    await expectAll('/v1/rooms?orgPublicSpaces=true', 4);
  });
});
