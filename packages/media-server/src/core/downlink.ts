import type { Arrival } from '../rtp/transport-cc.js';

export type DownlinkSource = 'none' | 'transport-cc' | 'remb';

interface InFlight {
  readonly atMs: number;
  readonly bytes: number;
}
interface Acknowledged {
  readonly reportedAtMs: number;
  readonly arrivalMs: number | undefined;
  readonly bytes: number;
}

const windowMs = 600;
const maxInFlight = 4000;
/** more queueing delay than this is overuse, ms */
const overuseDelayMs = 80;
const overuseLoss = 0.1;
/** after overuse the estimate does not grow for so long, ms */
const calmMs = 2000;
/** how long a smallest delay counts, twice */
const basePeriodMs = 20_000;
/** below this, loss and delay of single packets mean nothing */
const minWindowPackets = 8;

/** What one client can receive: its transport-cc, else its REMB, else what its receiver reports say. */
export class Downlink {
  /** bit/s; grows only on what was proven, so probe with padding to go up */
  estimateBps = 0;
  /** bit/s that arrived lately */
  acknowledgedBps = 0;
  /** ms of queueing, over the smallest delay seen */
  queueDelayMs = 0;
  /** 0 to 1 */
  loss = 0;
  /** ms, from receiver reports */
  roundTripMs: number | undefined;
  source: DownlinkSource = 'none';
  /** when the link was last overused, ms */
  overusedAtMs: number | undefined;
  /** since when it has not been, ms */
  goodSinceMs: number | undefined;
  readonly #inFlight = new Map<number, InFlight>();
  #window: Acknowledged[] = [];
  /** smallest delay of this and of the previous period: the clocks of both ends drift apart */
  #smallestDelayMs = Infinity;
  #smallestBeforeMs = Infinity;
  #periodSinceMs = -Infinity;
  #sequence = 0;

  /** The estimate in bit/s; undefined before there is one. */
  get availableBps(): number | undefined {
    return this.source === 'none' ? undefined : this.estimateBps;
  }

  /** Numbers a packet that is about to leave (16 bits, transport-wide). */
  stamp(bytes: number, nowMs: number): number {
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#inFlight.set(this.#sequence, { atMs: nowMs, bytes });
    if (this.#inFlight.size > maxInFlight)
      for (const oldest of this.#inFlight.keys()) {
        this.#inFlight.delete(oldest);
        break;
      }
    return this.#sequence;
  }

  onTransportCc(arrivals: readonly Arrival[], nowMs: number): void {
    this.source = 'transport-cc';
    if (nowMs - this.#periodSinceMs > basePeriodMs) {
      this.#smallestBeforeMs = this.#smallestDelayMs;
      this.#smallestDelayMs = Infinity;
      this.#periodSinceMs = nowMs;
    }
    let delayMs: number | undefined;
    for (const [sequence, arrivalMs] of arrivals) {
      const sent = this.#inFlight.get(sequence);
      if (!sent) continue;
      this.#inFlight.delete(sequence);
      if (arrivalMs !== undefined) {
        delayMs = arrivalMs - sent.atMs;
        this.#smallestDelayMs = Math.min(this.#smallestDelayMs, delayMs);
      }
      this.#window.push({ reportedAtMs: nowMs, arrivalMs, bytes: sent.bytes });
    }
    this.#window = this.#window.filter(({ reportedAtMs }) => nowMs - reportedAtMs <= windowMs);
    if (delayMs !== undefined)
      this.queueDelayMs = delayMs - Math.min(this.#smallestDelayMs, this.#smallestBeforeMs);
    this.#measure();
    this.#judge(nowMs);
  }

  onRemb(bitsPerSecond: number, nowMs: number): void {
    if (this.source === 'transport-cc') return;
    this.source = 'remb';
    if (bitsPerSecond < this.estimateBps * 0.8) this.overusedAtMs = nowMs;
    this.estimateBps = bitsPerSecond;
  }

  /** @param fractionLost of a report block, 0 to 1 */
  onReceiverReport(fractionLost: number, roundTripMs: number | undefined): void {
    if (this.source !== 'transport-cc') this.loss = this.loss * 0.7 + fractionLost * 0.3;
    if (roundTripMs !== undefined) this.roundTripMs = roundTripMs;
  }

  #measure(): void {
    let bits = 0;
    let got = 0;
    let from = Infinity;
    let until = -Infinity;
    for (const { arrivalMs, bytes } of this.#window) {
      if (arrivalMs === undefined) continue;
      got += 1;
      bits += bytes * 8;
      if (arrivalMs < from) from = arrivalMs;
      if (arrivalMs > until) until = arrivalMs;
    }
    this.loss = this.#window.length > 0 ? 1 - got / this.#window.length : 0;
    this.acknowledgedBps = got > 1 ? (bits / Math.max(200, until - from)) * 1000 : 0;
  }
  #judge(nowMs: number): void {
    const enough = this.#window.length >= minWindowPackets;
    if (enough && (this.queueDelayMs > overuseDelayMs || this.loss > overuseLoss)) {
      this.estimateBps = this.acknowledgedBps * 0.9;
      this.overusedAtMs = nowMs;
      this.goodSinceMs = undefined;
      return;
    }
    this.goodSinceMs ??= nowMs;
    if (this.overusedAtMs === undefined || nowMs - this.overusedAtMs > calmMs)
      this.estimateBps = Math.max(this.estimateBps, this.acknowledgedBps * 1.25);
  }
}
