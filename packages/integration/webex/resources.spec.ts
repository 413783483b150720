import { startCloud, type Cloud } from '@trunkline/testing';
import type { EventEnvelope, Webex } from '@trunkline/webex';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { collect, refusal, signIn } from './tools.js';

type Envelope = EventEnvelope<{
  id: string;
  roomId: string;
  personId: string;
  text?: string;
  lastSeenId?: string;
  files?: string[];
}>;

// programs as one writes them for the official client
describe('webex: the public resources', () => {
  let cloud: Cloud;
  let ana: Webex;
  let ben: Webex;
  before(async () => {
    cloud = await startCloud();
    [ana, ben] = await Promise.all([signIn(cloud, 'ana'), signIn(cloud, 'ben')]);
  });
  after(async () => {
    await Promise.all([ana.close(), ben.close()]);
    await cloud.close();
  });

  it('rooms: create, get, update, list by pages, read status, remove', async () => {
    const room = await ana.rooms.create({ title: 'Ops' });
    expect((await ana.rooms.get(room)).title).to.equal('Ops');
    expect((await ana.rooms.update({ ...room, title: 'Dev' })).title).to.equal('Dev');
    for (const title of ['a', 'b', 'c']) await ana.rooms.create({ title });
    let page = await ana.rooms.list({ max: 2 });
    const titles = page.items.map(({ title }) => title);
    while (page.hasNext()) {
      page = await page.next();
      for (const { title } of page) titles.push(title);
    }
    expect(titles).to.have.members(['Dev', 'a', 'b', 'c']);
    expect(await ana.rooms.getWithReadStatus(room.id)).to.include({
      id: room.id,
      title: 'Dev',
      type: 'group',
    });
    expect((await ana.rooms.listWithReadStatus()).items).to.have.length(4);
    await ana.rooms.remove(room);
    expect(await refusal(ana.rooms.get(room))).to.include({ name: 'NotFound', statusCode: 404 });
    expect(await refusal(ana.rooms.create({}))).to.include({ name: 'BadRequest', statusCode: 400 });
  });

  it('events: in the official envelope, at both, from listen() to stopListening()', async () => {
    const person = await cloud.person('ana');
    const me = encodeId('PEOPLE', person.id);
    await Promise.all([
      ana.messages.listen(),
      ben.messages.listen(),
      ben.memberships.listen(),
      ana.memberships.listen(),
      ana.rooms.listen(),
    ]);
    const made = collect<Envelope>(ana.rooms, 'created');
    const received = {
      ana: collect<Envelope>(ana.messages, 'created'),
      ben: collect<Envelope>(ben.messages, 'created'),
    };
    const gone = collect<Envelope>(ben.messages, 'deleted');
    const joined = collect<Envelope>(ben.memberships, 'created');
    const seen = collect<Envelope>(ana.memberships, 'seen');
    const room = await ana.rooms.create({ title: 'Events' });
    expect(await made.next((e) => e.data.id === room.id)).to.deep.include({
      resource: 'rooms',
      event: 'created',
      actorId: me,
      createdBy: me,
      ownedBy: 'creator',
      status: 'active',
      orgId: encodeId('ORGANIZATION', person.orgId),
    });
    const membership = await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    expect((await joined.next((e) => e.data.id === membership.id)).actorId).to.equal(me);

    const message = await ana.messages.create({ roomId: room.id, markdown: 'hello **there**' });
    for (const at of [received.ana, received.ben]) {
      const event = await at.next((e) => e.data.id === message.id);
      expect(event).to.include({ resource: 'messages', event: 'created', actorId: me });
      expect(event.data).to.include({ text: message.text, roomId: room.id, personId: me });
    }
    // there an edit is `created` too
    await ana.messages.update(message, { roomId: room.id, text: 'hello all' });
    expect((await received.ben.next((e) => e.data.text === 'hello all')).data.id).to.equal(message.id);
    await ben.memberships.updateLastSeen(message);
    expect((await seen.next((e) => e.data.lastSeenId === message.id)).actorId).to.equal(
      encodeId('PEOPLE', (await cloud.person('ben')).id),
    );
    expect((await ana.memberships.listWithReadStatus({ roomId: room.id })).items).to.have.length(2);

    const file = Object.assign(new TextEncoder().encode('bytes'), { name: 'notes.txt' });
    const shared = await ana.messages.create({ roomId: room.id, text: 'look', files: [file] });
    const [url = ''] = (await received.ben.next((e) => e.data.id === shared.id)).data.files ?? [];
    const { body, headers } = await ben.request<Uint8Array>({ uri: url, responseType: 'buffer' });
    expect(new TextDecoder().decode(body)).to.equal('bytes');
    expect(headers['content-disposition']).to.contain('notes.txt');
    expect(headers['content-type']).to.contain('text/plain');

    await ana.messages.remove(message);
    expect((await gone.next((e) => e.data.id === message.id)).data.personId).to.equal(me);
    ben.messages.stopListening();
    const before = received.ben.seen.length;
    const last = await ana.messages.create({ roomId: room.id, text: 'unheard' });
    await received.ana.next((e) => e.data.id === last.id);
    expect(received.ben.seen).to.have.length(before);
  });

  it('people: me, by id, many at once, by address', async () => {
    const [a, b] = await Promise.all([cloud.person('ana'), cloud.person('ben')]);
    expect((await ana.people.get('me')).emails).to.deep.equal([a.email]);
    for (const who of [b.id, encodeId('PEOPLE', b.id), { id: b.id }, { personId: b.id }])
      expect((await ana.people.get(who)).emails).to.deep.equal([b.email]);
    expect((await ana.people.list([a.id, b.id])).map(({ emails }) => emails[0])).to.deep.equal([
      a.email,
      b.email,
    ]);
    expect((await ana.people.list({ email: b.email })).items).to.have.length(1);
    expect(await refusal(ana.people.get('00000000-0000-4000-8000-000000000000'))).to.include({
      statusCode: 404,
    });
  });

  it('refusals reach the caller at once: 503, and 429 with its header', async () => {
    const room = await ana.rooms.create({ title: 'Faults' });
    const match = { path: '/v1/messages' };
    await cloud.fault({ kind: 'status', status: 503, times: 1, match });
    expect(await refusal(ana.messages.create({ roomId: room.id, text: 'x' }))).to.include({
      name: 'ServiceUnavailable',
      statusCode: 503,
    });
    const take = await cloud.admin('POST', 'faults', {
      kind: 'status',
      status: 429,
      retryAfterS: 1,
      times: 1,
      match,
    });
    expect(take).to.have.property('id');
    expect(await refusal(ana.messages.create({ roomId: room.id, text: 'x' }))).to.include({
      name: 'TooManyRequests',
      retryAfter: '1',
    });
    expect((await ana.messages.create({ roomId: room.id, text: 'fine' })).text).to.equal('fine');
  });
});
