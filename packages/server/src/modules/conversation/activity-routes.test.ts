import {
  publicEvents,
  type WireActivity,
  type WireChild,
  type WireConversation,
  type WireReaction,
  type WireThread,
} from '@trunkline/wire';
import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { agree, type ContentCloud, type Person, startContent } from '../harness.test.js';

const base = '/conversation/api/v1';
const conv = `${base}/conversations`;
type Items<T> = Record<string, unknown> & { items: readonly T[] };

describe('what belongs together', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let eve: Person;
  let id: string;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben, eve] = [await cloud.person('ana'), await cloud.person('ben'), await cloud.person('eve')];
    id = await create([ana, ben]);
  });
  afterEach(() => cloud.close());

  const create = async (people: readonly Person[]): Promise<string> =>
    (
      await cloud.ok<WireConversation & Record<string, unknown>>(ana, 'POST', conv, {
        displayName: 'Threads',
        activities: {
          items: people.map((person) => ({ verb: 'add', object: { objectType: 'person', id: person.id } })),
        },
      })
    ).id;
  const act = (who: Person, activity: object, room = id) =>
    cloud.call<WireActivity>(who, 'POST', `${conv}/${room}/activities`, activity);
  const say = async (who: Person, displayName: string, more: object = {}, room = id): Promise<WireActivity> =>
    (await act(who, { verb: 'post', object: { objectType: 'comment', displayName, ...more }, ...more }, room))
      .body;
  const to = (type: string, parent: WireActivity): object => ({ parent: { id: parent.id, type } });
  const react = (who: Person, parent: WireActivity, hmac: string) =>
    act(who, {
      verb: 'add',
      object: { objectType: 'reaction2', displayName: hmac, hmac },
      parent: { id: parent.id, type: 'reaction' },
    });
  const list = async <T>(who: Person, url: string): Promise<readonly T[]> =>
    (await cloud.ok<Items<T>>(who, 'GET', url)).items;
  const read = async (activity: WireActivity | undefined, text: unknown): Promise<string> =>
    cloud.kms.decrypt(activity?.encryptionKeyUrl ?? '', String(text));

  it('hands out edits, answers and reactions with a message, when asked to', async () => {
    const root = await say(ana, 'one');
    await say(ana, 'two', to('edit', root));
    await say(ana, 'three', to('edit', root));
    const reply = await say(ben, 'an answer', to('reply', root));
    await react(ben, root, 'heart');
    await react(ana, root, 'heart');
    await react(ben, root, 'party');
    const plain = await list<WireActivity>(ana, `${conv}/${id}/activities`);
    expect(plain.some((activity) => 'children' in activity)).to.equal(false);
    const shown = await list<WireActivity>(ben, `${conv}/${id}/activities?includeChildren=true`);
    const children = shown.find((activity) => activity.id === root.id)?.children ?? [];
    const of = (type: string): WireChild | undefined => children.find((child) => child.type === type);
    expect(children.map((child) => child.type)).to.have.members([
      'edit',
      'reply',
      'reactionSummary',
      'reactionSelfSummary',
    ]);
    expect(await read(of('edit')?.activity, of('edit')?.activity.object.displayName)).to.equal('three');
    expect(of('reply')?.activity.id).to.equal(reply.id);
    expect(of('reactionSummary')?.parent.id).to.equal(root.id);
    const counted = of('reactionSummary')?.activity.object['reactions'] as readonly WireReaction[];
    expect(counted.map(({ hmac, count }) => `${hmac} ${String(count)}`)).to.deep.equal([
      'heart 2',
      'party 1',
    ]);
    const own = of('reactionSelfSummary')?.activity.object['reactions'] as readonly WireReaction[];
    expect(own.map(({ hmac }) => hmac)).to.deep.equal(['heart', 'party']);
    // what one gave one takes back by the id in the summary
    const undo = await act(ben, {
      verb: 'delete',
      object: { objectType: 'activity', id: own[0]?.reactionId },
    });
    expect(undo.body.parent).to.include({ id: root.id, type: 'reaction' });
    expect(publicEvents(undo.body)).to.deep.equal([]); // no message went
    const given = await list<WireActivity>(ana, `${conv}/${id}/parents/${root.id}?activityType=reaction`);
    expect(given.map(({ verb }) => verb)).to.deep.equal(['add', 'add']);
    // nothing that belongs to another one and is not handed out with it: official clients stop at it
    await say(ana, 'a card', { cards: ['{"type":"AdaptiveCard"}'] });
    const [card] = await list<WireActivity>(ana, `${conv}/${id}/activities?limit=1`);
    await act(ben, {
      verb: 'cardAction',
      object: { objectType: 'submit', inputs: {} },
      ...(card && to('cardAction', card)),
    });
    for (const more of ['', `&midDate=${String(Date.parse(root.published))}`, '&lastActivityFirst=false']) {
      const rows = await list<WireActivity>(
        ana,
        `${conv}/${id}/activities?limit=50&includeChildren=true${more}`,
      );
      const loose = rows.filter(({ parent, verb }) => parent !== undefined && verb === 'tombstone');
      expect(loose, more).to.deep.equal([]);
      expect(
        rows.map(({ verb }) => verb),
        more,
      )
        .to.include('post')
        .and.not.include('cardAction');
    }
    const flat = await list<WireActivity>(ana, `${conv}/${id}/activities?limit=1`);
    expect(flat.map(({ verb }) => verb)).to.deep.equal(['cardAction']);
    const url = `${conv}/${id}/activities/${root.id}?activityType=reactionSummary&includeChildren=true`;
    const after = (await cloud.ok<WireActivity & Record<string, unknown>>(ben, 'GET', url)).children ?? [];
    expect(after.map((child) => child.type)).to.deep.equal(['reactionSummary', 'reactionSelfSummary']);
    const left = after[0]?.activity.object['reactions'] as readonly WireReaction[];
    expect(left.map(({ hmac, count }) => `${hmac} ${String(count)}`)).to.deep.equal(['heart 1', 'party 1']);
    const [alone] = await list<WireActivity>(
      ana,
      `${conv}/${id}/parents/${root.id}?activityType=reactionSelfSummary`,
    );
    expect(alone?.object.objectType).to.equal('reaction2SelfSummary');
  });

  it('has one key for a summary of reactions that were given under several', async () => {
    await act(ana, { verb: 'add', object: { objectType: 'person', id: eve.id } });
    const root = await say(ana, 'one');
    await react(ben, root, 'heart');
    await act(ana, { verb: 'leave', object: { objectType: 'person', id: eve.id } });
    await react(ana, root, 'party');
    const [summary] = await list<WireActivity>(
      ana,
      `${conv}/${id}/parents/${root.id}?activityType=reactionSummary`,
    );
    const reactions = summary?.object['reactions'] as readonly WireReaction[];
    const names = await Promise.all(reactions.map(({ displayName }) => read(summary, displayName)));
    expect(names).to.deep.equal(['heart', 'party']);
    expect(
      (await (await agree(cloud, ben)).ask({ method: 'retrieve', uri: summary?.encryptionKeyUrl })).status,
    ).to.equal(200);
  });

  it('takes each reaction of a person once, and not without end', async () => {
    const root = await say(ana, 'one');
    expect((await react(ben, root, 'heart')).status).to.equal(200);
    expect((await react(ben, root, 'heart')).status).to.equal(409);
    for (let n = 0; n < 19; n += 1) expect((await react(ben, root, `r${String(n)}`)).status).to.equal(200);
    expect((await react(ben, root, 'one more')).status).to.equal(400);
    expect((await react(ana, root, 'heart')).status).to.equal(200);
    const gone = await say(ana, 'two');
    await act(ana, { verb: 'delete', object: { objectType: 'activity', id: gone.id } });
    expect((await react(ben, gone, 'heart')).status).to.equal(400);
  });

  it('lists what mentions me or everybody, by the newest words, where I am in', async () => {
    const mention = { mentions: { items: [{ id: ben.id, objectType: 'person' }] } };
    const all = { groupMentions: { items: [{ objectType: 'groupMention', groupType: 'all' }] } };
    const first = await say(ana, 'hello ben', mention);
    const second = await say(ana, 'hello all', all);
    const taken = await say(ana, 'hello ben', mention);
    await say(ana, 'hello no one', to('edit', taken));
    const later = await say(ana, 'hello no one');
    await act(ana, {
      verb: 'post',
      object: { objectType: 'comment', displayName: 'ben', ...mention },
      ...to('edit', later),
    });
    const deleted = await say(ana, 'hello ben', mention);
    await act(ana, { verb: 'delete', object: { objectType: 'activity', id: deleted.id } });
    const other = await create([ana, ben]);
    const elsewhere = await say(ana, 'hello ben', mention, other);
    const ids = async (who: Person, query = '') =>
      (await list<WireActivity>(who, `${base}/mentions${query}`)).map((activity) => activity.id);
    expect(await ids(ben)).to.deep.equal([elsewhere.id, later.id, second.id, first.id]);
    expect(await ids(ben, '?limit=1')).to.deep.equal([elsewhere.id]);
    expect(await ids(ben, `?maxDate=${encodeURIComponent(second.published)}`)).to.deep.equal([
      second.id,
      first.id,
    ]);
    expect(await ids(eve)).to.deep.equal([]);
    await act(ana, { verb: 'leave', object: { objectType: 'person', id: ben.id } }, other);
    // a conversation is meant by its id, and not by a user who is elsewhere
    await say(ana, 'hello', { mentions: { items: [{ id, objectType: 'person' }] } }, other);
    expect(await ids(ben)).to.deep.equal([later.id, second.id, first.id]);
    expect(await ids(ben, '?limit=1')).to.deep.equal([later.id]);
    const edited = (await list<WireActivity>(ben, `${base}/mentions`))[0];
    expect(edited?.children?.map((child) => child.type)).to.deep.equal(['edit']);
  });

  it('lists the threads I wrote in or began', async () => {
    const [mine, theirs, none] = [await say(ana, 'mine'), await say(ben, 'theirs'), await say(ben, 'none')];
    const answer = await say(ben, 'answer', to('reply', mine));
    const own = await say(ana, 'my answer', to('reply', theirs));
    await say(ben, 'not mine', to('reply', none));
    const threads = await list<WireThread>(ana, `${base}/threads`);
    expect(
      threads.map(({ childType, actorId, parentActivityId }) => [childType, actorId, parentActivityId]),
    ).to.deep.equal([
      ['reply', ben.id, theirs.id],
      ['reply', ana.id, mine.id],
    ]);
    expect(threads.map((thread) => thread.childActivities.map((activity) => activity.id))).to.deep.equal([
      [own.id],
      [answer.id],
    ]);
    expect(await list(eve, `${base}/threads`)).to.deep.equal([]);
  });

  it('fetches many by their addresses, each for itself', async () => {
    const [one, two] = [await say(ana, 'one'), await say(ana, 'two')];
    const activityUrls = [two.url, `${base}/activities/${randomUUID()}`, one.url];
    const fetch = async (who: Person) =>
      (
        await cloud.ok<{ multistatus: { status: string; data?: { activity: WireActivity } }[] }>(
          who,
          'POST',
          `${base}/bulk_activities_fetch`,
          { activityUrls },
        )
      ).multistatus.map(({ status, data }) => [status, data?.activity.id]);
    expect(await fetch(ben)).to.deep.equal([
      ['200', two.id],
      ['404', undefined],
      ['200', one.id],
    ]);
    expect(await fetch(eve)).to.deep.equal([
      ['404', undefined],
      ['404', undefined],
      ['404', undefined],
    ]);
  });

  it('pages through children, and says which messages have some', async () => {
    const root = await say(ana, 'root');
    const replies: string[] = [];
    for (const text of ['1', '2', '3']) replies.push((await say(ben, text, to('reply', root))).id);
    expect(await cloud.ok(ana, 'GET', `${conv}/${id}/parents?activityType=`)).to.deep.equal({
      reply: [root.id],
      edit: [],
      reaction: [],
    });
    const seen: string[] = [];
    let url: string | undefined = `${conv}/${id}/parents/${root.id}?activityType=reply&limit=2`;
    while (url !== undefined) {
      const page: Awaited<ReturnType<typeof cloud.call<Items<WireActivity>>>> = await cloud.call(
        ana,
        'GET',
        url,
      );
      seen.push(...page.body.items.map((activity) => activity.id));
      url = /^<([^>]+)>/.exec(page.headers['link'] ?? '')?.[1];
    }
    expect(seen).to.deep.equal(replies);
  });

  it('pages through the people of a conversation', async () => {
    const { items } = (
      await cloud.ok<WireConversation & Record<string, unknown>>(
        ana,
        'GET',
        `${conv}/${id}?includeParticipants=true`,
      )
    ).participants ?? { items: [] };
    expect(items).to.have.length(2);
    const seen: string[] = [];
    let url: string | undefined = `${conv}/${id}?participantsLimit=1&paginate=true`;
    while (url !== undefined) {
      const page: Awaited<ReturnType<typeof cloud.call<WireConversation>>> = await cloud.call(
        ana,
        'GET',
        url,
      );
      seen.push(...(page.body.participants?.items ?? []).map((person) => person.id));
      url = /^<([^>]+)>/.exec(page.headers['link'] ?? '')?.[1];
    }
    expect(seen).to.deep.equal(items.map((person) => person.id));
  });

  it('shows those who left that it existed, and nothing of its content', async () => {
    await act(ben, { verb: 'leave', object: { objectType: 'person', id: ben.id } });
    await say(ana, 'after');
    await act(ana, { verb: 'update', object: { objectType: 'conversation', displayName: 'Later' } });
    const [left, ...more] = await list<WireConversation>(ben, `${conv}/left`);
    expect(more).to.deep.equal([]);
    expect(left?.id).to.equal(id);
    expect(left?.lastRelevantActivityDate).to.equal(left?.published);
    expect(left).not.to.have.property('displayName');
    expect([left?.encryptionKeyUrl, left?.kmsResourceObjectUrl]).to.deep.equal(['', '']);
    await act(ana, { verb: 'add', object: { objectType: 'person', id: ben.id } });
    expect(await list(ben, `${conv}/left`)).to.deep.equal([]);
  });

  it('keeps what people set for themselves, and what they set for all', async () => {
    const tags = async (who: Person): Promise<readonly string[]> =>
      (await cloud.ok<WireConversation & Record<string, unknown>>(who, 'GET', `${conv}/${id}`)).tags;
    const space = { objectType: 'conversation', id };
    for (const verb of ['favorite', 'mute', 'hide']) await act(ben, { verb, object: space });
    await act(ben, { verb: 'tag', object: { ...space, tags: ['MENTION_NOTIFICATIONS_OFF', 'IGNORED'] } });
    expect(await tags(ben)).to.have.members([
      'FAVORITE',
      'MUTED',
      'HIDDEN',
      'MENTION_NOTIFICATIONS_OFF',
      'IGNORED',
    ]);
    expect(await tags(ana)).to.deep.equal([]);
    expect(cloud.told.slice(-4).map(({ userId, conversationId }) => [userId, conversationId])).to.deep.equal(
      Array.from({ length: 4 }, () => [ben.id, undefined]),
    );
    await act(ben, { verb: 'tag', object: { ...space, tags: ['MENTION_NOTIFICATIONS_ON'] } });
    for (const verb of ['unfavorite', 'unmute', 'unhide']) await act(ben, { verb, object: space });
    await act(ben, { verb: 'untag', object: { ...space, tags: ['IGNORED'] } });
    expect(await tags(ben)).to.deep.equal(['MENTION_NOTIFICATIONS_ON']);
    const property = (verb: string, ...named: string[]) =>
      act(ana, { verb, object: { objectType: 'spaceProperty', tags: named } });
    expect((await property('set', 'PINNED')).status).to.equal(200);
    expect(await tags(ana)).to.deep.equal(['PINNED']);
    for (const bad of ['LOCKED', 'ONE_ON_ONE', 'ANNOUNCEMENT', 'not a tag'])
      expect((await property('set', bad)).status, bad).to.equal(400);
    await act(ana, { verb: 'lock', object: space });
    expect(
      (await act(ben, { verb: 'set', object: { objectType: 'spaceProperty', tags: ['X'] } })).status,
    ).to.equal(403);
    await property('unset', 'PINNED');
    expect(await tags(ana)).to.deep.equal(['LOCKED']);
  });

  it('lets people change their own names, for everybody at once', async () => {
    expect((await cloud.call(ben, 'PATCH', `${base}/users/user`, { displayName: ' ' })).status).to.equal(400);
    await cloud.ok(ben, 'PATCH', `${base}/users/user`, { displayName: 'Benjamin' });
    expect((await cloud.ok(ben, 'GET', `${base}/users`))['displayName']).to.equal('Benjamin');
    const post = await say(ben, 'it is me');
    expect(post.actor.displayName).to.equal('Benjamin');
    expect(cloud.activities().at(-1)?.actor.displayName).to.equal('Benjamin');
  });
});
