/** DTMF digits in the order of their event codes (RFC 4733 §3.2). */
const digits = '0123456789*#ABCD';

/** The payload of a telephone-event packet. */
export interface TelephoneEvent {
  /** `0`-`9`, `*`, `#`, `A`-`D` */
  readonly digit: string;
  readonly end: boolean;
  /** 0 to 63: dB below full scale */
  readonly volume: number;
  /** in units of the codec's clock */
  readonly duration: number;
}

/** True for a character that can be sent as DTMF. */
export const isDigit = (character: string): boolean =>
  character.length === 1 && digits.includes(character.toUpperCase());

/** Reads the payload; undefined when it is too short or is another event than a digit. */
export function parseTelephoneEvent(payload: Buffer): TelephoneEvent | undefined {
  const digit = digits[payload[0] ?? 255];
  const flags = payload[1];
  if (payload.length < 4 || digit === undefined || flags === undefined) return undefined;
  return { digit, end: (flags & 0x80) !== 0, volume: flags & 63, duration: payload.readUInt16BE(2) };
}

export function buildTelephoneEvent({ digit, end, volume, duration }: TelephoneEvent): Buffer {
  const payload = Buffer.alloc(4);
  payload[0] = digits.indexOf(digit.toUpperCase());
  payload[1] = (end ? 0x80 : 0) | (volume & 63);
  payload.writeUInt16BE(Math.min(0xffff, duration), 2);
  return payload;
}
