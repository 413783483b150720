import { sdkError, type CallInit } from '@trunkline/core';
import type { Items, WireActivity } from '@trunkline/wire';
import { pathOf, type Context } from '../engine/context.js';
import { oldestFirst } from '../engine/oldest-first.js';
import type {
  Conversation,
  ReadableActivity,
  ThreadedList,
  ThreadedMessage,
  ThreadedPage,
  ThreadedQuery,
} from '../types.js';

/** requests for one page, however few messages are among what they bring */
const maxFetches = 20;
/** messages whose belongings are fetched at a time */
const atOnce = 5;

/** A place between two activities: a date, and those of that very millisecond that lie behind us. */
interface Edge {
  readonly ms: number;
  readonly ids: ReadonlySet<string>;
}
/** Everything of a stretch of time, oldest first. */
interface Stretch {
  readonly activities: readonly WireActivity[];
  /** whether there is more in the direction it was fetched */
  readonly hasMore: boolean;
}
type Parts = Pick<Conversation, 'parents' | 'children' | 'reactions'>;

/** @source protocol/conversation.md §2.1 */
export function threads(context: Context, parts: Parts): Pick<Conversation, 'listThreaded'> {
  return {
    listThreaded(conversationId, query = {}, init) {
      const walk = createWalk(context, parts, conversationId, query);
      return listOf(() => walk.first(init));
    },
  };
}

function listOf(first: () => Promise<ThreadedPage>): ThreadedList {
  return {
    page: first,
    async *[Symbol.asyncIterator]() {
      let page = await first();
      yield* [...page.items].reverse();
      while (page.hasOlder) {
        page = await page.older();
        yield* [...page.items].reverse();
      }
    },
  };
}

function createWalk(context: Context, parts: Parts, conversationId: string, query: ThreadedQuery) {
  const path = `${pathOf(conversationId)}/activities`;
  const limit = Math.min(Math.max(query.limit ?? 20, 1), 100);

  async function fetchStretch(direction: 'older' | 'newer', from: Edge | undefined, init?: CallInit) {
    // fewer would mean many requests where edits and reactions abound
    const size = Math.max(limit, 20);
    const found = new Map<string, WireActivity>();
    let edge = from;
    let roots = 0;
    let replies = 0;
    for (let fetches = 0; fetches < maxFetches; fetches += 1) {
      const { items } = await context.get<Items<WireActivity>>(
        path,
        {
          limit: size,
          ...(direction === 'newer'
            ? { sinceDate: edge?.ms ?? 0, lastActivityFirst: false }
            : edge && { maxDate: edge.ms }),
        },
        init,
      );
      const fresh = items.filter(({ id }) => !found.has(id) && edge?.ids.has(id) !== true);
      for (const activity of fresh) {
        found.set(activity.id, activity);
        if (isRoot(activity)) roots += 1;
        else if (isReply(activity)) replies += 1;
      }
      const isOver = items.length < size || fresh.some(({ verb }) => verb === 'create');
      if (isOver && (direction === 'newer' ? items.length < size : true)) return stretch(found, false);
      // a page of nothing but one millisecond: step over it
      edge = edgeOf(direction, items, fresh.length === 0);
      if (roots > 0 && roots + replies >= limit) break;
    }
    return stretch(found, true);
  }

  const showPage = async (
    { activities }: Stretch,
    ends: { readonly hasOlder: boolean; readonly hasNewer: boolean; readonly at?: Edge | undefined },
    init?: CallInit,
  ): Promise<ThreadedPage> => {
    const { at, hasOlder, hasNewer } = ends;
    // nothing there: the page before and after begin where this one began
    const oldest = activities.length > 0 ? edgeOf('older', activities) : at;
    const newest = activities.length > 0 ? edgeOf('newer', activities) : at;
    return {
      items: await decorate(activities.filter(isRoot), init),
      hasOlder,
      hasNewer,
      async older(more) {
        if (!hasOlder) throw sdkError('ERR_ARGUMENT', 'there is no older page; look at hasOlder first');
        const found = await fetchStretch('older', oldest, more);
        return showPage(found, { hasOlder: found.hasMore, hasNewer: true, at: oldest }, more);
      },
      async newer(more) {
        const found = await fetchStretch('newer', newest, more);
        return showPage(
          found,
          { hasOlder: activities.length > 0 || hasOlder, hasNewer: found.hasMore, at: newest },
          more,
        );
      },
    };
  };

  async function first(init?: CallInit): Promise<ThreadedPage> {
    const { before, after, around } = query;
    if (around !== undefined) {
      const middle = await rootOf(around, init);
      const edge: Edge = { ms: Date.parse(middle.published), ids: new Set() };
      const older = await fetchStretch('older', edge, init);
      const known = new Set(older.activities.map(({ id }) => id));
      const newer = await fetchStretch('newer', { ...edge, ids: known }, init);
      return showPage(
        { activities: [...older.activities, ...newer.activities], hasMore: true },
        { hasOlder: older.hasMore, hasNewer: newer.hasMore, at: edge },
        init,
      );
    }
    const ids = new Set<string>();
    if (after !== undefined) {
      const at = { ms: after + 1, ids };
      const found = await fetchStretch('newer', at, init);
      return showPage(found, { hasOlder: true, hasNewer: found.hasMore, at }, init);
    }
    const at = before === undefined ? undefined : { ms: before - 1, ids };
    const found = await fetchStretch('older', at, init);
    return showPage(found, { hasOlder: found.hasMore, hasNewer: before !== undefined, at }, init);
  }

  /** The message that an activity belongs to: an edit of a reply leads over the reply. */
  async function rootOf(activityId: string, init?: CallInit): Promise<WireActivity> {
    let activity = await context.get<WireActivity>(`${path}/${encodeURIComponent(activityId)}`, {}, init);
    for (let steps = 0; steps < 3 && activity.parent !== undefined; steps += 1)
      activity = await context.get(`${path}/${encodeURIComponent(activity.parent.id)}`, {}, init);
    return activity;
  }

  /** Roots with what belongs to them. What has nothing is not asked about. */
  async function decorate(roots: readonly WireActivity[], init?: CallInit): Promise<ThreadedMessage[]> {
    const [oldest] = roots;
    if (oldest === undefined) return [];
    const { reply, edit, reaction } = await parts.parents(
      conversationId,
      { sinceDate: Date.parse(oldest.published) },
      init,
    );
    const has = { reply: new Set(reply), edit: new Set(edit), reaction: new Set(reaction) };
    const childrenOf = async (id: string, type: 'reply' | 'edit'): Promise<readonly ReadableActivity[]> => {
      const found: ReadableActivity[] = [];
      if (has[type].has(id))
        for await (const child of parts.children(conversationId, id, type, init)) found.push(child);
      return oldestFirst(found);
    };
    const show = async (activity: ReadableActivity): Promise<ThreadedMessage> => {
      const { id } = activity;
      const [edits, reacts, replies] = await Promise.all([
        childrenOf(id, 'edit'),
        has.reaction.has(id) ? parts.reactions(conversationId, id, init) : [],
        isReply(activity) ? [] : childrenOf(id, 'reply').then((all) => inGroups(all.filter(isMessage), show)),
      ]);
      const latest = edits.filter(isMessage).at(-1);
      return {
        activity: latest ? edited(activity, latest) : activity,
        ...(latest && { edited: latest.published, editId: latest.id }),
        reactions: reacts,
        replies,
      };
    };
    return inGroups(await Promise.all(roots.map(context.readActivity)), show);
  }

  return { first };
}

async function inGroups<T, R>(items: readonly T[], run: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < items.length; from += atOnce)
    done.push(...(await Promise.all(items.slice(from, from + atOnce).map(run))));
  return done;
}

const stretch = (found: ReadonlyMap<string, WireActivity>, hasMore: boolean): Stretch => ({
  activities: oldestFirst([...found.values()]),
  hasMore,
});

/** Where a stretch ends in a direction; `beyond` leaves its last millisecond behind. */
function edgeOf(direction: 'older' | 'newer', items: readonly WireActivity[], beyond = false): Edge {
  const dates = items.map(({ published }) => Date.parse(published));
  const ms = direction === 'older' ? Math.min(...dates) : Math.max(...dates);
  if (beyond) return { ms: direction === 'older' ? ms - 1 : ms + 1, ids: new Set() };
  return { ms, ids: new Set(items.filter((_, at) => dates[at] === ms).map(({ id }) => id)) };
}

const isMessage = ({ verb }: WireActivity): boolean => verb === 'post' || verb === 'share';
const isReply = (activity: WireActivity): boolean => isMessage(activity) && activity.parent?.type === 'reply';
const isRoot = (activity: WireActivity): boolean => isMessage(activity) && activity.parent === undefined;

/** The message with what its edit says, which is all of it: what an edit took away is gone. */
function edited(activity: ReadableActivity, edit: ReadableActivity): ReadableActivity {
  const { files, contentCategory, objectType, id, url } = activity.object;
  // edits of before had no files
  const kept =
    edit.object.files === undefined ? { files, contentCategory, objectType, id, url } : { id, url };
  const given = Object.entries(kept).filter(([, value]) => value !== undefined);
  return {
    ...activity,
    object: { ...edit.object, ...(Object.fromEntries(given) as typeof activity.object) },
    ...(edit.decryptionFailed && { decryptionFailed: true }),
  };
}
