import { sdkError } from '@trunkline/core';
import type {
  Conversation as Engine,
  Reaction,
  ReadableActivity,
  ThreadedMessage,
  ThreadedPage,
} from '@trunkline/conversation';
import { activityIdOf, shown, type Identified } from './conversation-refs.js';
import { official } from './http-error.js';

/** One message or reply, as the list of threads hands it out. */
export interface ThreadItem {
  readonly id: string;
  readonly activity: ReadableActivity & {
    readonly replyParent?: { readonly id: string; readonly type: string };
    readonly editParent?: { readonly id: string; readonly type: string };
  };
  /** `{}`, or `object.reactions` of everybody: `displayName` and `count` */
  readonly reaction: object;
  /** `{}`, or `object.reactions` of oneself: `displayName` and `reactionId` */
  readonly reactionSelf: object;
}
export interface ThreadBatch {
  /** nothing more in this direction */
  readonly done: boolean;
  /** oldest first; replies stand behind what they answer */
  readonly value: readonly ThreadItem[];
}
export interface ThreadWalk {
  /** Returns the next older page. */
  getOlder(): Promise<ThreadBatch>;
  /** Returns the next newer page. */
  getNewer(): Promise<ThreadBatch>;
  /** Returns the page around an activity. */
  jumpToActivity(activity: Identified): Promise<ThreadBatch>;
}

const nothing: ThreadBatch = { done: true, value: [] };

/** Walks a conversation by threads. @source protocol/conversation.md §2.1 */
export function threadWalk(engine: () => Engine, conversationId: string, limit: number): ThreadWalk {
  let oldest: ThreadedPage | undefined;
  let newest: ThreadedPage | undefined;
  let last: Promise<unknown> = Promise.resolve();
  // one after the other: each call begins where the one before it ended
  const inTurn = (run: () => Promise<ThreadBatch>): Promise<ThreadBatch> => {
    const mine = last.then(() => official(run()));
    last = mine.catch(() => undefined);
    return mine;
  };
  const begin = async (around?: string): Promise<ThreadedPage> => {
    const query = { limit, ...(around !== undefined && { around }) };
    return (oldest = newest = await engine().listThreaded(conversationId, query).page());
  };
  return {
    getOlder: () =>
      inTurn(async () => {
        if (oldest && !oldest.hasOlder) return nothing;
        oldest = oldest ? await oldest.older() : await begin();
        return { done: !oldest.hasOlder, value: oldest.items.flatMap(inLine) };
      }),
    getNewer: () =>
      inTurn(async () => {
        const page = newest ? (newest = await newest.newer()) : await begin();
        return { done: !page.hasNewer, value: page.items.flatMap(inLine) };
      }),
    jumpToActivity: (activity) =>
      inTurn(async () => {
        if (!activity) throw sdkError('ERR_ARGUMENT', 'jumpToActivity needs an activity');
        const page = await begin(activityIdOf(activity));
        return { done: !page.hasOlder && !page.hasNewer, value: page.items.flatMap(inLine) };
      }),
  };
}

const inLine = (message: ThreadedMessage): ThreadItem[] => [
  item(message),
  ...message.replies.flatMap(inLine),
];
function item({ activity, editId, reactions }: ThreadedMessage): ThreadItem {
  const { id, parent } = activity;
  return {
    // of the latest edit, where there is one
    id: editId ?? id,
    activity: {
      ...shown(activity),
      ...(parent?.type === 'reply' && { replyParent: { id: parent.id, type: 'reply' } }),
      ...(editId !== undefined && { id: editId, editParent: { id, type: 'edit' } }),
    },
    reaction: summary('reaction2Summary', reactions, ({ name, count }) => ({ displayName: name, count })),
    reactionSelf: summary(
      'reaction2SelfSummary',
      reactions.filter(({ mine }) => mine !== undefined),
      ({ name, mine }) => ({ displayName: name, reactionId: mine }),
    ),
  };
}
const summary = (
  objectType: string,
  reactions: readonly Reaction[],
  show: (reaction: Reaction) => object,
): object =>
  reactions.length === 0
    ? {}
    : { objectType: 'activity', verb: 'add', object: { objectType, reactions: reactions.map(show) } };
