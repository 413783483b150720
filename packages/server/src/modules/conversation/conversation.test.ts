import { publicEvents, type WireActivity, type WireConversation } from '@trunkline/wire';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { agree, type ContentCloud, encryptAs, type Person, startContent } from '../harness.test.js';
import { changeParticipant } from './store.js';

const conv = '/conversation/api/v1/conversations';

describe('conversation service', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let eve: Person;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben, eve] = [await cloud.person('ana'), await cloud.person('ben'), await cloud.person('eve')];
  });
  afterEach(() => cloud.close());

  const create = (people: readonly Person[], more: object = {}): Promise<WireConversation> =>
    cloud.ok<WireConversation>(ana, 'POST', conv, {
      objectType: 'conversation',
      displayName: 'Launch',
      activities: {
        items: [
          { verb: 'create' },
          ...people.map(({ id }) => ({ verb: 'add', object: { objectType: 'person', id } })),
        ],
      },
      ...more,
    });
  const act = (who: Person, id: string, activity: object): Promise<WireActivity> =>
    cloud.ok<WireActivity>(who, 'POST', `${conv}/${id}/activities`, activity);
  const say = (who: Person, id: string, displayName: string, more: object = {}): Promise<WireActivity> =>
    act(who, id, { verb: 'post', object: { objectType: 'comment', displayName }, ...more });

  it('announces each verb in a shape from which the public event follows', async () => {
    const { id } = await create([ana, ben]);
    const post = await say(ben, id, 'hello');
    const person = { objectType: 'person', id: eve.id };
    const space = { objectType: 'conversation', id };
    await act(ana, id, { verb: 'acknowledge', object: { objectType: 'activity', id: post.id } });
    await act(ana, id, { verb: 'add', object: person });
    await act(ana, id, { verb: 'assignModerator', object: { objectType: 'person', id: ana.id } });
    await act(ana, id, { verb: 'lock', object: space });
    await act(ana, id, { verb: 'update', object: { objectType: 'conversation', displayName: 'New' } });
    await act(ana, id, { verb: 'unlock', object: space });
    await say(ben, id, 'better', { parent: { id: post.id, type: 'edit' } });
    await act(ben, id, { verb: 'delete', object: { objectType: 'activity', id: post.id } });
    await act(ana, id, { verb: 'leave', object: person });
    await act(ana, id, { verb: 'hide', object: space });
    const events = cloud
      .activities()
      .map((activity) => publicEvents(activity).map(({ resource, event }) => `${resource}:${event}`));
    expect(events).to.deep.equal([
      ['rooms:created', 'memberships:created', 'memberships:created'],
      ['messages:created'],
      ['memberships:seen'],
      ['memberships:created'],
      ['memberships:updated'],
      ['rooms:updated'],
      ['rooms:updated'],
      ['rooms:updated'],
      ['messages:updated'],
      ['messages:deleted'],
      ['memberships:deleted'],
      // the key that follows when a user left
      [],
      ['memberships:updated'],
    ]);
    const [created] = cloud.activities();
    expect(created?.object.participants?.items.map((item) => item.emailAddress)).to.have.members([
      'ana@example.com',
      'ben@example.com',
    ]);
    expect(created?.url).to.match(/^http:\/\/trunkline\.test\/conversation\/api\/v1\/activities\//);
    for (const activity of cloud.activities().slice(1))
      expect(activity.target?.tags, activity.verb).to.be.an('array');
  });

  it('keeps seq and time strictly increasing, whatever the clock does', async () => {
    const frozen = await startContent({}, () => 1_700_000_000_000);
    try {
      const zoe = await frozen.person('zoe');
      const { id } = await frozen.ok(zoe, 'POST', conv, { activities: { items: [] } });
      const url = `${conv}/${String(id)}/activities`;
      const object = { objectType: 'comment', displayName: 'x' };
      await Promise.all(
        Array.from({ length: 20 }, () => frozen.ok(zoe, 'POST', url, { verb: 'post', object })),
      );
      const { items } = await frozen.ok<{ items: WireActivity[] }>(
        zoe,
        'GET',
        `${url}?limit=100&lastActivityFirst=false`,
      );
      const times = items.map((item) => item.published);
      expect(new Set(times).size).to.equal(21);
      expect(times).to.deep.equal([...times].sort());
    } finally {
      await frozen.close();
    }
  });

  it('stores a repeated submission once and announces it once', async () => {
    const { id } = await create([ana, ben]);
    const clientTempId = randomUUID();
    const [one, two] = await Promise.all([
      say(ana, id, 'x', { clientTempId }),
      say(ana, id, 'x', { clientTempId }),
    ]);
    expect(one.id).to.equal(two.id);
    expect(cloud.activities().filter((activity) => activity.verb === 'post')).to.have.length(1);
  });

  it('makes one conversation of two people, whichever begins', async () => {
    const made = await Promise.all(
      [ana, ben, ana, ben, ana, ben].map((who) =>
        cloud.call<WireConversation>(who, 'POST', conv, {
          tags: ['ONE_ON_ONE'],
          activities: {
            items: [ana, ben].map(({ id }) => ({ verb: 'add', object: { objectType: 'person', id } })),
          },
        }),
      ),
    );
    // the second one is refused and asks for the existing one (A7)
    expect(made.map(({ status }) => status).sort()).to.deep.equal([200, 409, 409, 409, 409, 409]);
    for (const [who, other] of [
      [ana, ben],
      [ben, ana],
    ] as const)
      expect(await cloud.ok(who, 'GET', `${conv}/user/${other.id}`)).to.include({
        id: made.find(({ status }) => status === 200)?.body.id,
      });
    expect(cloud.activities().filter((activity) => activity.verb === 'create')).to.have.length(1);
  });

  it('takes nothing but texts for what names a user, and answers odd shapes as it does wrong ones', async () => {
    const { id } = await create([ana, ben]);
    for (const odd of [{}, [], [ben.id], 7, true, null])
      for (const verb of ['add', 'leave', 'acknowledge', 'delete', 'assignModerator'])
        for (const name of ['id', 'entryUUID', 'emailAddress', 'url', 'encryptionKeyUrl']) {
          const object = { objectType: verb === 'delete' ? 'activity' : 'person', [name]: odd };
          const { status } = await cloud.call(eve, 'POST', `${conv}/${id}/activities`, { verb, object });
          expect(status).to.equal(404);
          const own = await cloud.call(ana, 'POST', `${conv}/${id}/activities`, { verb, object });
          expect(own.status, `${verb} ${name} ${JSON.stringify(odd)}`).to.be.within(400, 499);
        }
    const { object } = await say(ana, id, 'x', {
      object: { objectType: 'comment', displayName: 'x', contentCategory: { a: 1 } },
    });
    expect(object).not.to.have.property('contentCategory');
  });

  it('moves what was read forward only', async () => {
    const { id } = await create([ana, ben]);
    const [old, recent] = [await say(ana, id, '1'), await say(ana, id, '2')];
    for (const seen of [recent, old, recent])
      await act(ben, id, { verb: 'acknowledge', object: { objectType: 'activity', id: seen.id } });
    expect(cloud.activities().filter((activity) => activity.verb === 'acknowledge')).to.have.length(1);
    const shown = await cloud.ok<WireConversation>(ana, 'GET', `${conv}/${id}?participantAckFilter=all`);
    const me = shown.participants?.items.find((person) => person.id === ben.id);
    expect(me?.roomProperties?.lastSeenActivityUUID).to.equal(recent.id);
  });

  it('lets those see events who are in at that position: newcomers from their add on, leavers up to their leave', async () => {
    const { id } = await create([ana, ben]);
    await act(ana, id, { verb: 'add', object: { objectType: 'person', id: eve.id } });
    await act(ana, id, { verb: 'leave', object: { objectType: 'person', id: eve.id } });
    await say(ana, id, 'without her');
    const heard: boolean[] = [];
    for (const { pos } of cloud.told) heard.push((await cloud.audience.membersAt(id, pos)).has(eve.id));
    expect(cloud.activities().map(({ verb }) => verb)).to.deep.equal([
      'create',
      'add',
      'leave',
      'updateKey',
      'post',
    ]);
    expect(heard).to.deep.equal([false, true, true, false, false]);
  });

  it('gives strangers nothing: neither words, nor key, nor a difference to what is not there', async () => {
    const { id, encryptionKeyUrl, kmsResourceObjectUrl } = await create([ana, ben]);
    const post = await say(ana, id, 'secret');
    const session = await agree(cloud, eve);
    expect((await session.ask({ method: 'retrieve', uri: encryptionKeyUrl })).status).to.equal(403);
    const member = await agree(cloud, ben);
    const request = {
      method: 'create',
      uri: '/authorizations',
      resourceUri: kmsResourceObjectUrl,
      userIds: [eve.id],
    };
    expect((await member.ask(request)).status).to.equal(403);
    // in another's clothes: the row is written, the key stays shut
    await say(ben, id, 'x', { kmsMessage: await member.wrap(request) });
    expect((await session.ask({ method: 'retrieve', uri: encryptionKeyUrl })).status).to.equal(403);
    const paths = (room: string, activity: string): readonly string[] => [
      `${conv}/${room}`,
      `${conv}/${room}/activities`,
      `/conversation/api/v1/activities/${activity}`,
      `/v1/rooms/${room}`,
      `/v1/messages/${activity}`,
      `/v1/messages?roomId=${room}`,
      `/v1/memberships?roomId=${room}`,
      `/v1/memberships/${ana.id}:${room}`,
    ];
    const unknown = paths(randomUUID(), randomUUID());
    for (const [at, url] of paths(id, post.id).entries()) {
      const answer = await cloud.call(eve, 'GET', url);
      expect(answer.status, url).to.equal(404);
      expect(answer.body).to.deep.equal((await cloud.call(eve, 'GET', unknown[at] ?? '')).body);
    }
    expect(
      (await cloud.call(eve, 'POST', `${conv}/${id}/activities`, { verb: 'post', object: {} })).status,
    ).to.equal(404);
  });

  it('takes ciphertext under the conversation’s keys only', async () => {
    const session = await agree(cloud, ana);
    const { keys = [] } = await session.ask({ method: 'create', uri: '/keys', count: 2 });
    const [key, other] = keys.map((made) => ({ uri: made.uri, k: (made.jwk as { k?: string }).k ?? '' }));
    if (key === undefined || other === undefined) throw new Error('no keys');
    const kmsMessage = await session.wrap({
      method: 'create',
      uri: '/resources',
      userIds: [ana.id, ben.id],
      keyUris: [key.uri],
    });
    const displayName = await encryptAs(key.k, 'Secret');
    const { id } = await create([ana, ben], { displayName, encryptionKeyUrl: key.uri, kmsMessage });
    const foreign = (await create([ana])).encryptionKeyUrl;
    const object = { objectType: 'comment', displayName: await encryptAs(key.k, 'words') };
    const post = (body: object) =>
      cloud.call(ana, 'POST', `${conv}/${id}/activities`, { verb: 'post', object, ...body });
    expect((await post({ encryptionKeyUrl: key.uri })).status).to.equal(200);
    expect((await post({ encryptionKeyUrl: foreign })).status).to.equal(400);
    const plain = { objectType: 'comment', displayName: 'plain' };
    expect((await post({ encryptionKeyUrl: key.uri, object: plain })).status).to.equal(400);
    // a key of the sender's that is bound to nothing yet becomes one of the conversation's
    expect((await post({ encryptionKeyUrl: other.uri })).status).to.equal(200);
    const theirs = await agree(cloud, ben);
    expect((await theirs.ask({ method: 'retrieve', uri: other.uri })).status).to.equal(200);
    expect((await cloud.ok(ben, 'GET', `/v1/rooms/${id}`))['title']).to.equal('Secret');
  });

  it('takes no resource of another conversation for a new one: anyone who is put out of that one would stay in', async () => {
    const { kmsResourceObjectUrl: resourceUri } = await create([ana, ben]);
    const session = await agree(cloud, ben);
    const { keys = [] } = await session.ask({ method: 'create', uri: '/keys', count: 1 });
    const encryptionKeyUrl = keys[0]?.uri;
    const kmsMessage = await session.wrap({ method: 'update', uri: encryptionKeyUrl, resourceUri });
    const answer = await cloud.call(ben, 'POST', conv, { encryptionKeyUrl, kmsMessage });
    expect(answer.status).to.equal(400);
  });

  it('says plainly what it does not do', async () => {
    const { id } = await create([ana, ben]);
    const answer = await cloud.call(ana, 'POST', `${conv}/${id}/activities`, {
      verb: 'levitate',
      object: {},
    });
    expect(answer.status).to.equal(501);
    const users = await cloud.ok(ana, 'POST', '/conversation/api/v1/users?shouldCreateUsers=true', [
      { email: 'unknown@example.com' },
      { email: 'ben@example.com' },
    ]);
    expect(users['unknown@example.com']).to.deep.equal({ userExists: false });
    expect(users['ben@example.com']).to.include({ id: ben.id, userExists: true });
  });

  it('marks what a user does as read by them (A1)', async () => {
    const { id } = await create([ana, ben]);
    const seen = async (who: Person) => {
      const shown = await cloud.ok<WireConversation & { lastSeenActivityDate?: string }>(
        who,
        'GET',
        `${conv}/${id}?includeParticipants=true`,
      );
      const me = shown.participants?.items.find((person) => person.id === who.id);
      return {
        date: shown.lastSeenActivityDate,
        unread:
          Date.parse(shown.lastSeenActivityDate ?? '1970') < Date.parse(shown.lastReadableActivityDate ?? ''),
        id: me?.roomProperties?.lastSeenActivityUUID,
      };
    };
    // who creates a space has nothing unread in it
    expect(await seen(ana)).to.include({ unread: false });
    expect(await seen(ben)).to.include({ unread: true, id: undefined });
    const post = await say(ben, id, 'hello');
    expect(await seen(ben)).to.deep.equal({ date: post.published, unread: false, id: post.id });
    expect(await seen(ana)).to.include({ unread: true });
    const renamed = await act(ana, id, {
      verb: 'update',
      object: { objectType: 'conversation', displayName: 'N' },
    });
    expect(await seen(ana)).to.deep.equal({ date: renamed.published, unread: false, id: renamed.id });
  });

  it('shows activities within a conversation oldest first, alone and in lists (A5)', async () => {
    const { id } = await create([ana, ben]);
    for (const words of ['1', '2', '3']) await say(ana, id, words);
    const times = (shown: WireConversation) =>
      (shown.activities?.items ?? []).map(({ published }) => published);
    const one = await cloud.ok<WireConversation>(ben, 'GET', `${conv}/${id}?activitiesLimit=3`);
    const { items } = await cloud.ok<{ items: WireConversation[] }>(ben, 'GET', `${conv}?activitiesLimit=3`);
    for (const shown of [one, items[0]]) {
      const found = shown === undefined ? [] : times(shown);
      expect(found).to.have.length(3);
      expect(found).to.deep.equal([...found].sort());
      expect(shown?.activities?.items.map(({ verb }) => verb)).to.deep.equal(['post', 'post', 'post']);
    }
    const made = await create([ana, eve], {
      activities: {
        items: [
          { verb: 'add', object: { objectType: 'person', id: eve.id } },
          { verb: 'post', object: { objectType: 'comment', displayName: 'first' } },
        ],
      },
    });
    expect(made.activities?.items.map(({ verb }) => verb)).to.deep.equal(['create', 'post']);
  });

  it('keeps tags from the creation of a space, and refuses those it cannot have (A6)', async () => {
    const tagged = await create([ana, ben], { tags: ['WELCOME', 'LOCKED', 'ANNOUNCEMENT'] });
    expect(tagged.tags).to.have.members(['WELCOME', 'LOCKED', 'ANNOUNCEMENT']);
    const shown = await cloud.ok<WireConversation>(
      ben,
      'GET',
      `${conv}/${tagged.id}?includeParticipants=true`,
    );
    expect(shown.tags).to.deep.equal(tagged.tags);
    expect(shown.participants?.items.find(({ id }) => id === ana.id)?.roomProperties?.isModerator).to.equal(
      true,
    );
    for (const tags of [['HIDDEN'], ['PUBLIC'], ['TEAM'], ['a'], ['ANNOUNCEMENT'], ['ONE_ON_ONE', 'LOCKED']])
      expect((await cloud.call(ana, 'POST', conv, { displayName: 'x', tags })).status, tags.join()).to.equal(
        400,
      );
  });

  it('lists nothing for a conversationsLimit below one (A16)', async () => {
    await create([ana, ben]);
    for (const limit of ['-100', '0', '-1'])
      expect(await cloud.ok(ana, 'GET', `${conv}?conversationsLimit=${limit}`)).to.deep.equal({ items: [] });
    expect(
      (await cloud.ok<{ items: unknown[] }>(ana, 'GET', `${conv}?conversationsLimit=1`)).items,
    ).to.have.length(1);
  });

  it('hands back what the key service answered, also when it refused (A3, A4, A12)', async () => {
    const session = await agree(cloud, ana);
    const { keys = [] } = await session.ask({ method: 'create', uri: '/keys', count: 1 });
    const uri = keys[0]?.uri ?? '';
    const people = (who: readonly Person[]) => ({
      items: who.map(({ id }) => ({ verb: 'add', object: { objectType: 'person', id } })),
    });
    const made = await cloud.ok<WireConversation & { kmsMessage?: string }>(ana, 'POST', conv, {
      defaultActivityEncryptionKeyUrl: uri,
      kmsMessage: await session.wrap({
        method: 'create',
        uri: '/resources',
        userIds: [ben.id],
        keyUris: [uri],
      }),
      activities: people([ana, ben]),
    });
    expect(await session.unwrap(made.kmsMessage)).to.deep.include({ status: 201 });
    const added = await act(ana, made.id, {
      verb: 'add',
      object: { objectType: 'person', id: eve.id },
      kmsMessage: await session.wrap({
        method: 'create',
        uri: '/authorizations',
        resourceUri: made.kmsResourceObjectUrl,
        userIds: [eve.id],
      }),
    });
    const answer = await session.unwrap((added as { kmsMessage?: string }).kmsMessage);
    expect(answer.authorizations?.map(({ authId }) => authId)).to.deep.equal([eve.id]);
    // the events of the others carry none
    expect(cloud.activities().filter((activity) => 'kmsMessage' in activity)).to.deep.equal([]);
    const refused = await cloud.call<{
      errorCode: number;
      message: string;
      errors: { description: string }[];
    }>(ana, 'POST', conv, {
      defaultActivityEncryptionKeyUrl: 'kms://fake/keys/1',
      kmsMessage: await session.wrap({
        method: 'create',
        uri: '/resources',
        userIds: [],
        keyUris: ['kms://fake/keys/1'],
      }),
      activities: people([ana, ben]),
    });
    expect([refused.status, refused.body.errorCode]).to.deep.equal([400, 1900000]);
    expect(await session.unwrap(refused.body.message)).to.include({ status: 403 });
    expect(await session.unwrap(refused.body.errors[0]?.description)).to.include({ status: 403 });
  });

  describe('a locked space stays manageable (F13)', () => {
    let id: string;
    const person = (who: Person) => ({ objectType: 'person', id: who.id });
    const space = () => ({ objectType: 'conversation', id });
    const rename = (who: Person) =>
      cloud.call(who, 'POST', `${conv}/${id}/activities`, {
        verb: 'update',
        object: { objectType: 'conversation', displayName: 'New name' },
      });
    const tags = async (who: Person) =>
      (await cloud.ok<WireConversation & Record<string, unknown>>(who, 'GET', `${conv}/${id}`)).tags;
    beforeEach(async () => {
      ({ id } = await create([ana, ben, eve]));
      await act(ben, id, { verb: 'assignModerator', object: person(ben) });
      await act(ben, id, { verb: 'lock', object: space() });
      await act(ben, id, { verb: 'set', object: { objectType: 'spaceProperty', tags: ['ANNOUNCEMENT'] } });
      expect((await rename(eve)).status).to.equal(403);
    });
    const lastVerbs = (count: number) =>
      cloud
        .activities()
        .slice(-count)
        .map(({ verb }) => verb);

    it('by unlocking when its last moderator gives the role up', async () => {
      await act(ben, id, { verb: 'unassignModerator', object: person(ben) });
      expect(lastVerbs(2)).to.deep.equal(['unassignModerator', 'unlock']);
      expect(await tags(eve)).to.deep.equal([]);
      expect((await rename(eve)).status).to.equal(200);
    });

    it('by unlocking when its last moderator leaves, before the new key', async () => {
      await act(ben, id, { verb: 'leave', object: person(ben) });
      expect(lastVerbs(3)).to.deep.equal(['leave', 'unlock', 'updateKey']);
      expect(await tags(eve)).to.deep.equal([]);
      expect((await rename(eve)).status).to.equal(200);
    });

    it('and stays locked while another moderator is there', async () => {
      await act(ben, id, { verb: 'assignModerator', object: person(ana) });
      await act(ben, id, { verb: 'leave', object: person(ben) });
      expect(await tags(eve)).to.include('LOCKED');
      expect((await rename(eve)).status).to.equal(403);
      await act(ana, id, { verb: 'leave', object: person(ana) });
      expect(await tags(eve)).not.to.include('LOCKED');
    });

    it('by treating one that an older version left without a moderator as unlocked', async () => {
      await cloud.store.write(async ({ tx }) => {
        await changeParticipant(tx, id, ben.id, { is_moderator: 0 });
      });
      expect((await rename(eve)).status).to.equal(200);
      await act(eve, id, { verb: 'unlock', object: space() });
      expect(await tags(eve)).to.deep.equal([]);
    });

    it('by unlocking a public one when a user joins it after all had left', async () => {
      const room = await cloud.ok<{ id: string }>(ana, 'POST', '/v1/rooms', {
        title: 'Open',
        description: 'for all',
        isPublic: true,
        isLocked: true,
      });
      const { items } = await cloud.ok<{ items: { id: string }[] }>(
        ana,
        'GET',
        `/v1/memberships?roomId=${room.id}`,
      );
      await cloud.ok(ana, 'DELETE', `/v1/memberships/${items[0]?.id ?? ''}`);
      await cloud.ok(eve, 'POST', '/v1/memberships', { roomId: room.id, personId: eve.id });
      expect(await cloud.ok(eve, 'GET', `/v1/rooms/${room.id}`)).to.include({ isLocked: false });
    });
  });
});

describe('content at rest', () => {
  it('is ciphertext: no word of it is in any file of the data folder', async () => {
    const data = mkdtempSync(path.join(tmpdir(), 'trunkline-test-'));
    try {
      const cloud = await startContent({ data });
      const ana = await cloud.person('ana');
      const room = await cloud.ok(ana, 'POST', '/v1/rooms', {
        title: 'plaintitle',
        description: 'plaindescription',
      });
      const roomId = room['id'];
      const card = { type: 'AdaptiveCard', body: [{ type: 'TextBlock', text: 'plaincard' }] };
      const attachments = [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }];
      await cloud.ok(ana, 'POST', '/v1/messages', { roomId, markdown: '**plainwords**', attachments });
      const form = new FormData();
      form.set('roomId', String(roomId));
      form.set('files', new File(['plainbytes'.repeat(100)], 'plainname.txt', { type: 'text/plain' }));
      const shared = await cloud.app.inject({
        method: 'POST',
        url: '/v1/messages',
        headers: { authorization: `Bearer ${ana.token}` },
        payload: form,
      });
      expect(shared.statusCode).to.equal(200);
      const url = new URL(shared.json<{ files: string[] }>().files[0] ?? '');
      const content = await cloud.call<string>(ana, 'GET', url.pathname);
      expect(content.body).to.equal('plainbytes'.repeat(100));
      expect(content.headers['content-disposition']).to.contain('plainname.txt');
      const found = readdirSync(data, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(path.join(entry.parentPath, entry.name)).toString('latin1'));
      expect(found.length).to.be.greaterThan(2);
      for (const word of [
        'plaintitle',
        'plaindescription',
        'plaincard',
        'plainwords',
        'plainbytes',
        'plainname',
      ])
        expect(
          found.some((file) => file.includes(word)),
          word,
        ).to.equal(false);
      expect(found.some((file) => file.includes('ana@example.com'))).to.equal(true);
      await cloud.close();
    } finally {
      rmSync(data, { recursive: true, force: true });
    }
  });
});
