import {
  encodeId,
  type Membership,
  type Message,
  type Room,
  type Person as WirePerson,
} from '@trunkline/wire';
import { expect } from 'chai';
import { isPrivateAddress } from '../kernel/http/outbound.js';
import { type Answer, type ContentCloud, type Person, startContent } from '../modules/harness.test.js';

const nextOf = (answer: Answer<unknown>): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1];

describe('public REST', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let room: Room;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
    room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Launch', unknown: 1 });
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: ben.id });
  });
  afterEach(() => cloud.close());
  const post = (who: Person, body: object): Promise<Answer<Message>> =>
    cloud.call(who, 'POST', '/v1/messages', body);

  it('pages through everything once, and keeps the query', async () => {
    for (let at = 0; at < 5; at += 1) await post(ana, { roomId: room.id, text: `n${String(at)}` });
    const texts: (string | undefined)[] = [];
    let url: string | undefined = `/v1/messages?roomId=${room.id}&max=2`;
    while (url !== undefined) {
      const page: Answer<{ items: Message[] }> = await cloud.call(ben, 'GET', url);
      texts.push(...page.body.items.map((message) => message.text));
      url = nextOf(page);
      if (url !== undefined) expect(url).to.contain('max=2');
    }
    expect(texts).to.deep.equal(['n4', 'n3', 'n2', 'n1', 'n0']);
  });

  it('refuses a cursor that was altered, or is another’s', async () => {
    for (let at = 0; at < 2; at += 1) await post(ana, { roomId: room.id, text: 'x' });
    const next = nextOf(await cloud.call(ben, 'GET', `/v1/messages?roomId=${room.id}&max=1`)) ?? '';
    expect((await cloud.call(ben, 'GET', next)).status).to.equal(200);
    expect((await cloud.call(ben, 'GET', next.replace('cursor=e', 'cursor=f'))).status).to.equal(400);
    expect((await cloud.call(ana, 'GET', next)).status).to.equal(400);
  });

  it('wants exactly one destination and says so in the known words', async () => {
    for (const body of [{ text: 'x' }, { text: 'x', roomId: room.id, toPersonId: ben.id }]) {
      const { status, body: refusal } = await post(ana, body);
      expect(status).to.equal(400);
      expect((refusal as unknown as { message: string }).message).to.match(
        /^Message destination could not be/,
      );
    }
  });

  it('counts bytes, not characters', async () => {
    expect((await post(ana, { roomId: room.id, text: 'ü'.repeat(3719) })).status).to.equal(200);
    expect((await post(ana, { roomId: room.id, text: 'ü'.repeat(3720) })).status).to.equal(400);
  });

  it('edits, shows the newest words under either id, and ends with the tenth edit', async () => {
    const { body: message } = await post(ana, { roomId: room.id, text: 'first' });
    const edit = (who: Person, text: string) =>
      cloud.call<Message>(who, 'PUT', `/v1/messages/${message.id}`, { roomId: room.id, text });
    expect((await edit(ben, 'mine')).status).to.equal(403);
    for (let at = 0; at < 10; at += 1)
      expect((await edit(ana, `e${String(at)}`)).body.text).to.equal(`e${String(at)}`);
    expect((await edit(ana, 'more')).status).to.equal(400);
    const id = cloud.activities().at(-1)?.id ?? '';
    expect(await cloud.ok(ben, 'GET', `/v1/messages/${id}`)).to.include({ id: message.id, text: 'e9' });
  });

  it('deletes a message with its edits; only author or moderator', async () => {
    const { body: message } = await post(ana, { roomId: room.id, text: 'x' });
    expect((await cloud.call(ben, 'DELETE', `/v1/messages/${message.id}`)).status).to.equal(403);
    expect((await cloud.call(ana, 'DELETE', `/v1/messages/${message.id}`)).status).to.equal(204);
    const gone = await cloud.call(ben, 'GET', `/v1/messages/${message.id}`);
    expect([gone.status, gone.body['message']]).to.deep.equal([404, 'Unable to get message.']);
    expect(await cloud.ok(ben, 'GET', `/v1/messages?roomId=${room.id}`)).to.deep.equal({ items: [] });
  });

  it('answers in threads, one deep', async () => {
    const { body: root } = await post(ana, { roomId: room.id, text: 'root' });
    const { body: reply } = await post(ben, { roomId: room.id, text: 'reply', parentId: root.id });
    expect(reply.parentId).to.equal(root.id);
    expect((await post(ana, { roomId: room.id, text: 'x', parentId: reply.id })).status).to.equal(400);
    const { items } = await cloud.ok<{ items: Message[] }>(
      ana,
      'GET',
      `/v1/messages?roomId=${room.id}&parentId=${root.id}`,
    );
    expect(items.map((item) => item.id)).to.deep.equal([reply.id]);
  });

  it('mentions members by address, and lists what mentions me', async () => {
    await post(ana, { roomId: room.id, text: 'nothing' });
    const markdown = 'hi <@personEmail:ben@example.com|Ben>, <@personEmail:who@example.com|Who>, <@all>';
    const { body: message } = await post(ana, { roomId: room.id, markdown });
    expect(message.text).to.equal('hi Ben, Who, All');
    expect(message.mentionedPeople).to.have.length(1);
    expect(message.mentionedGroups).to.deep.equal(['all']);
    expect(message.html).to.contain(`data-object-id="${message.mentionedPeople?.[0] ?? 'none'}"`);
    const url = `/v1/messages?roomId=${room.id}&mentionedPeople=me`;
    expect((await cloud.ok<{ items: Message[] }>(ben, 'GET', url)).items).to.have.length(1);
    expect((await cloud.ok<{ items: Message[] }>(ana, 'GET', url)).items).to.have.length(0);
    // the newest words say who is meant
    const edit = { roomId: room.id, markdown: 'hi <@personEmail:ana@example.com|Ana>' };
    await cloud.ok(ana, 'PUT', `/v1/messages/${message.id}`, edit);
    expect((await cloud.ok<{ items: Message[] }>(ben, 'GET', url)).items).to.have.length(0);
    expect((await cloud.ok<{ items: Message[] }>(ana, 'GET', url)).items).to.have.length(1);
  });

  it('mentions by elements of HTML, too, and only people who are there', async () => {
    const stranger = await cloud.person('stranger');
    const element = (id: string, name: string): string =>
      `<spark-mention data-object-type="person" data-object-id="${id}">${name}</spark-mention>`;
    const public_ = encodeId('PEOPLE', ben.id);
    const all = '<spark-mention data-object-type="groupMention" data-group-type="all">All</spark-mention>';
    const html = `<p>${element(public_, 'Ben')} ${element(stranger.id, 'Who')} ${all}</p>`;
    const { body: message } = await post(ana, { roomId: room.id, html });
    expect(message.mentionedPeople).to.deep.equal([public_]);
    expect(message.mentionedGroups).to.deep.equal(['all']);
    expect(message.html).to.equal(
      `<p>${element(public_, 'Ben')} <spark-mention>Who</spark-mention> ${all}</p>`,
    );
    expect(message.text).to.equal('Ben Who All');
    expect(cloud.activities().at(-1)?.object.mentions?.items).to.deep.equal([
      { id: ben.id, objectType: 'person' },
    ]);
  });

  it('mentions no one where a mention is broken by another character', async () => {
    const markdown = '<\uE000@personEmail:ana@example.com> <@personEmail:ben@example.com>';
    const { body: message } = await post(ana, { roomId: room.id, markdown });
    expect(message.text).to.equal('<\uE000@personEmail:ana@example.com> ben Test');
    expect(message.mentionedPeople).to.deep.equal([encodeId('PEOPLE', ben.id)]);
  });

  it('lets a bot list a room by what mentions it, and read that', async () => {
    const bot = await cloud.person('bot', ['bot']);
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: bot.id });
    await post(ana, { roomId: room.id, text: 'not for machines' });
    const markdown = '<@personEmail:bot@example.com|Bot> <@all> do';
    const { body: message } = await post(ana, { roomId: room.id, markdown });
    const url = `/v1/messages?roomId=${room.id}&mentionedPeople=me`;
    const { items } = await cloud.ok<{ items: Message[] }>(bot, 'GET', url);
    expect(items.map(({ id }) => id)).to.deep.equal([message.id]);
    expect(await cloud.ok(bot, 'GET', `/v1/messages/${message.id}`)).to.include({ id: message.id });
    const other = await cloud.call(ben, 'GET', `${url.replace('=me', '=')}${encodeId('PEOPLE', ana.id)}`);
    expect(other.status).to.equal(400);
  });

  it('lists messages before a date or another message, and ignores what it does not know', async () => {
    const ids: string[] = [];
    for (const text of ['1', '2', '3']) ids.push((await post(ana, { roomId: room.id, text })).body.id);
    const list = async (query: string) =>
      (await cloud.ok<{ items: Message[] }>(ben, 'GET', `/v1/messages?roomId=${room.id}&${query}`)).items.map(
        ({ text }) => text,
      );
    expect(await list(`beforeMessage=${ids[2] ?? ''}&whatever=1`)).to.deep.equal(['2', '1']);
    const { created } = await cloud.ok<Message>(ben, 'GET', `/v1/messages/${ids[1] ?? ''}`);
    expect(await list(`before=${created}`)).to.deep.equal(['1']);
    const elsewhere = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', { title: 'Other' });
    for (const [query, status] of [
      ['before=soon', 400],
      ['max=0', 400],
      ['beforeMessage=noise', 400],
      [`beforeMessage=${room.id}`, 400],
    ] as const)
      expect(
        (await cloud.call(ben, 'GET', `/v1/messages?roomId=${room.id}&${query}`)).status,
        query,
      ).to.equal(status);
    const foreign = `/v1/messages?roomId=${elsewhere.id}&beforeMessage=${ids[0] ?? ''}`;
    expect((await cloud.call(ben, 'GET', foreign)).status).to.equal(404);
    expect((await cloud.call(ben, 'GET', '/v1/messages')).status).to.equal(400);
  });

  it('takes one file or one card, words for it, and no change of it', async () => {
    const card = {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: { type: 'AdaptiveCard', body: [] },
    };
    const roomId = room.id;
    for (const body of [
      { roomId },
      { roomId, text: '' },
      { roomId, text: ['x'] },
      { roomId, attachments: [card] },
      { roomId, text: 'x', attachments: [card, card] },
      { roomId, text: 'x', attachments: card },
      { roomId, text: 'x', files: 'http://e.com' },
      { roomId, text: 'x', files: ['http://e.com/1', 'http://e.com/2'] },
      { roomId, markdown: 'x'.repeat(7440) },
      { roomId: 'noise', text: 'x' },
      { roomId, text: 'x', parentId: 'noise' },
      { toPersonEmail: 'unknown@example.com', text: 'x' },
    ])
      expect((await post(ana, body)).status, JSON.stringify(body).slice(0, 80)).to.equal(400);
    const { body: message } = await post(ana, { roomId, text: 'x', attachments: [card] });
    const edit = { roomId, text: 'y' };
    expect((await cloud.call(ana, 'PUT', `/v1/messages/${message.id}`, edit)).status).to.equal(400);
  });

  it('is quiet in announcement and read-only rooms, for who may not write there', async () => {
    const url = `/v1/rooms/${room.id}`;
    const change = (body: object) => cloud.call(ana, 'PUT', url, { title: 'Launch', ...body });
    expect((await change({ isAnnouncementOnly: true })).status).to.equal(400);
    expect((await change({ isLocked: true, isAnnouncementOnly: true })).body).to.include({
      isAnnouncementOnly: true,
    });
    expect((await post(ben, { roomId: room.id, text: 'x' })).status).to.equal(403);
    expect((await post(ana, { roomId: room.id, text: 'x' })).status).to.equal(200);
    expect((await change({ isReadOnly: true })).body).to.include({ isReadOnly: true });
    expect((await post(ana, { roomId: room.id, text: 'x' })).status).to.equal(403);
    const open = await change({ isLocked: false, isReadOnly: false });
    expect(open.body).to.include({ isLocked: false, isAnnouncementOnly: false, isReadOnly: false });
    expect((await post(ben, { roomId: room.id, text: 'x' })).status).to.equal(200);
    expect((await change({ classificationId: 'x' })).status).to.equal(501);
    expect((await cloud.call(ana, 'GET', `${url}/meetingInfo`)).status).to.equal(501);
  });

  it('shows a bot only what mentions it', async () => {
    const bot = await cloud.person('bot', ['bot']);
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: bot.id });
    const { body: message } = await post(ana, { roomId: room.id, text: 'not for machines' });
    expect((await cloud.call(bot, 'GET', `/v1/messages?roomId=${room.id}`)).status).to.equal(403);
    expect((await cloud.call(bot, 'GET', `/v1/messages/${message.id}`)).status).to.equal(403);
  });

  it('makes one direct room of two, unhides it when a user writes, and lets no one leave', async () => {
    const sent = await Promise.all([
      post(ana, { toPersonEmail: 'BEN@example.com', text: '1' }),
      post(ben, { toPersonId: ana.id, text: '2' }),
    ]);
    const [roomId] = new Set(sent.map(({ body }) => body.roomId));
    expect(sent.every(({ body }) => body.roomId === roomId && body.roomType === 'direct')).to.equal(true);
    expect((await cloud.ok<Room>(ana, 'GET', `/v1/rooms/${roomId ?? ''}`)).title).to.equal('ben Test');
    const { items } = await cloud.ok<{ items: Membership[] }>(
      ana,
      'GET',
      `/v1/memberships?roomId=${roomId ?? ''}&personId=${ana.id}`,
    );
    const url = `/v1/memberships/${items[0]?.id ?? ''}`;
    expect(await cloud.ok(ana, 'PUT', url, { isRoomHidden: true })).to.include({ isRoomHidden: true });
    // whether it was hidden already must not show in the answer
    for (const isRoomHidden of [true, false])
      expect((await cloud.call(ben, 'PUT', url, { isRoomHidden })).status).to.equal(403);
    await post(ben, { roomId, text: 'still there?' });
    expect(await cloud.ok(ana, 'GET', url)).to.include({ isRoomHidden: false });
    expect((await cloud.call(ana, 'DELETE', url)).status).to.equal(403);
    expect((await post(ana, { toPersonId: ana.id, text: 'me' })).status).to.equal(400);
  });

  it('locks a room with its first moderator and opens it with its last', async () => {
    const add = { roomId: room.id, personEmail: 'ben@example.com' };
    expect((await cloud.call(ana, 'POST', '/v1/memberships', add)).status).to.equal(409);
    const { items } = await cloud.ok<{ items: Membership[] }>(
      ana,
      'GET',
      `/v1/memberships?roomId=${room.id}`,
    );
    const his = `/v1/memberships/${items.find(({ personEmail }) => personEmail.startsWith('ben'))?.id ?? ''}`;
    const hers = `/v1/memberships/${items.find(({ personEmail }) => personEmail.startsWith('ana'))?.id ?? ''}`;
    const verbs = (count: number) =>
      cloud
        .activities()
        .slice(-count)
        .map(({ verb }) => verb);
    const isLocked = async () => (await cloud.ok<Room>(ana, 'GET', `/v1/rooms/${room.id}`)).isLocked;
    expect(await cloud.ok(ana, 'PUT', his, { isModerator: true })).to.include({ isModerator: true });
    expect(await isLocked()).to.equal(true);
    // who could manage the room before still can (A31)
    expect(await cloud.ok(ana, 'GET', hers)).to.include({ isModerator: true });
    expect(verbs(3)).to.deep.equal(['assignModerator', 'assignModerator', 'lock']);
    await cloud.ok(ana, 'PUT', his, { isModerator: false });
    expect(await isLocked()).to.equal(true);
    expect((await cloud.call(ben, 'DELETE', hers)).status).to.equal(403);
    expect((await cloud.call(ben, 'PUT', `/v1/rooms/${room.id}`, { title: 'x' })).status).to.equal(403);
    await cloud.ok(ana, 'PUT', hers, { isModerator: false });
    expect(await isLocked()).to.equal(false);
    expect(verbs(2)).to.deep.equal(['unassignModerator', 'unlock']);
  });

  it('makes the creator a moderator when another member locks the room with its first moderator (A31)', async () => {
    const cleo = await cloud.person('cleo');
    await cloud.ok(ben, 'POST', '/v1/memberships', {
      roomId: room.id,
      personId: cleo.id,
      isModerator: true,
    });
    const { items } = await cloud.ok<{ items: Membership[] }>(
      cleo,
      'GET',
      `/v1/memberships?roomId=${room.id}`,
    );
    expect(items.map(({ personEmail, isModerator }) => [personEmail, isModerator])).to.have.deep.members([
      ['ana@example.com', true],
      ['ben@example.com', true],
      ['cleo@example.com', true],
    ]);
  });

  it('deletes a room for everybody, who are notified by leaving', async () => {
    expect((await cloud.call(ben, 'DELETE', `/v1/rooms/${room.id}`)).status).to.equal(403);
    expect((await cloud.call(ana, 'DELETE', `/v1/rooms/${room.id}`)).status).to.equal(204);
    for (const who of [ana, ben])
      expect((await cloud.call(who, 'GET', `/v1/rooms/${room.id}`)).status).to.equal(404);
    expect(
      cloud
        .activities()
        .slice(-2)
        .map(({ verb, object }) => [verb, object.id]),
    ).to.deep.equal([
      ['leave', ben.id],
      ['leave', ana.id],
    ]);
  });

  it('lists rooms page by page, by kind and order', async () => {
    await cloud.ok(ana, 'POST', '/v1/rooms', { title: 'Second' });
    await post(ana, { toPersonId: ben.id, text: 'x' });
    for (const sortBy of ['id', 'created', 'lastactivity']) {
      const ids: string[] = [];
      let url: string | undefined = `/v1/rooms?max=1&sortBy=${sortBy}`;
      while (url !== undefined) {
        const page: Answer<{ items: Room[] }> = await cloud.call(ana, 'GET', url);
        ids.push(...page.body.items.map(({ id }) => id));
        url = nextOf(page);
      }
      expect(new Set(ids).size, sortBy).to.equal(3);
    }
    expect((await cloud.ok<{ items: Room[] }>(ana, 'GET', '/v1/rooms?type=direct')).items).to.have.length(1);
    expect((await cloud.call(ana, 'GET', '/v1/rooms?type=odd')).status).to.equal(400);
  });

  it('looks people up in batches, by public id or uuid, and names those it does not know', async () => {
    const none = '00000000-0000-4000-8000-000000000000';
    const me = await cloud.ok<WirePerson>(ana, 'GET', '/v1/people/me');
    const found = await cloud.ok<{ items: WirePerson[]; notFoundIds: string[] }>(
      ana,
      'GET',
      `/v1/people/?id=${me.id},${ben.id},${none}&showAllTypes=false`,
    );
    expect(found.items.map(({ emails }) => emails[0])).to.deep.equal(['ana@example.com', 'ben@example.com']);
    expect(found.notFoundIds).to.deep.equal([encodeId('PEOPLE', none)]);
    expect((await cloud.call(ana, 'GET', '/v1/people')).status).to.equal(400);
  });

  it('shows who is there, under the names of REST, to people of the same organisation who want to know', async () => {
    const names = [
      ['dnd', 'DoNotDisturb'],
      ['ooo', 'OutOfOffice'],
      ['calendarItem', 'meeting'],
      ['call', 'call'],
      ['unknown', 'unknown'],
    ] as const;
    const list = async (query: string): Promise<WirePerson | undefined> =>
      (await cloud.ok<{ items: WirePerson[] }>(ana, 'GET', `/v1/people?${query}`)).items[0];
    for (const [status, shown] of names) {
      cloud.availability.set(ben.id, { status, lastActiveMs: 0 });
      const expected = { status: shown, lastActivity: '1970-01-01T00:00:00.000Z' };
      expect(await list(`id=${ben.id}`)).to.include(expected);
      expect(await list('email=ben@example.com')).to.include(expected);
      expect(await cloud.ok(ana, 'GET', `/v1/people/${ben.id}`)).to.include(expected);
      expect(await cloud.ok(ben, 'GET', '/v1/people/me')).to.include(expected);
    }
    for (const query of [`id=${ben.id}`, 'displayName=ben'])
      expect(await list(`${query}&excludeStatus=true`)).not.to.have.any.keys('status', 'lastActivity');
    cloud.availability.set(ben.id, { status: 'active', lastActiveMs: 0 });
    await cloud.store.write((write) => cloud.identity.users.change(write, ben.id, { org_id: 'another' }));
    const stranger = await list(`id=${ben.id}`);
    expect(stranger).to.include({ status: 'unknown' }).and.not.to.have.property('lastActivity');
  });

  it('fetches no file from inside its own network', async () => {
    for (const url of [
      'http://127.0.0.1:1/x',
      'http://localhost:1/x',
      'http://[::ffff:127.0.0.1]:1/',
      'file:///etc/passwd',
    ])
      expect((await post(ana, { roomId: room.id, files: [url] })).status, url).to.equal(400);
    for (const address of ['10.1.2.3', '169.254.169.254', '::1', 'fd00::1', '::ffff:10.0.0.1', 'nonsense'])
      expect(isPrivateAddress(address), address).to.equal(true);
    // IPv4 within IPv6, in each of the ways that there were
    for (const address of ['2002:7f00:1::', '64:ff9b::7f00:1', '64:ff9b:1::7f00:1', '::127.0.0.1', 'fec0::1'])
      expect(isPrivateAddress(address), address).to.equal(true);
    for (const address of ['93.184.216.34', '::ffff:93.184.216.34', '2606:4700::1', '2001:4860:4860::8888'])
      expect(isPrivateAddress(address), address).to.equal(false);
  });
});
