import type { Store } from '../../store/index.js';
import { graceMs, idleMs, isEventType, type EventType, type Known, type Said } from './compose.js';

/** What is known of one person, changed as things happen. */
interface Person extends Known {
  readonly events: Map<EventType, Said>;
  connected: boolean;
  disconnectedMs: number | undefined;
  busySinceMs: number | undefined;
  lastActiveMs: number | undefined;
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
      if (isEventType(row.event_type) && (row.expires_ms === null || row.expires_ms > nowMs))
        this.of(row.user_id).events.set(row.event_type, {
          setMs: row.set_ms,
          expiresMs: row.expires_ms ?? undefined,
        });
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
      // coming back within the grace is no new beginning
      if (nowMs - (person.disconnectedMs ?? nowMs) >= graceMs) person.busySinceMs = undefined;
      person.disconnectedMs = undefined;
      this.acted(userId, nowMs);
      return;
    }
    person.disconnectedMs = nowMs;
    this.#seen.add(userId);
  }

  /** `said` undefined: it is over. Durable when it resolves, if it is of the kind that lasts. */
  async say(userId: string, type: EventType, said: Said | undefined): Promise<void> {
    if (!passing.has(type))
      await this.store.write(async ({ tx }) => {
        await tx
          .deleteFrom('presence_events')
          .where('user_id', '=', userId)
          .where('event_type', '=', type)
          .execute();
        if (said === undefined) return;
        const row = {
          user_id: userId,
          event_type: type,
          set_ms: said.setMs,
          expires_ms: said.expiresMs ?? null,
        };
        await tx.insertInto('presence_events').values(row).execute();
      });
    const { events } = this.of(userId);
    if (said === undefined) events.delete(type);
    else events.set(type, said);
  }

  /** All that this person said is over. */
  async clear(userId: string): Promise<void> {
    await this.store.write(({ tx }) =>
      tx.deleteFrom('presence_events').where('user_id', '=', userId).execute(),
    );
    this.of(userId).events.clear();
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
