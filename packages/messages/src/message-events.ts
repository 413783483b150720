import {
  backoffMs,
  createEventSource,
  createKeyedQueue,
  isSdkError,
  sleep,
  type EventOutlet,
  type Host,
} from '@trunkline/core';
import {
  encodeId,
  publicEvents,
  type ConversationPeer,
  type Message,
  type WireActivity,
} from '@trunkline/wire';
import { toMessage } from './activity.js';
import type { MessageEvents } from './types.js';

/** As the conversation engine hands it over. */
type HeardActivity = WireActivity & { readonly decryptionFailed?: boolean };

/** `on`, `listen` and `stopListening` of messages. */
export function createMessageEvents(host: Host) {
  return createEventSource<MessageEvents>(host, 'messages', (outlet) => {
    const conversation = host.peer('conversation') as ConversationPeer | undefined;
    return conversation ? hearDecrypted(host, conversation, outlet) : hearByRest(host, outlet);
  });
}

/**
 * With the engine: the message is in the activity. The engine waits for a promise before it hands over the next
 * activity of that room, so that order holds also where a message has to be fetched.
 */
function hearDecrypted(
  host: Host,
  conversation: ConversationPeer,
  outlet: EventOutlet<MessageEvents>,
): () => void {
  let hydraUrl: string | undefined;
  host.serviceUrl('hydra', outlet).then(
    (url) => (hydraUrl = url),
    (error: unknown) => {
      // messages with files are fetched then, which says what is wrong
      host.log.debug({ error }, 'messages: no hydra URL yet');
    },
  );
  return conversation.onActivity((activity: HeardActivity) => {
    if (activity.verb === 'post' || activity.verb === 'share') {
      if (!activity.target) return undefined;
      const event = eventOf(activity);
      if (!outlet.wanted(event)) return undefined;
      const cluster = host.clusterOf(activity.url);
      if (activity.decryptionFailed === true) return fetchUnreadable(host, activity, outlet);
      if (hydraUrl === undefined && activity.object.files?.items.length)
        return fetchAndEmit(host, activity, outlet);
      outlet.emit(event, toMessage(activity, cluster, hydraUrl));
    } else if (activity.verb === 'delete') emitDeleted(host, activity, outlet);
    return undefined;
  });
}

/** Without it: the message is fetched, one after another within a room. The frame is acknowledged when that is done. */
function hearByRest(host: Host, outlet: EventOutlet<MessageEvents>): () => void {
  const queue = createKeyedQueue();
  return host.onWire('conversation.activity', ({ activity }) => {
    const { target, verb } = activity;
    if (!target || (verb !== 'post' && verb !== 'share' && verb !== 'delete')) return undefined;
    return queue.run(target.id, () => {
      if (verb === 'delete') {
        emitDeleted(host, activity, outlet);
        return undefined;
      }
      return fetchAndEmit(host, activity, outlet);
    });
  });
}

function emitDeleted(host: Host, activity: WireActivity, outlet: EventOutlet<MessageEvents>): void {
  for (const event of publicEvents(activity, host.clusterOf(activity.url)))
    if (event.resource === 'messages' && event.event === 'deleted') outlet.emit('deleted', event.data);
}

/** Emits the message as the REST service has it. Never rejects: a failure is reported, and the next message comes. */
async function fetchAndEmit(
  host: Host,
  activity: WireActivity,
  outlet: EventOutlet<MessageEvents>,
): Promise<void> {
  const event = eventOf(activity);
  if (!outlet.wanted(event)) return;
  try {
    outlet.emit(event, await fetchMessage(host, activity, outlet.signal));
  } catch (error) {
    if (isPointless(error, outlet)) return;
    host.report(error, `messages '${event}': the message of activity ${activity.id} could not be fetched`);
  }
}

/** An activity whose key or text is damaged: the service may be able to read it; if not, the app learns of it all the same. */
async function fetchUnreadable(
  host: Host,
  activity: WireActivity,
  outlet: EventOutlet<MessageEvents>,
): Promise<void> {
  const event = eventOf(activity);
  try {
    outlet.emit(event, await fetchMessage(host, activity, outlet.signal));
  } catch (error) {
    if (isPointless(error, outlet)) return;
    host.report(error, `messages '${event}': activity ${activity.id} could be neither decrypted nor fetched`);
    // who, where and when; what cannot be read stays out
    const object = { objectType: activity.object.objectType };
    outlet.emit(event, toMessage({ ...activity, object }, host.clusterOf(activity.url)));
  }
}

const eventOf = ({ parent }: WireActivity): 'created' | 'updated' =>
  parent?.type === 'edit' ? 'updated' : 'created';

/** Stopped meanwhile, or removed before it could be read: there is nothing to tell. */
const isPointless = (error: unknown, { signal }: EventOutlet<MessageEvents>): boolean =>
  signal.aborted || (isSdkError(error) && error.code === 'ERR_NOT_FOUND');

/** What may pass is waited for, however long: the frame stays unacknowledged, and the message is not lost. */
async function fetchMessage(host: Host, activity: WireActivity, signal: AbortSignal): Promise<Message> {
  const { id, parent, url } = activity;
  const messageId = encodeId('MESSAGE', parent?.type === 'edit' ? parent.id : id, host.clusterOf(url));
  const path = `messages/${encodeURIComponent(messageId)}`;
  for (let failures = 0; ; failures += 1) {
    try {
      return (await host.request<Message>({ service: 'hydra', path, signal })).body;
    } catch (error) {
      if (!mayPass(error, failures)) throw error;
      host.log.debug({ error, failures }, 'messages: not fetched yet');
      await sleep(host.clock, backoffMs(failures, 1_000, 30_000), signal);
    }
  }
}
// a service that breaks at this very message must not hold back the room for ever
const mayPass = (error: unknown, failures: number): boolean =>
  isSdkError(error) &&
  (error.code === 'ERR_SERVER' ? failures < 5 : error.retryable || error.code === 'ERR_AUTH_EXPIRED') &&
  error.code !== 'ERR_CLIENT_CLOSED';
