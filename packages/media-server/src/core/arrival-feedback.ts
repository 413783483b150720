import { sequenceDifference } from '../rtp/sequence.js';
import { buildTransportCc, type Arrival } from '../rtp/transport-cc.js';

const maxPerMessage = 600;

/** Collects arrival times by transport-wide number, so that the sender's own bandwidth estimator works. */
export class ArrivalFeedback {
  readonly #pending = new Map<number, number>();
  #highest: number | undefined;
  #next: number | undefined;
  #count = 0;

  /** @param sequence the transport-wide number of a packet, 16 bits */
  add(sequence: number, nowMs: number): void {
    this.#highest ??= sequence;
    const full = this.#highest + sequenceDifference(sequence, this.#highest & 0xffff);
    if (full > this.#highest) this.#highest = full;
    this.#pending.set(full, nowMs);
  }

  /** The feedback since the previous call; undefined when nothing came. */
  take(sender: number, media: number): Buffer | undefined {
    if (this.#pending.size === 0) return undefined;
    let lowest = Infinity;
    let highest = -Infinity;
    for (const sequence of this.#pending.keys()) {
      if (sequence < lowest) lowest = sequence;
      if (sequence > highest) highest = sequence;
    }
    // lost ones between two messages are reported too
    if (this.#next !== undefined && this.#next <= lowest && lowest - this.#next < 500) lowest = this.#next;
    const arrivals: Arrival[] = [];
    const end = Math.min(highest, lowest + maxPerMessage - 1);
    for (let sequence = lowest; sequence <= end; sequence += 1)
      arrivals.push([sequence & 0xffff, this.#pending.get(sequence)]);
    this.#pending.clear();
    this.#next = highest + 1;
    if (arrivals.every(([, at]) => at === undefined)) return undefined;
    this.#count += 1;
    return buildTransportCc(sender, media, this.#count - 1, arrivals);
  }
}
