import type { Host } from '@trunkline/core';
import { createBoundedSet, createFanOut, createKeyedQueue } from '@trunkline/core/kit';
import type { EncryptionPeer, WireActivity } from '@trunkline/wire';
import { readActivity } from './activity-codec.js';
import { conversationOf, type ConversationCache } from './conversation-cache.js';
import type { ReadableActivity } from '../types.js';

type Listener = (activity: ReadableActivity) => void | Promise<void>;

/** What has come in so far, for those who fetch what is missing. */
export interface Progress {
  /** `published` of the newest activity of a conversation, ISO 8601 */
  lastOf(conversationId: string): string | undefined;
  /** `published` of the first and of the newest activity of all */
  readonly first: string | undefined;
  readonly newest: string | undefined;
}

export interface Inbox extends Progress {
  on(listener: Listener): () => void;
  readonly wanted: boolean;
  /**
   * Takes an activity that is ours to change. Undefined when every listener has had it, else a promise for that, which
   * never rejects. An activity that has been here before goes no further.
   */
  take(activity: WireActivity): void | Promise<void>;
  /** whether this activity has been here */
  has(activityId: string): boolean;
}

const remembered = 20_000;
const maxConversations = 5_000;

/** @param demand called with true when the first listener comes, with false when the last has left */
export function createInbox(
  host: Host,
  conversations: ConversationCache,
  encryption: () => EncryptionPeer | undefined,
  demand: (wanted: boolean) => void,
): Inbox {
  const queue = createKeyedQueue();
  const seen = createBoundedSet(remembered / 2);
  const lastOf = new Map<string, string>();
  let first: string | undefined;
  let newest: string | undefined;
  const listeners = createFanOut<ReadableActivity>((error) => {
    host.report(error, 'a listener of conversation.onActivity');
  }, demand);

  function take(activity: WireActivity): void | Promise<void> {
    conversations.see(activity);
    if (listeners.size === 0) return undefined;
    const conversationId = conversationOf(activity);
    // the way of nearly all activities: nothing is under way, the key is here, and the listeners are done at once
    if (queue.size > 0) return queue.run(conversationId, () => handle(activity, conversationId));
    const rest = handle(activity, conversationId);
    return rest === undefined ? undefined : queue.run(conversationId, () => rest);
  }

  function handle(activity: WireActivity, conversationId: string): void | Promise<void> {
    if (!seen.add(activity.id)) return undefined;
    note(activity.published, conversationId);
    const waits = readActivity(encryption(), activity);
    return waits === undefined ? deliver(activity) : waits.then(() => deliver(activity));
  }

  function note(published: string, conversationId: string): void {
    first ??= published;
    if (newest === undefined || published > newest) newest = published;
    const last = lastOf.get(conversationId);
    if (last !== undefined && last >= published) return;
    if (last === undefined && lastOf.size >= maxConversations) lastOf.clear();
    lastOf.set(conversationId, published);
  }

  const deliver = (activity: ReadableActivity): Promise<void> | undefined =>
    listeners.emit(activity, undefined);

  return {
    take,
    has: (activityId) => seen.has(activityId),
    lastOf: (conversationId) => lastOf.get(conversationId),
    get first() {
      return first;
    },
    get newest() {
      return newest;
    },
    get wanted() {
      return listeners.size > 0;
    },
    on: listeners.add,
  };
}
