import { mediaError } from '../errors.js';
import { buildTelephoneEvent, isDigit } from '../rtp/telephone-event.js';

export interface DtmfTiming {
  /** of each tone, ms; default 100 */
  readonly durationMs?: number;
  /** between two tones, ms; default 70 */
  readonly gapMs?: number;
}
interface Tone {
  readonly digit: string;
  readonly durationMs: number;
  readonly gapMs: number;
}
/** A packet of a tone, still without sequence number and timestamp. */
export interface DtmfPacket {
  readonly payload: Buffer;
  /** first packet of a tone */
  readonly marker: boolean;
  /** how long the tone has lasted, ms: its timestamp is that of its begin */
  readonly sinceBeginMs: number;
}

const minToneMs = 40;
const maxToneMs = 6000;
const minGapMs = 30;
const pauseMs = 2000;
const endRepeats = 3;

/** Checks digits before anything is sent: `0`-`9`, `*`, `#`, `A`-`D`, and `,` for a pause of 2 s. */
export function readTones(digits: string, { durationMs = 100, gapMs = 70 }: DtmfTiming): readonly Tone[] {
  if (digits.length > 255)
    throw mediaError(
      'ERR_MEDIA_ARGUMENT',
      'media',
      `sendDtmf: expected at most 255 digits, got ${String(digits.length)}.`,
    );
  return Array.from(digits, (digit) => {
    if (digit !== ',' && !isDigit(digit))
      throw mediaError(
        'ERR_MEDIA_ARGUMENT',
        'media',
        `sendDtmf: expected digits 0-9, *, #, A-D or a comma, got ${JSON.stringify(digit)}. Nothing was sent.`,
      );
    return digit === ','
      ? { digit, durationMs: 0, gapMs: pauseMs }
      : {
          digit: digit.toUpperCase(),
          durationMs: Math.min(maxToneMs, Math.max(minToneMs, durationMs)),
          gapMs: Math.max(minGapMs, gapMs),
        };
  });
}

/** Plays queued digits as telephone-events (RFC 4733), one after the other. Call `tick` every 20 ms. */
export class DtmfSender {
  readonly #queue: Tone[] = [];
  #tone: Tone | undefined;
  #beganAtMs = 0;
  #nextAtMs = 0;
  #begun = false;

  /** @param clockRate Hz of the stream that carries the tones */
  constructor(readonly clockRate: number) {}

  /** Digits wait behind those of earlier calls. */
  queue(digits: string, timing: DtmfTiming = {}): void {
    this.#queue.push(...readTones(digits, timing));
  }
  /** A tone is being played: audio is left out meanwhile. */
  get active(): boolean {
    return this.#tone !== undefined && this.#tone.durationMs > 0;
  }
  get waiting(): boolean {
    return this.#tone !== undefined || this.#queue.length > 0;
  }

  /** The packets to send now. */
  tick(nowMs: number): readonly DtmfPacket[] {
    if (!this.#tone) {
      if (nowMs < this.#nextAtMs) return [];
      this.#tone = this.#queue.shift();
      if (!this.#tone) return [];
      this.#beganAtMs = nowMs;
      this.#begun = false;
    }
    const { digit, durationMs, gapMs } = this.#tone;
    const sinceBeginMs = nowMs - this.#beganAtMs;
    const over = sinceBeginMs >= durationMs;
    if (over) {
      this.#tone = undefined;
      this.#nextAtMs = nowMs + gapMs;
    }
    if (durationMs === 0) return [];
    const lastedMs = over ? durationMs : Math.max(20, sinceBeginMs);
    const duration = Math.round((lastedMs * this.clockRate) / 1000);
    const payload = buildTelephoneEvent({ digit, end: over, volume: 10, duration });
    const marker = !this.#begun;
    this.#begun = true;
    // the last packet is repeated: without it the tone would not end
    return Array.from({ length: over ? endRepeats : 1 }, () => ({ payload, marker, sinceBeginMs }));
  }
}
