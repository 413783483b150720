import {
  backoffMs,
  createEventSource,
  createKeyedQueue,
  isSdkError,
  sleep,
  type Host,
} from '@trunkline/core';
import {
  attachmentActionEvents,
  type AttachmentAction,
  type ConversationPeer,
  type WireActivity,
} from '@trunkline/wire';
import type { AttachmentActionEvents } from './types.js';

/**
 * `on`, `listen` and `stopListening` of attachment actions. With the conversation engine the inputs are in the activity;
 * without it, or where they could not be decrypted, the action is fetched, one after another within a room, and the
 * frame is acknowledged when that is done.
 */
export function createEvents(host: Host) {
  return createEventSource<AttachmentActionEvents>(host, 'attachmentActions', ({ emit, wanted, signal }) => {
    const hear = (activity: WireActivity): void | Promise<void> => {
      if (!wanted('created')) return undefined;
      const [news] = attachmentActionEvents(activity, host.clusterOf(activity.url));
      if (!news) return undefined;
      if (news.data.inputs === undefined) return fetchAndEmit(news.data);
      emit('created', news.data);
      return undefined;
    };
    /** Never rejects: a failure is reported, what is known without asking is told, and the next one comes. */
    const fetchAndEmit = async (known: AttachmentAction): Promise<void> => {
      try {
        emit('created', await fetchAction(host, known.id, signal));
      } catch (error) {
        // stopped meanwhile, or its message was removed before it could be read: there is nothing to tell
        if (signal.aborted || (isSdkError(error) && error.code === 'ERR_NOT_FOUND')) return;
        host.report(error, `attachmentActions 'created': action ${known.id} could not be fetched`);
        emit('created', known);
      }
    };

    // the engine keeps the order of a room by itself: it waits for a promise before it hands over the next activity
    const engine = host.peer('conversation') as ConversationPeer | undefined;
    if (engine) return engine.onActivity(hear);
    const queue = createKeyedQueue();
    return host.onWire('conversation.activity', ({ activity }) =>
      activity.verb === 'cardAction' ? queue.run(activity.target?.id ?? '', () => hear(activity)) : undefined,
    );
  });
}

/** What may pass is waited for, however long: the frame stays unacknowledged, and the action is not lost. */
async function fetchAction(host: Host, id: string, signal: AbortSignal): Promise<AttachmentAction> {
  const path = `attachment/actions/${encodeURIComponent(id)}`;
  for (let failures = 0; ; failures += 1) {
    try {
      return (await host.request<AttachmentAction>({ service: 'hydra', path, signal })).body;
    } catch (error) {
      if (!mayPass(error, failures)) throw error;
      host.log.debug({ error, failures }, 'attachmentActions: not fetched yet');
      await sleep(host.clock, backoffMs(failures, 1_000, 30_000), signal);
    }
  }
}
// a service that breaks at this very action must not hold back the room for ever
const mayPass = (error: unknown, failures: number): boolean =>
  isSdkError(error) &&
  (error.code === 'ERR_SERVER' ? failures < 5 : error.retryable || error.code === 'ERR_AUTH_EXPIRED') &&
  error.code !== 'ERR_CLIENT_CLOSED';
