import type { Downlink } from './downlink.js';
import type { Sender } from './sender.js';

const adaptEveryMs = 500;
const headroom = 1.15;
const settleMs = 3000;
const goodBeforeProbeMs = 3000;
const probeGapMs = 4000;
const probeGapAfterFallMs = 8000;
const probeTicks = 30;
const probeMargin = 1.2;

interface Probe {
  readonly sender: Sender;
  readonly bytesPerTick: number;
  readonly startedAtMs: number;
  ticksLeft: number;
}

/** Selects simulcast layers by the downlink: down at once on overuse, up when a probe has proven the room. */
export class LayerChoice {
  #adaptedAtMs = -Infinity;
  #fellAtMs = -Infinity;
  #probedAtMs = -Infinity;
  #probe: Probe | undefined;
  /** video is stopped because even the smallest layers do not fit */
  #starved = false;

  /** Every 20 ms: sends the packets of a running probe. */
  tick(downlink: Downlink, nowMs: number): void {
    const probe = this.#probe;
    if (!probe) return;
    const overused = downlink.overusedAtMs !== undefined && downlink.overusedAtMs > probe.startedAtMs;
    if (overused || probe.ticksLeft <= 0) {
      this.#probe = undefined;
      return;
    }
    probe.ticksLeft -= 1;
    probe.sender.probe(probe.bytesPerTick, nowMs);
  }

  /** Every second, and at once when the link is overused. */
  adapt(senders: readonly Sender[], downlink: Downlink, nowMs: number): void {
    if (nowMs - this.#adaptedAtMs < adaptEveryMs) return;
    this.#adaptedAtMs = nowMs;
    const watching = senders.filter(
      ({ identity, stream }) => identity.kind === 'video' && stream.source !== undefined,
    );
    const available = downlink.availableBps;
    for (const sender of watching) {
      if (this.#followSource(sender, nowMs)) continue;
      if (available === undefined) {
        // nothing is known of the link: what was asked for
        if (sender.stream.target !== sender.maxLayer) sender.stream.want(this.#highestSent(sender), nowMs);
        continue;
      }
      this.#fit(sender, available / watching.length, downlink, nowMs);
    }
    this.#starve(watching, available, downlink, nowMs);
  }

  /** A client that is short of bandwidth stops its upper layers: take the best that it sends. */
  #followSource({ stream }: Sender, nowMs: number): boolean {
    const layers = stream.source?.layers ?? [];
    if ((layers[stream.target]?.bitrateBps ?? 0) > 0) return false;
    const sent = layers.filter(({ bitrateBps, index }) => bitrateBps > 0 && index <= stream.target).at(-1);
    if (sent) stream.want(sent.index, nowMs);
    return true;
  }
  #highestSent({ stream, maxLayer }: Sender): number {
    const layers = stream.source?.layers ?? [];
    const sent = layers.filter(({ bitrateBps, index }) => bitrateBps > 0 && index <= maxLayer).at(-1);
    return sent?.index ?? stream.target;
  }

  #fit(sender: Sender, shareBps: number, downlink: Downlink, nowMs: number): void {
    const { stream, maxLayer } = sender;
    const layers = (stream.source?.layers ?? []).filter(({ index }) => index <= maxLayer);
    const fitting = layers.filter(({ bitrateBps }) => bitrateBps > 0 && bitrateBps * headroom < shareBps);
    const best = fitting.at(-1)?.index ?? 0;
    const overused = downlink.overusedAtMs !== undefined && nowMs - downlink.overusedAtMs < 1500;
    if (stream.target > maxLayer) stream.want(maxLayer, nowMs);
    else if (best < stream.target && (overused || downlink.source !== 'transport-cc')) {
      this.#fellAtMs = nowMs;
      stream.want(best, nowMs);
    } else if (best > stream.target && nowMs - this.#fellAtMs >= settleMs)
      stream.want(stream.target + 1, nowMs);
    else if (stream.target < maxLayer) this.#considerProbe(sender, downlink, nowMs);
  }

  #considerProbe(sender: Sender, downlink: Downlink, nowMs: number): void {
    const { stream } = sender;
    const next = stream.source?.layers[stream.target + 1]?.bitrateBps ?? 0;
    const now = stream.source?.layers[stream.target]?.bitrateBps ?? 0;
    const gapMs = this.#fellAtMs > this.#probedAtMs ? probeGapAfterFallMs : probeGapMs;
    if (next <= 0 || !sender.canProbe || this.#probe || nowMs - this.#probedAtMs < gapMs) {
      // REMB comes back slowly and cannot be proven: try the next layer from time to time
      if (
        next > 0 &&
        downlink.source === 'remb' &&
        nowMs - Math.max(this.#fellAtMs, this.#probedAtMs) > 10_000
      ) {
        this.#probedAtMs = nowMs;
        stream.want(stream.target + 1, nowMs);
      }
      return;
    }
    if (downlink.goodSinceMs === undefined || nowMs - downlink.goodSinceMs < goodBeforeProbeMs) return;
    this.#probedAtMs = nowMs;
    const needBps = Math.max(0, next * probeMargin - now);
    this.#probe = { sender, bytesPerTick: (needBps / 8) * 0.02, startedAtMs: nowMs, ticksLeft: probeTicks };
  }

  /** When not even the smallest pictures fit, they stop, so that sound gets through; they return with room or after a while. */
  #starve(
    senders: readonly Sender[],
    available: number | undefined,
    downlink: Downlink,
    nowMs: number,
  ): void {
    if (available === undefined || senders.length === 0) return;
    const needBps = senders.reduce((sum, { stream }) => sum + (stream.source?.layers[0]?.bitrateBps ?? 0), 0);
    const overused = downlink.overusedAtMs !== undefined && nowMs - downlink.overusedAtMs < 1500;
    const hopeless = overused && downlink.loss > 0.3 && available < needBps * 0.3;
    if (hopeless && !this.#starved) {
      this.#starved = true;
      this.#fellAtMs = nowMs;
    } else if (this.#starved && (available > needBps || nowMs - this.#fellAtMs > 8000)) this.#starved = false;
    for (const { stream } of senders) stream.pause(this.#starved, nowMs);
  }
}
