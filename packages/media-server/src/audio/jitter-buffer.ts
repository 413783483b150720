import { sequenceDifference } from '../rtp/sequence.js';

/** frames of 20 ms that wait before playing begins */
const targetPackets = 2;
/** more than this is delay without use */
const maxPackets = 8;
/** a missing packet is waited for while fewer than this follow it */
const patiencePackets = 3;

export type Pulled = { readonly payload: Buffer } | 'lost' | 'empty';

/** Puts audio packets in order and holds them for as long as the network needs. */
export class JitterBuffer {
  readonly #packets = new Map<number, Buffer>();
  #next: number | undefined;
  #playing = false;

  push(sequence: number, payload: Buffer): void {
    if (this.#next === undefined || Math.abs(sequenceDifference(sequence, this.#next)) > 500) {
      this.#packets.clear();
      this.#next = sequence;
      this.#playing = false;
    }
    if (sequenceDifference(sequence, this.#next) < 0) {
      // earlier than the first one, and nothing was played yet: reordering at the start
      if (this.#playing) return;
      this.#next = sequence;
    }
    this.#packets.set(sequence, payload);
  }

  /** The next packet. `empty`: nothing to play now. `lost`: a packet is missing and others follow. */
  pull(): Pulled {
    if (this.#next === undefined) return 'empty';
    if (!this.#playing) {
      if (this.#packets.size < targetPackets) return 'empty';
      this.#playing = true;
    }
    while (this.#packets.size > maxPackets) this.#advance();
    const payload = this.#packets.get(this.#next);
    if (payload) {
      this.#packets.delete(this.#next);
      this.#next = (this.#next + 1) & 0xffff;
      return { payload };
    }
    if (this.#packets.size === 0) {
      this.#playing = false;
      return 'empty';
    }
    if (this.#packets.size < patiencePackets) return 'empty';
    this.#next = (this.#next + 1) & 0xffff;
    return 'lost';
  }

  get size(): number {
    return this.#packets.size;
  }

  #advance(): void {
    if (this.#next === undefined) return;
    this.#packets.delete(this.#next);
    this.#next = (this.#next + 1) & 0xffff;
  }
}
