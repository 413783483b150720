import type { WireActivity, WireConversation, WireThread } from '@trunkline/wire';
import { expect } from 'chai';
import { sql } from 'kysely';
import { type ContentCloud, type Person, startContent } from '../harness.test.js';
import { history } from './migrations/0013-history.js';

const base = '/conversation/api/v1';

describe('threads, parents and mentions', () => {
  let cloud: ContentCloud;
  let people: readonly Person[];
  let ana: Person;
  let ben: Person;
  let room: string;
  beforeEach(async () => {
    cloud = await startContent();
    people = await Promise.all(['ana', 'ben', 'eve'].map((name) => cloud.person(name)));
    [ana, ben] = people as [Person, Person, Person];
    const made = await cloud.ok<WireConversation>(ana, 'POST', `${base}/conversations`, {
      displayName: 'Room',
      activities: {
        items: [
          { verb: 'create' },
          ...people.map(({ id }) => ({ verb: 'add', object: { objectType: 'person', id } })),
        ],
      },
    });
    room = made.id;
  });
  afterEach(() => cloud.close());

  const submit = (who: Person, activity: object): ReturnType<typeof cloud.call<WireActivity>> =>
    cloud.call<WireActivity>(who, 'POST', `${base}/conversations/${room}/activities`, activity);
  const post = async (who: Person, parent?: { id: string; type: string }, mentions: object = {}) =>
    (
      await submit(who, {
        verb: 'post',
        object: { objectType: 'comment', displayName: 'text', ...mentions },
        ...(parent && { parent }),
      })
    ).body.id;
  const remove = async (who: Person, id: string): Promise<void> => {
    expect((await submit(who, { verb: 'delete', object: { objectType: 'activity', id } })).status).to.equal(
      200,
    );
  };
  const threadsOf = async (who: Person, query = ''): Promise<readonly string[]> =>
    (await cloud.ok<{ items: WireThread[] }>(who, 'GET', `${base}/threads${query}`)).items.map(
      ({ parentActivityId }) => parentActivityId,
    );

  it('lists a thread while a reply is left, for those who have a message in it that is left', async () => {
    const root = await post(ana);
    expect(await threadsOf(ana)).to.deep.equal([]);
    const first = await post(ben, { id: root, type: 'reply' });
    const second = await post(ben, { id: root, type: 'reply' });
    expect([await threadsOf(ana), await threadsOf(ben)]).to.deep.equal([[root], [root]]);
    await remove(ben, second);
    expect([await threadsOf(ana), await threadsOf(ben)]).to.deep.equal([[root], [root]]);
    await remove(ben, first);
    expect([await threadsOf(ana), await threadsOf(ben)]).to.deep.equal([[], []]);
    await post(ben, { id: root, type: 'reply' });
    await remove(ana, root);
    expect([await threadsOf(ana), await threadsOf(ben)]).to.deep.equal([[], [root]]);
  });

  it('puts the thread with the newest reply that is left first, and takes a limit and dates', async () => {
    const roots = [await post(ana), await post(ana), await post(ana)] as const;
    const replies: string[] = [];
    for (const id of roots) replies.push(await post(ben, { id, type: 'reply' }));
    const newest = await post(ben, { id: roots[0], type: 'reply' });
    expect(await threadsOf(ana)).to.deep.equal([roots[0], roots[2], roots[1]]);
    expect(await threadsOf(ana, '?limit=2')).to.deep.equal([roots[0], roots[2]]);
    await remove(ben, newest);
    expect(await threadsOf(ana)).to.deep.equal([...roots].reverse());
    const { publishedMs } = await cloud.store.db
      .selectFrom('activities')
      .select('published_ms as publishedMs')
      .where('id', '=', replies[1] ?? '')
      .executeTakeFirstOrThrow();
    expect(await threadsOf(ana, `?maxDate=${String(publishedMs)}`)).to.deep.equal([roots[1], roots[0]]);
    expect(await threadsOf(ana, `?sinceDate=${String(publishedMs)}`)).to.deep.equal([roots[2], roots[1]]);
  });

  it('lists threads and mentions again when a person comes back to a room', async () => {
    const root = await post(ben, undefined, { mentions: { items: [{ id: ana.id, objectType: 'person' }] } });
    await post(ana, { id: root, type: 'reply' });
    const mentions = async (): Promise<readonly string[]> =>
      (await cloud.ok<{ items: WireActivity[] }>(ana, 'GET', `${base}/mentions`)).items.map(({ id }) => id);
    const object = { objectType: 'person', id: ana.id };
    await submit(ana, { verb: 'leave', object });
    expect([await threadsOf(ana), await mentions()]).to.deep.equal([[], []]);
    await submit(ben, { verb: 'add', object });
    expect([await threadsOf(ana), await mentions()]).to.deep.equal([[root], [root]]);
  });

  it('keeps in its tables what the history says', async () => {
    // the same numbers in every run
    let state = 7;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const written: { who: Person; id: string; isRoot: boolean }[] = [];
    for (let n = 0; n < 150; n += 1) {
      const who = people[random(3)] ?? ana;
      const of = written[random(Math.max(written.length, 1))];
      const whom = people[random(3)] ?? ana;
      const mentions =
        random(3) === 0 ? { mentions: { items: [{ id: whom.id, objectType: 'person' }] } } : {};
      const kind = random(6);
      if (of === undefined || kind < 2) {
        const all =
          random(4) === 0
            ? { groupMentions: { items: [{ objectType: 'groupMention', groupType: 'all' }] } }
            : {};
        written.push({ who, id: await post(who, undefined, { ...mentions, ...all }), isRoot: true });
      } else if (kind === 2 && of.isRoot)
        written.push({ who, id: await post(who, { id: of.id, type: 'reply' }, mentions), isRoot: false });
      else if (kind === 3) await post(of.who, { id: of.id, type: 'edit' }, mentions);
      else if (kind === 4)
        await submit(who, {
          verb: 'add',
          object: { objectType: 'reaction2', displayName: 'heart' },
          parent: { id: of.id, type: 'reaction' },
        });
      else if (random(2) === 0)
        await submit(of.who, { verb: 'delete', object: { objectType: 'activity', id: of.id } });
    }
    const tables = async (): Promise<object> => ({
      parents: (await sql`select * from parents order by parent_id, type`.execute(cloud.store.db)).rows,
      people: (await sql`select * from thread_people order by root_id, user_id`.execute(cloud.store.db)).rows,
      mentions: (await sql`select * from mentions order by activity_id, user_id`.execute(cloud.store.db))
        .rows,
    });
    const kept = await tables();
    // as it was before the migration
    await cloud.store.write(async ({ tx }) => {
      for (const index of [
        'activities_messages',
        'activities_threaded',
        'activities_children',
        'activities_replies',
        'activities_reactions',
        'mentions_newest',
        'mentions_thread',
      ])
        await sql`drop index ${sql.ref(index)}`.execute(tx);
      await sql`drop table parents`.execute(tx);
      await sql`drop table thread_people`.execute(tx);
      await sql`alter table mentions drop column actor_id`.execute(tx);
      await sql`alter table mentions drop column parent_id`.execute(tx);
      await sql`create index activities_parent on activities (parent_id)`.execute(tx);
      await sql`create index activities_actor on activities (actor_id)`.execute(tx);
      await sql`create index mentions_user on mentions (user_id)`.execute(tx);
      await history.up(tx as never);
    });
    expect(await tables()).to.deep.equal(kept);
  });
});
