import { sequenceDifference } from '../rtp/sequence.js';

/** Puts packets of one stream in order; a missing one is waited for and then given up. */
export class Reorder<T> {
  /** packets that never came */
  lost = 0;
  readonly #waiting = new Map<number, { readonly value: T; readonly atMs: number }>();
  #next: number | undefined;

  /** @param patienceMs how long a missing packet is waited for */
  constructor(readonly patienceMs: number) {}

  push(sequence: number, value: T, nowMs: number): void {
    this.#next ??= sequence;
    if (sequenceDifference(sequence, this.#next) < 0) return;
    this.#waiting.set(sequence, { value, atMs: nowMs });
  }

  /** What is in order now. `gap` is true for the first one after lost packets. */
  take(nowMs: number): readonly { readonly value: T; readonly gap: boolean }[] {
    const ready: { readonly value: T; readonly gap: boolean }[] = [];
    let gap = false;
    while (this.#next !== undefined && this.#waiting.size > 0) {
      const one = this.#waiting.get(this.#next);
      if (one) {
        this.#waiting.delete(this.#next);
        this.#next = (this.#next + 1) & 0xffff;
        ready.push({ value: one.value, gap });
        gap = false;
        continue;
      }
      const first = this.#first(this.#next);
      if (!first || nowMs - first.atMs < this.patienceMs) break;
      this.lost += first.distance;
      this.#next = (this.#next + first.distance) & 0xffff;
      gap = true;
    }
    return ready;
  }

  #first(next: number): { readonly distance: number; readonly atMs: number } | undefined {
    let found: { readonly distance: number; readonly atMs: number } | undefined;
    for (const [sequence, { atMs }] of this.#waiting) {
      const distance = sequenceDifference(sequence, next);
      if (!found || distance < found.distance) found = { distance, atMs };
    }
    return found;
  }
}
