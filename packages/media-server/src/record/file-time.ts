import { timestampDifference } from '../rtp/sequence.js';

/** timestamps that are so far from the clock began again */
const maxDriftMs = 400;

/** Turns the timestamps of one continuous stream into ms since the recording began, never backwards. */
export class FileTime {
  #base: { readonly timestamp: number; readonly fileMs: number } | undefined;
  #lastMs = -1;

  /** @param clockRate Hz */
  constructor(readonly clockRate: number) {}

  /** @param arrivalMs since the recording began */
  at(timestamp: number, arrivalMs: number): number {
    this.#base ??= { timestamp, fileMs: arrivalMs };
    let fileMs =
      this.#base.fileMs + (timestampDifference(timestamp, this.#base.timestamp) / this.clockRate) * 1000;
    if (Math.abs(fileMs - arrivalMs) > maxDriftMs) {
      this.#base = { timestamp, fileMs: arrivalMs };
      fileMs = arrivalMs;
    }
    return this.reserve(fileMs);
  }

  /** A moment for something of our own, such as silence. */
  reserve(fileMs: number): number {
    this.#lastMs = Math.max(fileMs, this.#lastMs + 1);
    return this.#lastMs;
  }
  /** of the last thing written, ms; -1 before */
  get lastMs(): number {
    return this.#lastMs;
  }
}
