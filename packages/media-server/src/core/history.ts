import { wrapRtx } from '../rtp/rtx.js';

interface Sent {
  readonly sequence: number;
  readonly packet: Buffer;
  sentAgainAtMs: number;
  timesAgain: number;
}
/** Where retransmissions go: their own SSRC and payload type. */
export interface RtxStream {
  readonly ssrc: number;
  readonly payloadType: number;
}

const maxResends = 4;
/** each sent byte earns this share for resending */
const budgetShare = 0.25;
const maxBudgetBytes = 30_000;
const initialBudgetBytes = 20_000;

/**
 * What one outgoing SSRC sent, to answer NACKs. Without a budget a receiver behind a full queue would be sent many
 * times what its link carries, because it asks again each round trip.
 */
export class History {
  asked = 0;
  resent = 0;
  /** no longer kept */
  missed = 0;
  /** over the budget, or sent often enough */
  refused = 0;
  readonly #ring: (Sent | undefined)[];
  #budgetBytes = initialBudgetBytes;
  #rtxSequence = Math.floor(Math.random() * 65_536);
  #last: number | undefined;

  /** @param size packets that are kept; a power of two */
  constructor(size: number) {
    this.#ring = new Array<Sent | undefined>(size).fill(undefined);
  }

  put(sequence: number, packet: Buffer): void {
    this.#last = sequence;
    this.#budgetBytes = Math.min(maxBudgetBytes, this.#budgetBytes + packet.length * budgetShare);
    this.#ring[sequence % this.#ring.length] = { sequence, packet, sentAgainAtMs: -Infinity, timesAgain: 0 };
  }

  /**
   * Packets to send again.
   *
   * @param rtx      undefined: the same packets
   * @param minGapMs since the same packet was last sent again; a round trip
   */
  answer(
    sequences: readonly number[],
    nowMs: number,
    rtx: RtxStream | undefined,
    minGapMs: number,
  ): Buffer[] {
    const packets: Buffer[] = [];
    for (const sequence of sequences) {
      this.asked += 1;
      const sent = this.#ring[sequence % this.#ring.length];
      if (sent?.sequence !== sequence) {
        this.missed += 1;
        continue;
      }
      if (nowMs - sent.sentAgainAtMs < minGapMs) continue;
      if (sent.timesAgain >= maxResends || this.#budgetBytes < sent.packet.length) {
        this.refused += 1;
        continue;
      }
      this.#budgetBytes -= sent.packet.length;
      sent.timesAgain += 1;
      sent.sentAgainAtMs = nowMs;
      const packet = this.#wrap(sent.packet, rtx);
      if (!packet) continue;
      this.resent += 1;
      packets.push(packet);
    }
    return packets;
  }

  /** Recent packets as retransmissions, at least `bytes` of them where there are: a bandwidth probe. */
  padding(bytes: number, rtx: RtxStream): Buffer[] {
    const packets: Buffer[] = [];
    let left = bytes;
    for (let back = 0; left > 0 && back < 30 && this.#last !== undefined; back += 1) {
      const sequence = (this.#last - back) & 0xffff;
      const sent = this.#ring[sequence % this.#ring.length];
      if (sent?.sequence !== sequence) break;
      const packet = this.#wrap(sent.packet, rtx);
      if (!packet) break;
      left -= packet.length;
      packets.push(packet);
    }
    return packets;
  }

  #wrap(packet: Buffer, rtx: RtxStream | undefined): Buffer | undefined {
    // a copy, because a resent packet gets another transport-wide number
    if (!rtx) return Buffer.from(packet);
    this.#rtxSequence = (this.#rtxSequence + 1) & 0xffff;
    return wrapRtx(packet, { ...rtx, sequence: this.#rtxSequence });
  }
}
