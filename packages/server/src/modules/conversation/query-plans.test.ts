// Lists must cost what their answer is long, not what the history is long. Times depend on the machine; plans do not.
import { encodeId, type WireActivity, type WireConversation } from '@trunkline/wire';
import { expect } from 'chai';
import { CompiledQuery, type KyselyPlugin, type RootOperationNode } from 'kysely';
import type { Store } from '../../kernel/store/index.js';
import { type ContentCloud, type Person, startContent } from '../harness.test.js';

const conv = '/conversation/api/v1';
/** tables that grow with every message */
const growing = 'activities|mentions|parents|thread_people|reactions|events|one|a';

interface Step {
  readonly id: number;
  readonly parent: number;
  readonly detail: string;
}

/** Records what is read outside of writes. */
function recorder() {
  const nodes: RootOperationNode[] = [];
  const plugin: KyselyPlugin = {
    transformQuery: ({ node }) => {
      nodes.push(node);
      return node;
    },
    transformResult: ({ result }) => Promise.resolve(result),
  };
  let plain: Store['db'] | undefined;
  return {
    watched: (store: Store): Store => {
      plain = store.db;
      return { ...store, db: store.db.withPlugin(plugin) };
    },
    /** The plans of what was read since the last call. */
    async plans(): Promise<readonly { readonly sql: string; readonly steps: readonly Step[] }[]> {
      if (plain === undefined) throw new Error('nothing is recorded yet');
      const plans: { sql: string; steps: readonly Step[] }[] = [];
      for (const node of nodes.splice(0)) {
        const { sql, parameters } = plain.getExecutor().compileQuery(node, { queryId: 'plan' });
        const { rows } = await plain.executeQuery(
          CompiledQuery.raw(`explain query plan ${sql}`, [...parameters]),
        );
        plans.push({ sql, steps: rows as readonly Step[] });
      }
      return plans;
    },
  };
}

/** Steps that read more than is asked for: all of a table, or a range that must be put in order first. */
function unbounded(steps: readonly Step[]): readonly string[] {
  return steps
    .filter(({ detail, parent }) => {
      if (new RegExp(`^SCAN (${growing})\\b`).test(detail)) return true;
      if (!detail.startsWith('USE TEMP B-TREE')) return false;
      return steps.some(
        (other) =>
          other.parent === parent &&
          new RegExp(`^SEARCH (${growing})\\b`).test(other.detail) &&
          // one row each
          !/sqlite_autoindex_\w+_1 \((id=\?|root_id=\? AND user_id=\?|activity_id=\? AND user_id=\?)\)/.test(
            other.detail,
          ),
      );
    })
    .map(({ detail }) => detail);
}

describe('query plans of lists', () => {
  const reading = recorder();
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let room: string;
  let root: string;
  before(async () => {
    cloud = await startContent({}, Date.now, reading.watched);
    ana = await cloud.person('ana');
    ben = await cloud.person('ben');
    const made = await cloud.ok<WireConversation>(ana, 'POST', `${conv}/conversations`, {
      displayName: 'Plans',
      activities: {
        items: [{ verb: 'create' }, { verb: 'add', object: { objectType: 'person', id: ben.id } }],
      },
    });
    room = made.id;
    const write = (who: Person, activity: object): Promise<WireActivity> =>
      cloud.ok<WireActivity>(who, 'POST', `${conv}/conversations/${room}/activities`, activity);
    const mentions = { items: [{ id: ana.id, objectType: 'person' }] };
    const comment = { objectType: 'comment', displayName: 'words', mentions };
    root = (await write(ana, { verb: 'post', object: comment })).id;
    for (const type of ['reply', 'reply', 'edit'])
      await write(type === 'edit' ? ana : ben, { verb: 'post', object: comment, parent: { id: root, type } });
    await write(ben, {
      verb: 'add',
      object: { objectType: 'reaction2', displayName: 'heart' },
      parent: { id: root, type: 'reaction' },
    });
  });
  after(() => cloud.close());

  const inRoom = (): string => `${conv}/conversations/${room}`;
  const rest = (query: string): string => `/v1/messages?roomId=${encodeId('ROOM', room)}&${query}`;
  const lists: readonly (readonly [title: string, url: () => string, ...indexes: readonly string[]])[] = [
    ['conversations', () => `${conv}/conversations?activitiesLimit=1`, 'activities_published'],
    [
      'conversations with people',
      () => `${conv}/conversations?activitiesLimit=5&participantsLimit=3&computeTitleIfEmpty=true`,
    ],
    [
      'conversations since a date',
      () => `${conv}/conversations?sinceDate=1&paginate=true&conversationsLimit=1`,
    ],
    ['conversationsSummary', () => `${conv}/conversationsSummary`],
    ['conversations that were left', () => `${conv}/conversations/left`],
    [
      'a conversation',
      () => `${inRoom()}?activitiesLimit=10&includeParticipants=true`,
      'activities_published',
    ],
    ['a conversation of two', () => `${conv}/conversations/user/${ben.id}`],
    ['activities', () => `${inRoom()}/activities?limit=10`, 'activities_published'],
    [
      'activities, oldest first',
      () => `${inRoom()}/activities?lastActivityFirst=false&sinceDate=1`,
      'activities_published',
    ],
    ['activities around a date', () => `${inRoom()}/activities?midDate=1`, 'activities_published'],
    [
      'activities with children',
      () => `${inRoom()}/activities?includeChildren=true`,
      'activities_threaded',
      'activities_replies',
      'activities_children',
    ],
    ['an activity', () => `${conv}/activities/${root}?includeChildren=true`],
    ['parents', () => `${inRoom()}/parents?sinceDate=1`, 'parents_newest'],
    [
      'children of all kinds',
      () => `${inRoom()}/parents/${root}`,
      'activities_children',
      'activities_reactions',
    ],
    ['replies', () => `${inRoom()}/parents/${root}?activityType=reply`, 'activities_children'],
    ['reactions', () => `${inRoom()}/parents/${root}?activityType=reaction`, 'activities_reactions'],
    ['summaries of reactions', () => `${inRoom()}/parents/${root}?activityType=reactionSummary`],
    ['mentions', () => `${conv}/mentions?sinceDate=1&limit=10`, 'mentions_newest'],
    ['threads', () => `${conv}/threads?limit=10`, 'thread_people_newest', 'activities_replies'],
    ['REST messages', () => rest('max=10'), 'activities_messages'],
    ['REST messages before a date', () => rest('before=2030-01-01T00:00:00Z'), 'activities_messages'],
    [
      'REST messages before a message',
      () => rest(`beforeMessage=${encodeId('MESSAGE', root)}`),
      'activities_messages',
    ],
    ['REST mentions', () => rest('mentionedPeople=me'), 'mentions_newest'],
    ['REST replies', () => rest(`parentId=${encodeId('MESSAGE', root)}`), 'activities_replies'],
    [
      'REST mentions in a thread',
      () => rest(`parentId=${encodeId('MESSAGE', root)}&mentionedPeople=me`),
      'mentions_thread',
    ],
    ['REST direct messages', () => `/v1/messages/direct?personId=${encodeId('PEOPLE', ben.id)}`],
    ['REST rooms', () => '/v1/rooms?sortBy=lastactivity'],
    ['REST memberships', () => `/v1/memberships?roomId=${encodeId('ROOM', room)}`],
    ['REST own memberships', () => '/v1/memberships'],
    ['REST teams', () => '/v1/teams'],
  ];
  for (const [title, url, ...indexes] of lists)
    it(`${title}: reads no history (F14)`, async () => {
      await reading.plans();
      const { status } = await cloud.call(ana, 'GET', url());
      expect(status).to.be.oneOf([200, 404]);
      const plans = await reading.plans();
      expect(plans).to.not.have.length(0);
      for (const { sql, steps } of plans) expect(unbounded(steps), sql).to.deep.equal([]);
      const used = plans.flatMap(({ steps }) => steps.map(({ detail }) => detail)).join('\n');
      for (const index of indexes) expect(used).to.match(new RegExp(`\\b${index}\\b`));
    });

  it('finds what reads too much', () => {
    const step = (detail: string): Step => ({ id: 1, parent: 0, detail });
    expect(unbounded([step('SCAN activities')])).to.have.length(1);
    expect(
      unbounded([
        step('SEARCH activities USING INDEX activities_children (parent_id=?)'),
        step('USE TEMP B-TREE FOR ORDER BY'),
      ]),
    ).to.have.length(1);
  });
});
