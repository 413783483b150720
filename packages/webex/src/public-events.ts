import type { AttachmentAction } from '@trunkline/attachment-actions';
import type { MembershipEvent } from '@trunkline/memberships';
import type { Message, MessageDeletedEvent } from '@trunkline/messages';
import type { RoomEvent } from '@trunkline/rooms';
import type { Person } from '@trunkline/wire';
import type { Link, LinkedClient } from './link.js';
import type { Webex } from './webex.js';

/** What listeners of `messages`, `rooms`, … get. @source protocol/conversation.md §5 */
export interface EventEnvelope<T = unknown> {
  readonly resource: string;
  readonly event: string;
  readonly data: T;
  /** the person who did it */
  readonly actorId: string;
  /** the person who listens */
  readonly createdBy: string;
  readonly orgId: string;
  readonly ownedBy: 'creator';
  readonly status: 'active';
  /** when listening began, ISO 8601 */
  readonly created: string;
}

/** `data` of each event of each resource. An edit is `created` too, with the content as it is now. */
export interface PublicEventData {
  messages: { created: Message; deleted: MessageDeletedEvent };
  rooms: { created: RoomEvent; updated: RoomEvent };
  memberships: {
    created: MembershipEvent;
    updated: MembershipEvent;
    deleted: MembershipEvent;
    seen: MembershipEvent;
  };
  attachmentActions: { created: AttachmentAction };
}
export type LiveName = keyof PublicEventData;

type Emit = (event: string, data: object, actorId: string) => void;
type Off = () => void;
interface ByActor {
  readonly actorId: string;
}
const withoutActor =
  (event: string, emit: Emit) =>
  ({ actorId, ...data }: ByActor): void => {
    emit(event, data, actorId);
  };

/** The events of each native plugin, as they are called here. */
const sources: Readonly<Record<LiveName, (client: LinkedClient, emit: Emit) => readonly Off[]>> = {
  messages: ({ messages }, emit) => [
    messages.on('created', (message) => {
      emit('created', message, message.personId);
    }),
    messages.on('updated', (message) => {
      emit('created', message, message.personId);
    }),
    messages.on('deleted', (message) => {
      emit('deleted', message, message.personId);
    }),
  ],
  rooms: ({ rooms }, emit) =>
    (['created', 'updated'] as const).map((event) => rooms.on(event, withoutActor(event, emit))),
  memberships: ({ memberships }, emit) =>
    (['created', 'updated', 'deleted', 'seen'] as const).map((event) =>
      memberships.on(event, withoutActor(event, emit)),
    ),
  attachmentActions: ({ attachmentActions }, emit) => [
    attachmentActions.on('created', (action) => {
      emit('created', action, action.personId);
    }),
  ],
};

interface Listening {
  readonly begun: Promise<void>;
  readonly stop: Off;
}

/** `listen()` of the public resources: while one listens, the events of the native plugin are passed on. */
export class PublicEvents {
  private readonly listening = new Map<LiveName, Listening>();
  constructor(private readonly webex: Webex) {}

  /** Resolves when the socket is open, or when `stop` was called meanwhile. */
  listen(resource: LiveName): Promise<void> {
    const known = this.listening.get(resource);
    if (known) return known.begun;
    let off: Off | undefined;
    const stopped = new AbortController();
    const isStopped = (): boolean => stopped.signal.aborted;
    const begin = async (): Promise<void> => {
      const created = new Date().toISOString();
      await this.webex.session.me();
      if (isStopped()) return;
      off = this.webex.linkage.attach((link) => this.attach(link, resource, created));
      try {
        await this.webex.internal.mercury.connect();
      } catch (error) {
        if (!isStopped()) throw error;
      }
    };
    const begun = begin();
    const mine: Listening = {
      begun,
      stop: () => {
        stopped.abort();
        off?.();
        if (this.listening.get(resource) === mine) this.listening.delete(resource);
      },
    };
    this.listening.set(resource, mine);
    begun.catch(mine.stop);
    return begun;
  }
  stop(resource: LiveName): void {
    this.listening.get(resource)?.stop();
  }
  reset(): void {
    for (const { stop } of [...this.listening.values()]) stop();
  }

  private attach({ client }: Link, resource: LiveName, created: string): Off {
    let off: Off | undefined;
    let stopped = false;
    const begin = ({ id, orgId }: Person): void => {
      if (stopped) return;
      const head = { createdBy: id, orgId, ownedBy: 'creator', status: 'active', created } as const;
      // kept until there are listeners: the caller of `connect` receives its failure
      client[resource].listen().catch(() => undefined);
      const offs = sources[resource](client, (event, data, actorId) => {
        const envelope: EventEnvelope = { ...head, resource, event, actorId, data };
        this.webex[resource].trigger(event, envelope);
      });
      off = () => {
        for (const each of offs) each();
        client[resource].stopListening();
      };
    };
    const { person } = this.webex.session;
    if (person) begin(person);
    else
      this.webex.session.me().then(begin, (error: unknown) => {
        this.webex.logger.error(`${resource}: it is unknown who is signed in, so nothing is received`, error);
      });
    return () => {
      stopped = true;
      off?.();
    };
  }
}
