import type { ActivityEventData, WireActivity } from '@trunkline/wire';
import { removalTime } from '../../kernel/clock.js';
import { personId } from '../../kernel/http/fields.js';
import { eventUrls, maskBase, unmaskBase } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Audience } from '../audience/api.js';
import type { ConversationReads } from '../conversation/api.js';
import type { LogRow, Mercury } from '../mercury/api.js';
import { type Notification, notificationsOf, type Original } from './notifications.js';
import { type Hook, type Registry, wants } from './registry.js';
import { insertDeliveries, type NewDelivery, readPosition } from './store.js';

/** events read at once */
const page = 200;
/** conversations of which it is remembered who of their members has a webhook */
const mostConversations = 5_000;
/** ms until it is tried again what the store could not do */
const againMs = 1000;

// none of these changes who is in the conversation
const quiet = new Set(['post', 'share', 'delete', 'acknowledge', 'update', 'cardAction', 'lock', 'unlock']);

interface Parts {
  readonly mercury: Pick<Mercury, 'eventsAfter'>;
  readonly audience: Pick<Audience, 'membersAt'>;
  readonly reads: ConversationReads;
  readonly registry: Registry;
  /** These were written down for these webhooks. */
  readonly enqueue: (deliveries: readonly NewDelivery[]) => void;
}

/**
 * Reads the log of events by position, and stores the deliveries. Position and deliveries are kept in one
 * write: after a crash nothing is missing, and nothing is there twice.
 */
export class Dispatcher {
  /** undefined: no webhook is active, or it was not started yet */
  #last: number | undefined;
  #started = false;
  #closed = false;
  #woken = false;
  #running: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #owners = new Map<string, readonly string[]>();
  #version = 0;

  constructor(
    private readonly kernel: Kernel,
    private readonly parts: Parts,
  ) {}

  /** All active webhooks are in the registry. */
  async start(): Promise<void> {
    const position = await readPosition(this.kernel.store);
    this.#started = true;
    this.#last = Math.max(position, this.#earliest());
    this.wake();
  }

  /** Something was committed, or a webhook became active. Never throws. */
  wake(): void {
    if (!this.#started || this.#closed || this.parts.registry.size === 0) return;
    this.#woken = true;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      if (this.#woken) this.wake();
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #isOpen(): boolean {
    return !this.#closed;
  }

  #earliest(): number {
    let earliest = Infinity;
    for (const { row } of this.parts.registry.all()) earliest = Math.min(earliest, row.since_pos);
    return Number.isFinite(earliest) ? earliest : 0;
  }

  async #run(): Promise<void> {
    // let the whole group of writes that committed together finish first
    await new Promise((resolve) => setImmediate(resolve));
    try {
      while (this.#woken && this.#isOpen()) {
        this.#woken = false;
        while ((await this.#readOn()) === page && this.#isOpen());
      }
    } catch (error) {
      // the events stay in the log
      this.kernel.log.error({ err: error }, 'webhooks could not be notified of events');
      this.#woken = false;
      if (this.#closed) return;
      this.#timer = setTimeout(() => {
        this.wake();
      }, againMs);
    }
  }

  /** One page. Returns how many events it had. */
  async #readOn(): Promise<number> {
    const { mercury, registry, enqueue } = this.parts;
    // what came before the first active webhook is for none of them
    const after = Math.max(this.#last ?? 0, this.#earliest());
    const rows = await mercury.eventsAfter(after, page);
    if (this.#version !== registry.version) {
      this.#version = registry.version;
      this.#owners.clear();
    }
    const deliveries: NewDelivery[] = [];
    for (const row of rows) deliveries.push(...(await this.#deliveriesOf(row)));
    const last = rows.at(-1)?.pos ?? after;
    if (deliveries.length > 0)
      enqueue(
        await this.kernel.store.write((write) =>
          insertDeliveries(write, deliveries, last, removalTime(this.kernel)),
        ),
      );
    this.#last = last;
    return rows.length;
  }

  async #deliveriesOf(row: LogRow): Promise<readonly NewDelivery[]> {
    if (row.type !== 'conversation.activity') return [];
    // raw, the mark of the base is not JSON
    const { activity } = JSON.parse(unmaskBase(row.payload, eventUrls.base)) as ActivityEventData;
    const creators = await this.#creatorsFor(row, activity.verb);
    if (creators.length === 0) return [];
    const notification = this.#notificationsOf(activity, await this.#original(activity));
    const deliveries: NewDelivery[] = [];
    for (const one of notification) {
      let body: string | undefined;
      for (const creatorId of creators)
        for (const hook of this.parts.registry.of(creatorId)) {
          if (hook.row.since_pos >= row.pos || !wants(hook, one)) continue;
          if (hook.creatorIsBot && !(await this.#isForBot(hook, one, activity))) continue;
          const { resource, event, data } = one;
          const actorId = personId(activity.actor.entryUUID);
          body ??= maskBase({ resource, event, actorId, data });
          deliveries.push({ webhookId: hook.row.id, body });
        }
    }
    return deliveries;
  }

  #notificationsOf(activity: WireActivity, original: Original | undefined): readonly Notification[] {
    try {
      return notificationsOf(activity, original);
    } catch (error) {
      // one that cannot be delivered must not stop those that follow
      this.kernel.log.error(
        { err: error, activity: activity.id },
        'webhooks could not be notified of an activity',
      );
      return [];
    }
  }

  /** Who sees this event and has a webhook. */
  async #creatorsFor(row: LogRow, verb: string): Promise<readonly string[]> {
    const { registry, audience } = this.parts;
    const { conversation_id: id, user_id: userId } = row;
    if (id === null) return userId !== null && registry.hasCreator(userId) ? [userId] : [];
    const known = this.#owners.get(id);
    if (known !== undefined && quiet.has(verb)) return known;
    const members = await audience.membersAt(id, row.pos);
    const found = [...registry.creators()].filter((creatorId) => members.has(creatorId));
    // members change at the position of such an event and nowhere else: between two of them the answer is the same
    this.#owners.delete(id);
    if (quiet.has(verb)) {
      if (this.#owners.size >= mostConversations) this.#owners.clear();
      this.#owners.set(id, found);
    }
    return found;
  }

  /** Of an edit or a deletion: what it is about, as long as its actor is there. */
  async #original({ actor, object, parent, verb }: WireActivity): Promise<Original | undefined> {
    const id = parent?.type === 'edit' ? parent.id : verb === 'delete' ? object.id : undefined;
    if (id === undefined) return undefined;
    return (await this.parts.reads.activity(actor.entryUUID, id))?.activity;
  }

  /** In group rooms, bots are notified of what is addressed to them, and what they did themselves. */
  async #isForBot({ row }: Hook, notification: Notification, { actor }: WireActivity): Promise<boolean> {
    const { resource, facts } = notification;
    const botId = row.creator_id;
    if (resource === 'messages')
      return facts.roomType === 'direct' || actor.entryUUID === botId || facts.mentioned?.has(botId) === true;
    if (resource !== 'attachmentActions' || notification.messageId === undefined) return true;
    const message = await this.parts.reads.activity(botId, notification.messageId);
    return message?.activity.actorId === botId;
  }
}
