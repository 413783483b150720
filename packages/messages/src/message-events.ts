import type { Host } from '@trunkline/core';
import { createEventSource, createKeyedQueue, fetchForEvent, isExpectedRefusal } from '@trunkline/core/kit';
import { deletedMessage, encodeId, type Message, type MessagePeer, type WireActivity } from '@trunkline/wire';
import type { MessageEvents } from './types.js';

/**
 * `on`, `listen` and `stopListening` of messages. With the conversation engine the message is in the activity; without
 * it, or when everything goes by REST, the message is fetched, one after another within a room, and the frame is
 * acknowledged when that is done.
 *
 * @param reader converts activities to messages; asked for at each event, undefined when messages are fetched
 */
export function createMessageEvents(host: Host, reader: () => MessagePeer | undefined) {
  return createEventSource<MessageEvents>(host, 'messages', ({ emit, wanted, signal }) => {
    const engine = host.peer('conversation');

    const hear = (activity: WireActivity): void | Promise<void> => {
      const { verb, target, parent } = activity;
      if (verb === 'delete') {
        const deleted = deletedMessage(activity, host.clusterOf(activity.url));
        if (deleted) emit('deleted', deleted);
      } else if (target && (verb === 'post' || verb === 'share')) {
        const event = parent?.type === 'edit' ? 'updated' : 'created';
        if (!wanted(event)) return undefined;
        const message = reader()?.read(activity);
        if (message === undefined) return fetchAndEmit(event, activity);
        emit(event, message);
      }
      return undefined;
    };
    /** Emits the message as the REST service has it. Never rejects: a failure is reported, and the next message comes. */
    const fetchAndEmit = async (event: 'created' | 'updated', activity: WireActivity): Promise<void> => {
      try {
        emit(event, await fetchMessage(host, activity, signal));
      } catch (error) {
        if (signal.aborted || isExpectedRefusal(error)) return;
        host.report(
          error,
          `messages '${event}': the message of activity ${activity.id} could not be fetched`,
        );
        // who, where and when; what could be neither decrypted nor fetched stays out
        const { decryptionFailed, object, ...rest } = activity as WireActivity & {
          readonly decryptionFailed?: boolean;
        };
        const bare = { ...rest, object: { objectType: object.objectType } };
        const message = decryptionFailed === true ? reader()?.read(bare) : undefined;
        if (message) emit(event, message);
      }
    };

    // the engine keeps the order of a room by itself: it waits for a promise before it hands over the next activity
    if (engine) return engine.onActivity(hear);
    const queue = createKeyedQueue();
    return host.onWire('conversation.activity', ({ activity }) =>
      queue.run(activity.target?.id ?? '', () => hear(activity)),
    );
  });
}

/** Of an edit: the edited message. */
function fetchMessage(host: Host, { id, parent, url }: WireActivity, signal: AbortSignal): Promise<Message> {
  const messageId = encodeId('MESSAGE', parent?.type === 'edit' ? parent.id : id, host.clusterOf(url));
  return fetchForEvent(host, `messages/${encodeURIComponent(messageId)}`, signal);
}
