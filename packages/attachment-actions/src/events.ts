import { isSdkError, type Host } from '@trunkline/core';
import { createEventSource, createKeyedQueue, fetchForEvent, isExpectedRefusal } from '@trunkline/core/kit';
import { attachmentActionEvents, type AttachmentAction, type WireActivity } from '@trunkline/wire';
import type { AttachmentActionEvents, AttachmentActionsOptions } from './types.js';

/**
 * `on`, `listen` and `stopListening` of attachment actions. With the conversation engine the inputs are in the activity;
 * without it, or where they could not be decrypted, the action is fetched, one after another within a room, and the
 * frame is acknowledged when that is done. With `encrypted: false` every action is fetched.
 */
export function createEvents(host: Host, { encrypted }: AttachmentActionsOptions = {}) {
  const byRest = encrypted === false;
  return createEventSource<AttachmentActionEvents>(host, 'attachmentActions', ({ emit, wanted, signal }) => {
    const hear = (activity: WireActivity): void | Promise<void> => {
      if (!wanted('created')) return undefined;
      const [news] = attachmentActionEvents(activity, host.clusterOf(activity.url));
      if (!news) return undefined;
      if (byRest || news.data.inputs === undefined) return fetchAndEmit(news.data);
      emit('created', news.data);
      return undefined;
    };
    /** Never rejects: a failure is reported, what is known without a request is emitted, and the next event follows. */
    const fetchAndEmit = async (known: AttachmentAction): Promise<void> => {
      try {
        emit(
          'created',
          await fetchForEvent(host, `attachment/actions/${encodeURIComponent(known.id)}`, signal),
        );
      } catch (error) {
        if (signal.aborted || (isSdkError(error) && error.code === 'ERR_NOT_FOUND')) return;
        // a bot may read the answers to its own cards only
        if (byRest && isExpectedRefusal(error)) return;
        host.report(error, `attachmentActions 'created': action ${known.id} could not be fetched`);
        emit('created', known);
      }
    };

    // the engine keeps the order of a room by itself: it waits for a promise before it hands over the next activity
    const engine = host.peer('conversation');
    if (engine) return engine.onActivity(hear);
    const queue = createKeyedQueue();
    return host.onWire('conversation.activity', ({ activity }) =>
      activity.verb === 'cardAction' ? queue.run(activity.target?.id ?? '', () => hear(activity)) : undefined,
    );
  });
}
