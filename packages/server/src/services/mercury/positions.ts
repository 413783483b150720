import type { Logger } from 'pino';
import { prepared, type Store } from '../../store/index.js';

/** ms that an acknowledgement may wait before it is kept; what a crash loses of them is delivered once more */
const delayMs = 200;

const acknowledged = prepared((db, id: string, pos: number) =>
  db.updateTable('devices').set({ acked_pos: pos }).where('id', '=', id).where('acked_pos', '<', pos),
);

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
        for (const [id, pos] of batch) await acknowledged(tx, id, pos);
      })
      .catch((error: unknown) => {
        // worst case: these events are delivered again
        this.log.error({ err: error }, 'acknowledgements could not be kept');
      });
    return this.#writing;
  }
}
