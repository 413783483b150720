import type { Store, Write } from '../../kernel/store/index.js';
import { type EventType, graceMs, idleMs, isEventType, type Known, type Said } from './compose.js';

/** What is known of one person, changed as things happen. */
interface Person extends Known {
  readonly events: Map<EventType, Said>;
  connected: boolean;
  disconnectedMs: number | undefined;
  busySinceMs: number | undefined;
  lastActiveMs: number | undefined;
  /** when they said something last */
  saidMs: number;
  /** some of it may be on disk */
  kept: boolean;
}

/** Clients say these again every few minutes: not worth a place on the disk. */
const passing = new Set<EventType>(['active', 'inactive']);

/** Everybody of whom anything is known: in memory, and on disk what must survive a restart. */
export class People {
  readonly #people = new Map<string, Person>();
  /** who did something since it was last written down */
  #seen = new Set<string>();

  constructor(private readonly store: Store) {}

  /** What a former run left. */
  async load(nowMs: number): Promise<void> {
    for (const row of await this.store.db.selectFrom('presence_seen').selectAll().execute())
      this.of(row.user_id).lastActiveMs = row.last_active_ms;
    for (const row of await this.store.db.selectFrom('presence_events').selectAll().execute())
      if (isEventType(row.event_type) && (row.expires_ms === null || row.expires_ms > nowMs)) {
        const person = this.of(row.user_id);
        person.saidMs = Math.max(person.saidMs, row.set_ms);
        person.kept = true;
        person.events.set(row.event_type, {
          setMs: row.set_ms,
          expiresMs: row.expires_ms ?? undefined,
        });
      }
  }

  known(userId: string): Known | undefined {
    return this.#people.get(userId);
  }

  of(userId: string): Person {
    let person = this.#people.get(userId);
    if (person === undefined)
      this.#people.set(
        userId,
        (person = {
          events: new Map(),
          connected: false,
          disconnectedMs: undefined,
          busySinceMs: undefined,
          lastActiveMs: undefined,
          saidMs: -Infinity,
          kept: false,
        }),
      );
    return person;
  }

  /** A sign of life. */
  acted(userId: string, nowMs: number): void {
    const person = this.of(userId);
    if (
      person.lastActiveMs === undefined ||
      nowMs - person.lastActiveMs >= idleMs ||
      person.busySinceMs === undefined
    )
      person.busySinceMs = nowMs;
    person.lastActiveMs = nowMs;
    person.events.delete('inactive');
    this.#seen.add(userId);
  }

  connection(userId: string, connected: boolean, nowMs: number): void {
    const person = this.of(userId);
    person.connected = connected;
    if (connected) {
      // coming back within the grace is not a new start
      if (nowMs - (person.disconnectedMs ?? nowMs) >= graceMs) person.busySinceMs = undefined;
      person.disconnectedMs = undefined;
      this.acted(userId, nowMs);
      return;
    }
    person.disconnectedMs = nowMs;
    this.#seen.add(userId);
  }

  /**
   * Said now, and so later than everything before, until `expiresMs` (undefined: until it is taken back). Durable when it
   * resolves, if it is of the kind that lasts.
   */
  async say(userId: string, type: EventType, nowMs: number, expiresMs: number | undefined): Promise<void> {
    const person = this.of(userId);
    // also within a millisecond, and when the clock was set back
    const setMs = (person.saidMs = Math.max(nowMs, person.saidMs + 1));
    if (!passing.has(type)) {
      person.kept = true;
      await this.store.write(async ({ tx }) => {
        await this.#delete(tx, userId, type);
        const row = { user_id: userId, event_type: type, set_ms: setMs, expires_ms: expiresMs ?? null };
        await tx.insertInto('presence_events').values(row).execute();
      });
    }
    person.events.set(type, { setMs, expiresMs });
  }

  /** It is over. */
  async end(userId: string, type: EventType): Promise<void> {
    const { events } = this.of(userId);
    if (!passing.has(type)) await this.store.write(({ tx }) => this.#delete(tx, userId, type));
    events.delete(type);
  }

  /** All that this person said is over. */
  async clear(userId: string): Promise<void> {
    const person = this.of(userId);
    // clients say `active` every few minutes: most of the time there is nothing on disk
    if (person.kept) {
      await this.store.write(({ tx }) => this.#delete(tx, userId));
      person.kept = false;
    }
    person.events.clear();
  }

  /** @param type undefined: all */
  async #delete(tx: Write['tx'], userId: string, type?: EventType): Promise<void> {
    const all = tx.deleteFrom('presence_events').where('user_id', '=', userId);
    await (type === undefined ? all : all.where('event_type', '=', type)).execute();
  }

  /** Writes down who was seen last when, and forgets what is over. */
  async flush(nowMs: number): Promise<void> {
    const seen = this.#seen;
    this.#seen = new Set();
    for (const { events } of this.#people.values())
      for (const [type, { expiresMs }] of events)
        if (expiresMs !== undefined && expiresMs <= nowMs) events.delete(type);
    const rows = [...seen].flatMap((userId) => {
      const at = this.#people.get(userId)?.lastActiveMs;
      return at === undefined ? [] : [{ user_id: userId, last_active_ms: at }];
    });
    try {
      await this.store.write(async ({ tx }) => {
        await tx.deleteFrom('presence_events').where('expires_ms', '<=', nowMs).execute();
        for (const row of rows)
          await tx
            .insertInto('presence_seen')
            .values(row)
            .onConflict((conflict) =>
              conflict.column('user_id').doUpdateSet({ last_active_ms: row.last_active_ms }),
            )
            .execute();
      });
    } catch (error) {
      for (const userId of seen) this.#seen.add(userId);
      throw error;
    }
  }
}
