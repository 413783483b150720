import { encodeId, type WebhookDelivery } from '@trunkline/wire';
import { createHmac } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import { FairSlots } from '../../kernel/fair-slots.js';
import { iso, personId } from '../../kernel/http/fields.js';
import { unmaskBase } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Counts } from '../../kernel/metrics.js';
import type { Registry } from './registry.js';
import { delayAfter, FailureWindow, type Outcome, verdictOf } from './retry.js';
import type { Sender } from './sender.js';
import {
  deactivate,
  type DeliveryRow,
  type NewDelivery,
  nextDeliveries,
  postponeDelivery,
  removeDelivery,
  type WebhookRow,
} from './store.js';

/** read at once for one target */
const page = 20;
/** How the last delivery of a target went decides in which of these its next one takes a place. */
type Pace = 'prompt' | 'slow' | 'failing';
/** deliveries under way, of all targets together and of one user's */
const places: Readonly<Record<Pace, readonly [all: number, ofOneUser: number]>> = {
  prompt: [256, 32],
  slow: [512, 64],
  failing: [64, 8],
};
/** ms after which a delivery gives its place among the prompt ones back, though it is still under way */
const promptMs = 1000;
/** a target that is so far behind is given up */
const mostWaiting = 10_000;
/** ms until it is tried again what the store could not do */
const againMs = 1000;
/** the longest that a timer can wait */
const longestMs = 2 ** 31 - 1;

/** Deliveries of one target, one after the other. */
interface Lane {
  readonly id: string;
  readonly stop: AbortController;
  readonly failures: FailureWindow;
  waiting: number;
  /** over, but perhaps it could not be kept: it is not sent again */
  over: number | undefined;
  pace: Pace;
  woken: boolean;
  running: Promise<void> | undefined;
  timer: NodeJS.Timeout | undefined;
}

const isLive = (lane: Lane): boolean => !lane.stop.signal.aborted;

export interface DelivererParts {
  readonly registry: Registry;
  readonly sender: Sender;
  readonly counts: Counts;
  /** what absolute URLs in deliveries begin with */
  readonly base: () => string;
  readonly secretOf: (row: WebhookRow) => Buffer | undefined;
  /** default: `Math.random` */
  readonly random?: () => number;
}

const webhookOf = (row: WebhookRow): Omit<WebhookDelivery, 'resource' | 'event' | 'actorId' | 'data'> => ({
  id: encodeId('WEBHOOK', row.id),
  name: row.name,
  targetUrl: row.target_url,
  ...(row.filter === null ? {} : { filter: row.filter }),
  orgId: encodeId('ORGANIZATION', row.org_id),
  createdBy: personId(row.creator_id),
  appId: encodeId('APPLICATION', row.app_id),
  ownedBy: row.owned_by,
  status: row.status,
  created: iso(row.created_ms),
});

/** Delivers to targets what was stored for them: each in order, all at the same time, until they have it or are given up. */
export class Deliverer {
  readonly #lanes = new Map<string, Lane>();
  readonly #slots: Readonly<Record<Pace, FairSlots>> = {
    prompt: new FairSlots(...places.prompt),
    slow: new FairSlots(...places.slow),
    failing: new FairSlots(...places.failing),
  };
  #closed = false;

  constructor(
    private readonly kernel: Pick<Kernel, 'config' | 'log' | 'now' | 'steady' | 'store'>,
    private readonly parts: DelivererParts,
  ) {}

  /** How many deliveries wait, of all targets. */
  waiting(): number {
    let sum = 0;
    for (const lane of this.#lanes.values()) sum += lane.waiting;
    return sum;
  }

  /** These were written down just now. */
  enqueue(deliveries: readonly NewDelivery[]): void {
    const more = new Map<string, number>();
    for (const { webhookId } of deliveries) more.set(webhookId, (more.get(webhookId) ?? 0) + 1);
    for (const [id, count] of more) this.add(id, count);
  }

  /** So many are written down for this webhook, beside those known. */
  add(id: string, count: number): void {
    if (this.#closed || this.parts.registry.get(id) === undefined) return;
    let lane = this.#lanes.get(id);
    if (lane === undefined) {
      lane = {
        id,
        stop: new AbortController(),
        failures: new FailureWindow(),
        waiting: 0,
        over: undefined,
        pace: 'prompt',
        woken: false,
        running: undefined,
        timer: undefined,
      };
      this.#lanes.set(id, lane);
    }
    lane.waiting += count;
    if (lane.waiting > mostWaiting) this.#giveUp(lane, 'too far behind');
    else this.#wake(lane);
  }

  /** The webhook is gone, or inactive: nothing more is sent, not even what is under way. */
  drop(id: string): void {
    const lane = this.#lanes.get(id);
    if (lane === undefined) return;
    this.#lanes.delete(id);
    clearTimeout(lane.timer);
    lane.stop.abort();
  }

  /** What is under way is cut; it is delivered after the next start. */
  async close(): Promise<void> {
    this.#closed = true;
    const running = [...this.#lanes.values()].flatMap((lane) => lane.running ?? []);
    for (const id of [...this.#lanes.keys()]) this.drop(id);
    await Promise.all(running);
    this.parts.sender.close();
  }

  #wake(lane: Lane): void {
    lane.woken = true;
    clearTimeout(lane.timer);
    lane.running ??= this.#run(lane)
      .catch((error: unknown) => {
        // what is written down stays
        this.kernel.log.error({ err: error }, 'the result of a webhook delivery could not be stored');
        lane.woken = false;
        this.#later(lane, againMs);
      })
      .finally(() => {
        lane.running = undefined;
        if (lane.woken && isLive(lane)) this.#wake(lane);
      });
  }

  #later(lane: Lane, delayMs: number): void {
    if (!isLive(lane)) return;
    clearTimeout(lane.timer);
    lane.timer = setTimeout(
      () => {
        this.#wake(lane);
      },
      Math.min(delayMs, longestMs),
    );
  }

  async #run(lane: Lane): Promise<void> {
    while (lane.woken) {
      lane.woken = false;
      for (;;) {
        const rows = await nextDeliveries(this.kernel.store, lane.id, page);
        if (rows.length === 0) break;
        for (const row of rows) if (!(await this.#tell(lane, row))) return;
      }
    }
  }

  async #done(lane: Lane, { n }: DeliveryRow): Promise<boolean> {
    await this.kernel.store.write((write) => removeDelivery(write, n));
    lane.waiting -= 1;
    return true;
  }

  /** Returns whether the next one may follow. */
  async #tell(lane: Lane, row: DeliveryRow): Promise<boolean> {
    if (row.n === lane.over) return this.#done(lane, row);
    const waitMs = row.next_ms - removalTime(this.kernel);
    if (waitMs > 0) {
      // what is stored in the meantime waits behind this one
      lane.woken = false;
      this.#later(lane, waitMs);
      return false;
    }
    const owner = this.parts.registry.get(lane.id)?.row.creator_id;
    if (owner === undefined) return false;
    const leave = await this.#slots[lane.pace].enter(owner);
    let outcome: Outcome;
    let isSlow = false;
    const late = setTimeout(() => {
      isSlow = true;
      // many targets that all become slow at once keep no one else waiting for longer than this
      if (lane.pace === 'prompt') leave();
    }, promptMs);
    try {
      const hook = this.parts.registry.get(lane.id);
      if (!isLive(lane) || hook === undefined) return false;
      outcome = await this.#send(hook.row, row, lane.stop.signal);
    } finally {
      clearTimeout(late);
      leave();
    }
    return isLive(lane) && this.#keep(lane, row, outcome, isSlow);
  }

  async #send(hook: WebhookRow, row: DeliveryRow, signal: AbortSignal): Promise<Outcome> {
    const notification = JSON.parse(unmaskBase(row.body, this.parts.base())) as Pick<
      WebhookDelivery,
      'resource' | 'event' | 'actorId' | 'data'
    >;
    const body = Buffer.from(JSON.stringify({ ...webhookOf(hook), ...notification }));
    const headers = { 'content-type': 'application/json', 'user-agent': 'trunkline-server' };
    let secret: Buffer | undefined;
    try {
      secret = this.parts.secretOf(hook);
    } catch (error) {
      // unsigned it must not leave
      this.kernel.log.error({ err: error, webhook: hook.id }, 'the secret of a webhook cannot be read');
      return { status: undefined };
    }
    const signed = secret && createHmac('sha1', secret).update(body).digest('hex');
    return this.parts.sender.post(
      hook.target_url,
      body,
      signed === undefined ? headers : { ...headers, 'X-Spark-Signature': signed },
      signal,
    );
  }

  /** Stores the result of an attempt. Returns whether the next one may follow. */
  async #keep(lane: Lane, row: DeliveryRow, outcome: Outcome, isSlow: boolean): Promise<boolean> {
    const { kernel, parts } = this;
    const nowMs = removalTime(kernel);
    const verdict = verdictOf(outcome);
    lane.pace = verdict !== 'done' ? 'failing' : isSlow ? 'slow' : 'prompt';
    if (verdict === 'done') parts.counts.webhooksDelivered += 1;
    else {
      parts.counts.webhooksFailed += 1;
      kernel.log.info({ webhook: lane.id, status: outcome.status }, 'a webhook delivery failed');
    }
    const tooOften = verdict !== 'done' && lane.failures.note(nowMs);
    const since = row.failing_since_ms ?? nowMs;
    if (tooOften || (verdict === 'again' && nowMs - since >= kernel.config.limits.webhookGiveUpMs)) {
      this.#giveUp(lane, 'its target failed too often');
      return false;
    }
    if (verdict !== 'again') {
      lane.over = row.n;
      return this.#done(lane, row);
    }
    const attempts = row.attempts + 1;
    const { webhookRetryMs } = kernel.config.limits;
    const delayMs = delayAfter(attempts, webhookRetryMs, outcome.retryAfterMs, parts.random);
    await kernel.store.write((write) =>
      postponeDelivery(write, row.n, { attempts, failing_since_ms: since, next_ms: nowMs + delayMs }),
    );
    this.#later(lane, delayMs);
    return false;
  }

  /** The webhook becomes inactive, and what waits is forgotten. */
  #giveUp({ id }: Lane, why: string): void {
    this.drop(id);
    this.parts.registry.remove(id);
    this.kernel.store
      .write(async (write) => {
        if (await deactivate(write, id))
          write.afterCommit(() => {
            // a user may have changed it in between
            this.parts.registry.remove(id);
            this.drop(id);
            this.parts.counts.webhooksDisabled += 1;
            this.kernel.log.warn({ webhook: id, why }, 'a webhook was made inactive');
          });
      })
      .catch((error: unknown) => {
        // still active in the store: it is tried again after the next start
        this.kernel.log.error({ err: error }, 'a webhook could not be made inactive');
      });
  }
}
