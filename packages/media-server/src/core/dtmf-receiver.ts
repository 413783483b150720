import { parseTelephoneEvent } from '../rtp/telephone-event.js';

/** Finds digits in telephone-event packets: each tone once, however many packets it has and however many are lost. */
export class DtmfReceiver {
  #timestamp: number | undefined;

  /** The digit that begins with this packet; undefined when it belongs to one already reported. */
  push(payload: Buffer, timestamp: number): string | undefined {
    const event = parseTelephoneEvent(payload);
    if (!event || timestamp === this.#timestamp) return undefined;
    this.#timestamp = timestamp;
    return event.digit;
  }
}
