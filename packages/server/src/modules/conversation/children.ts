// What belongs to a message and is handed out with it. @source protocol/conversation.md §1.3, §2
import type { WireActivity, WireChild, WireReaction } from '@trunkline/wire';
import { text } from '../../kernel/http/untrusted.js';
import type { Urls } from '../../kernel/http/urls.js';
import type { Caller } from '../identity/api.js';
import type { StoredActivity } from './api.js';
import type { ReactionCount } from './related.js';
import { iso } from './shapes.js';
import { showActivities } from './show.js';
import type { ConversationRecord } from './store.js';
import type { Tools } from './tools.js';

type Places = ReadonlyMap<string, ConversationRecord>;

/** newest answers that come with a message; the others have a route of their own */
const repliesWithParent = 10;

export const summaryTypes = ['reactionSummary', 'reactionSelfSummary'] as const;

/** All reactions to these messages, and this person's: two activities for each message that has any. */
async function summaries(
  { kms, reads }: Tools,
  caller: Caller,
  parents: readonly StoredActivity[],
  places: Places,
  urls: Urls,
): Promise<ReadonlyMap<string, readonly WireChild[]>> {
  const counts = await reads.reactions(
    parents.map((parent) => parent.id),
    caller.user.id,
  );
  const found = new Map<string, WireChild[]>();
  if (counts.length === 0) return found;
  const given = await reads.byIds(counts.map((count) => count.activityId));
  // one summary has one key, and its reactions may have been given under several
  const keyOf = new Map(
    parents.map((parent) => [parent.id, places.get(parent.conversationId)?.keyUrl ?? '']),
  );
  const words = async ({ activityId, parentId }: ReactionCount): Promise<string | undefined> => {
    const keyUrl = keyOf.get(parentId) ?? '';
    const activity = given.get(activityId);
    const ciphertext = text(activity?.object.displayName);
    if (ciphertext === undefined || activity?.keyUrl === keyUrl) return ciphertext;
    try {
      return await kms.encrypt(keyUrl, await kms.decrypt(activity?.keyUrl ?? '', ciphertext));
    } catch {
      return undefined;
    }
  };
  const byParent = new Map<string, { count: ReactionCount; displayName: string; atMs: number }[]>();
  for (const count of counts) {
    const displayName = await words(count);
    if (displayName === undefined) continue;
    const entry = { count, displayName, atMs: given.get(count.activityId)?.publishedMs ?? 0 };
    byParent.set(count.parentId, [...(byParent.get(count.parentId) ?? []), entry]);
  }
  for (const parent of parents) {
    const entries = (byParent.get(parent.id) ?? []).sort((one, other) => one.atMs - other.atMs);
    if (entries.length === 0) continue;
    const published = iso(Math.max(...entries.map((entry) => entry.atMs)));
    const child = (type: (typeof summaryTypes)[number], reactions: readonly WireReaction[]): WireChild => {
      const link = { id: parent.id, type, published: iso(parent.publishedMs) };
      const activity: WireActivity = {
        id: parent.id,
        objectType: 'activity',
        verb: 'add',
        url: urls.activity(parent.id),
        published,
        actor: { id: caller.user.id, entryUUID: caller.user.id, objectType: 'person' },
        object: {
          objectType: type === 'reactionSummary' ? 'reaction2Summary' : 'reaction2SelfSummary',
          reactions,
        },
        encryptionKeyUrl: keyOf.get(parent.id) ?? '',
        parent: link,
      };
      return { type, parent: link, published, activity };
    };
    const own = entries.flatMap(({ count: { hmac, ownId }, displayName }) =>
      ownId === undefined ? [] : [{ displayName, hmac, reactionId: ownId }],
    );
    found.set(parent.id, [
      child(
        'reactionSummary',
        entries.map(({ count: { count, hmac }, displayName }) => ({ displayName, hmac, count })),
      ),
      ...(own.length === 0 ? [] : [child('reactionSelfSummary', own)]),
    ]);
  }
  return found;
}

/** These activities with their newest edit, newest answers and reactions; with `only`, of these types. */
export async function withChildren(
  tools: Tools,
  caller: Caller,
  activities: readonly StoredActivity[],
  places: Places,
  urls: Urls,
  only?: string,
): Promise<readonly WireActivity[]> {
  const { reads } = tools;
  const shown = await showActivities(tools, activities, places, urls);
  const parents = activities.filter(
    ({ deletedMs, parent, verb }) =>
      deletedMs === null && (verb === 'post' || verb === 'share') && parent?.type !== 'edit',
  );
  const wants = (type: string): boolean =>
    only === undefined ||
    only === type ||
    // one's own come along with those of all
    (only === 'reactionSummary' && type === 'reactionSelfSummary');
  const parentIds = parents.map((parent) => parent.id);
  const [edits, replies, reactions] = await Promise.all([
    wants('edit') ? reads.edits(parentIds) : undefined,
    wants('reply') ? reads.replies(parentIds, repliesWithParent) : undefined,
    summaryTypes.some(wants) ? summaries(tools, caller, parents, places, urls) : undefined,
  ]);
  const stored = [
    ...[...(edits?.values() ?? [])].map((edit) => edit.latest),
    ...[...(replies?.values() ?? [])].flat(),
  ];
  const byParent = new Map<string, WireChild[]>();
  for (const activity of await showActivities(tools, stored, places, urls)) {
    const { parent, published } = activity;
    if (parent === undefined) continue;
    const list = byParent.get(parent.id) ?? [];
    list.push({ type: parent.type, parent, published, activity });
    byParent.set(parent.id, list);
  }
  return shown.map((activity) => {
    const children = [
      ...(byParent.get(activity.id) ?? []),
      ...(reactions?.get(activity.id) ?? []).filter((child) => wants(child.type)),
    ];
    return children.length === 0 ? activity : { ...activity, children };
  });
}

/** The summaries of one message, as activities of their own. */
export async function summariesOf(
  tools: Tools,
  caller: Caller,
  parent: StoredActivity,
  places: Places,
  urls: Urls,
): Promise<readonly WireChild[]> {
  return (await summaries(tools, caller, [parent], places, urls)).get(parent.id) ?? [];
}
