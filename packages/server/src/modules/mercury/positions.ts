import type { Logger } from 'pino';
import type { Store } from '../../kernel/store/index.js';

/** ms that an acknowledgement may wait before it is kept; what a crash loses of them is delivered once more */
const delayMs = 200;

/** devices that one statement takes */
const together = 512;

/** To a power of two, by the last one again: few texts of statements, each known from then on. */
function filled(ids: readonly string[]): readonly string[] {
  const size = 2 ** Math.ceil(Math.log2(ids.length));
  return [...ids, ...Array.from({ length: size - ids.length }, () => ids.at(-1) ?? '')];
}

/** Devices that receive the same events are mostly at the same position. */
function byPosition(batch: ReadonlyMap<string, number>): ReadonlyMap<number, readonly string[]> {
  const groups = new Map<number, string[]>();
  for (const [id, pos] of batch) {
    const ids = groups.get(pos);
    if (ids === undefined) groups.set(pos, [id]);
    else ids.push(id);
  }
  return groups;
}

/** What each device has acknowledged, kept a little later and all at once. */
export class Positions {
  #pending = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly store: Store,
    private readonly log: Logger,
  ) {}

  /** Everything up to and including `pos` was acknowledged. */
  advance(deviceId: string, pos: number): void {
    if (pos <= (this.#pending.get(deviceId) ?? 0)) return;
    this.#pending.set(deviceId, pos);
    this.#timer ??= setTimeout(() => {
      void this.flush();
    }, delayMs);
  }

  /** Resolves when everything said until now is kept. */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const batch = this.#pending;
    if (batch.size === 0) return this.#writing;
    this.#pending = new Map();
    this.#writing = this.store
      .write(async ({ tx }) => {
        for (const [pos, ids] of byPosition(batch))
          for (let at = 0; at < ids.length; at += together)
            await tx
              .updateTable('devices')
              .set({ acked_pos: pos })
              .where('id', 'in', filled(ids.slice(at, at + together)))
              .where('acked_pos', '<', pos)
              .execute();
      })
      .catch((error: unknown) => {
        // worst case: these events are delivered again
        this.log.error({ err: error }, 'acknowledgements could not be kept');
      });
    return this.#writing;
  }
}
