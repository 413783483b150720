import { createKeyedQueue, type Host } from '@trunkline/core';
import { encodeId, publicEvents, type Person, type WireActivity } from '@trunkline/wire';
import type { Webex } from './webex.js';

type Resource = 'messages' | 'rooms' | 'memberships' | 'attachmentActions';

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

/** Feeds `listen()` of the public resources from the socket: attached while one of them listens. */
export class PublicEvents {
  private readonly listening = new Map<
    Resource,
    Omit<EventEnvelope, 'resource' | 'event' | 'data' | 'actorId'>
  >();
  private detach: (() => void) | undefined;
  private asking: Promise<Person> | undefined;
  constructor(private readonly webex: Webex) {}

  async listen(resource: Resource): Promise<void> {
    const { id, orgId } = await this.me();
    await this.webex.internal.mercury.connect();
    this.listening.set(resource, {
      createdBy: id,
      orgId,
      ownedBy: 'creator',
      status: 'active',
      created: new Date().toISOString(),
    });
    this.detach ??= this.webex.linkage.attach(({ host }) => {
      const queue = createKeyedQueue();
      return host.onWire('conversation.activity', ({ activity }) => this.take(host, queue, activity));
    });
  }
  stop(resource: Resource): void {
    this.listening.delete(resource);
    if (this.listening.size > 0) return;
    this.detach?.();
    this.detach = undefined;
  }
  reset(): void {
    for (const resource of [...this.listening.keys()]) this.stop(resource);
    this.asking = undefined;
  }

  private me(): Promise<Person> {
    return (this.asking ??= this.webex.people.get('me').catch((error: unknown) => {
      this.asking = undefined;
      throw error;
    }));
  }
  private take(
    host: Host,
    queue: ReturnType<typeof createKeyedQueue>,
    activity: WireActivity,
  ): void | Promise<void> {
    if (activity.verb === 'cardAction') return this.takeAction(host, activity);
    const cluster = host.clusterOf(activity.url);
    const actorId = encodeId('PEOPLE', activity.actor.entryUUID);
    for (const { resource, event, data } of publicEvents(activity, cluster)) {
      if (!this.listening.has(resource)) continue;
      if (resource !== 'messages') this.tell(resource, event, data, actorId);
      else if (event === 'deleted')
        return queue.run(data.roomId, () => {
          this.tell(resource, event, data, actorId);
        });
      // an edit, too, is `created` there: with the words as they are now
      else
        return queue.run(data.roomId, () =>
          this.fetchAndTell(host, 'messages', `messages/${data.id}`, activity.id),
        );
    }
    return undefined;
  }
  private takeAction(host: Host, { url, id }: WireActivity): void | Promise<void> {
    if (!this.listening.has('attachmentActions')) return undefined;
    const actionId = encodeId('ATTACHMENT_ACTION', id, host.clusterOf(url));
    return this.fetchAndTell(host, 'attachmentActions', `attachment/actions/${actionId}`, id);
  }
  private async fetchAndTell(
    host: Host,
    resource: Resource,
    path: string,
    activityId: string,
  ): Promise<void> {
    try {
      const { body } = await host.request<{ readonly personId: string }>({ service: 'hydra', path });
      this.tell(resource, 'created', body, body.personId);
    } catch (error) {
      this.webex.logger.error(
        `${resource}: what activity ${activityId} is about could not be fetched`,
        error,
      );
    }
  }
  private tell(resource: Resource, event: string, data: unknown, actorId: string): void {
    const known = this.listening.get(resource);
    if (known) this.webex[resource].trigger(event, { ...known, resource, event, actorId, data });
  }
}
