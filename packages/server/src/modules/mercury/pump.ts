import type { Logger } from 'pino';
import type { Store } from '../../kernel/store/index.js';
import type { LogRow } from './frames.js';
import { nextRows } from './log.js';

const page = 500;

/**
 * Hands each event on, once and in order: those that were just committed as they are handed over, and whatever else there
 * is from the log. Positions are committed in order because all writes go through one queue, so "after the last one"
 * misses nothing.
 */
export class Pump {
  #running: Promise<void> | undefined;
  #rung = false;
  #closed = false;
  #committed: LogRow[] = [];

  /**
   * @param last          position up to which everything has been handed on
   * @param steps.prepare finds out who an event is for; what it answers hands the event on, without waiting
   */
  constructor(
    private readonly store: Store,
    private readonly log: Logger,
    public last: number,
    private readonly steps: {
      beforeReading(): void;
      prepare(row: LogRow): Promise<() => void>;
      caughtUp(): void;
    },
  ) {}

  /** This was committed just now; in the order of commits. Never throws. */
  take(row: LogRow): void {
    this.#committed.push(row);
    this.ring();
  }

  /** What was handed over, when it goes on right where the last one ended: else the log knows. */
  #next(): readonly LogRow[] | undefined {
    const rows = this.#committed;
    this.#committed = [];
    return rows.length > 0 && rows.every(({ pos }, n) => pos === this.last + 1 + n) ? rows : undefined;
  }

  /** Something was committed. Never throws. */
  ring(): void {
    this.#rung = true;
    if (this.#closed) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined;
      // it rang between the last look and here
      if (this.#rung) this.ring();
    });
  }

  async #run(): Promise<void> {
    // let the whole group of writes that committed together finish first
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#rung && !this.#closed) {
      this.#rung = false;
      try {
        for (let full = true; full;) {
          this.steps.beforeReading();
          const committed = this.#next();
          const rows = committed ?? (await nextRows(this.store, this.last, page));
          for (const row of rows) {
            const handOn = await this.steps.prepare(row);
            handOn();
            this.last = row.pos;
          }
          full = committed === undefined && rows.length === page;
        }
        this.steps.caughtUp();
      } catch (error) {
        // the events stay in the log: try again at the next ring, or soon
        this.log.error({ err: error }, 'events could not be handed on');
        this.#rung = !this.#closed;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
  }
}
