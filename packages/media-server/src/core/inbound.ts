import type { RtpHeader } from '../rtp/packet.js';
import { compactNtp, type ReportBlock, type SenderReport } from '../rtp/rtcp.js';
import { sequenceDifference } from '../rtp/sequence.js';

interface Missing {
  tries: number;
  nextAtMs: number;
  askedAtMs: number;
  readonly sinceMs: number;
}
/** A sender report and when it arrived. */
export interface ReceivedReport extends SenderReport {
  /** when it came, steady ms */
  readonly atMs: number;
  /** when its timestamp was captured: ms since 1970 on our clock */
  readonly captureMs: number;
}

const maxTries = 10;
const giveUpMs = 1000;
/** a wider gap is a restart of the stream, not loss */
const maxGap = 300;
/** reordering within this time is not loss */
const reorderMs = 5;
const minRetryMs = 20;

/**
 * One incoming SSRC: finds gaps, decides when to ask for them again, and counts for receiver reports.
 * Retries back off from the measured response time: a fixed period makes a sender behind a full queue send everything
 * several times.
 */
export class Inbound {
  /** last sender report of this stream */
  report: ReceivedReport | undefined;
  packets = 0;
  bytes = 0;
  duplicates = 0;
  recovered = 0;
  /** packets that were asked for in vain */
  abandoned = 0;
  /** measured between a NACK and its packet, ms */
  responseMs = 60;
  lastPacketMs = 0;
  readonly #missing = new Map<number, Missing>();
  #highest: number | undefined;
  #first = 0;
  #cycles = 0;
  #jitter = 0;
  #transit: number | undefined;
  #expectedBefore = 0;
  #receivedBefore = 0;

  /**
   * @param ssrc      of the stream
   * @param clockRate Hz of its timestamps
   */
  constructor(
    readonly ssrc: number,
    readonly clockRate: number,
  ) {}

  get missing(): number {
    return this.#missing.size;
  }
  /** ms */
  get jitterMs(): number {
    return (this.#jitter / this.clockRate) * 1000;
  }
  /** packets that never came, so far */
  get lost(): number {
    return Math.max(0, this.#expected() - this.packets);
  }

  /**
   * Notes a packet.
   *
   * @param repaired it came as a retransmission
   * @returns false for one that was received before
   */
  add(header: RtpHeader, bytes: number, nowMs: number, repaired = false): boolean {
    this.bytes += bytes;
    this.lastPacketMs = nowMs;
    const { sequence } = header;
    if (this.#highest === undefined) {
      this.#first = this.#highest = sequence;
      this.packets = 1;
      return true;
    }
    const distance = sequenceDifference(sequence, this.#highest);
    if (Math.abs(distance) > 3000) this.#restart(sequence);
    else if (distance > 0) {
      if (distance > 1 && distance < maxGap) this.#noteGap(distance, nowMs);
      if (sequence < this.#highest) this.#cycles += 65_536;
      this.#highest = sequence;
    } else {
      const gap = this.#missing.get(sequence);
      if (!gap) {
        this.duplicates += 1;
        return false;
      }
      this.#missing.delete(sequence);
      this.recovered += 1;
      if (gap.tries === 1) this.responseMs = this.responseMs * 0.8 + (nowMs - gap.askedAtMs) * 0.2;
    }
    this.packets += 1;
    if (!repaired) this.#measureJitter(header.timestamp, nowMs);
    return true;
  }

  /** Sequence numbers to ask for now, ascending; what was asked for in vain is given up. */
  due(nowMs: number): readonly number[] {
    const ask: number[] = [];
    for (const [sequence, gap] of this.#missing) {
      if (nowMs - gap.sinceMs > giveUpMs || gap.tries >= maxTries) {
        this.#missing.delete(sequence);
        this.abandoned += 1;
      } else if (gap.nextAtMs <= nowMs) {
        ask.push(sequence);
        gap.tries += 1;
        gap.askedAtMs = nowMs;
        gap.nextAtMs = nowMs + Math.max(minRetryMs, this.responseMs * 1.2) * 2 ** Math.min(4, gap.tries - 1);
      }
    }
    return ask;
  }

  /** The report block since the previous call; undefined before the first packet. */
  takeReport(nowMs: number): ReportBlock | undefined {
    if (this.#highest === undefined) return undefined;
    const expected = this.#expected();
    const expectedNow = expected - this.#expectedBefore;
    const lostNow = expectedNow - (this.packets - this.#receivedBefore);
    this.#expectedBefore = expected;
    this.#receivedBefore = this.packets;
    const { report } = this;
    return {
      ssrc: this.ssrc,
      fractionLost: expectedNow > 0 && lostNow > 0 ? lostNow / expectedNow : 0,
      lost: this.lost,
      highest: this.#cycles + this.#highest,
      jitter: Math.floor(this.#jitter),
      lastSenderReport: report ? compactNtp(report.ntp) : 0,
      delaySinceLast: report ? Math.round((nowMs - report.atMs) * 65.536) : 0,
    };
  }

  #expected(): number {
    return this.#highest === undefined ? 0 : this.#cycles + this.#highest - this.#first + 1;
  }
  #noteGap(distance: number, nowMs: number): void {
    const highest = this.#highest ?? 0;
    for (let step = 1; step < distance; step += 1)
      this.#missing.set((highest + step) & 0xffff, {
        tries: 0,
        nextAtMs: nowMs + (step === distance - 1 ? reorderMs : 0),
        askedAtMs: 0,
        sinceMs: nowMs,
      });
  }
  /** The sender began again with the same SSRC: its old numbers mean nothing any more. */
  #restart(sequence: number): void {
    this.#missing.clear();
    this.#first = this.#highest = sequence;
    this.#cycles = 0;
    this.#expectedBefore = 0;
    this.packets = 0;
    this.#receivedBefore = 0;
    this.#transit = undefined;
  }
  #measureJitter(timestamp: number, nowMs: number): void {
    const transit = (nowMs * this.clockRate) / 1000 - timestamp;
    if (this.#transit !== undefined) {
      const change = Math.abs(transit - this.#transit);
      // a jump of a second is a wrapped timestamp or a pause
      if (change < this.clockRate) this.#jitter += (change - this.#jitter) / 16;
    }
    this.#transit = transit;
  }
}
