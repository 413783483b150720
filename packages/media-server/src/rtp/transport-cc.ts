import { feedback, feedbackHeader, rtcpType } from './rtcp.js';

/** A transport-wide sequence number (16 bits), and when its packet arrived: ms; undefined when it did not. */
export type Arrival = readonly [sequence: number, arrivalMs: number | undefined];

const notReceived = 0;
const smallDelta = 1;
const largeDelta = 2;

/**
 * Builds transport-wide feedback (draft-holmer-rmcat-transport-wide-cc-extensions-01).
 *
 * @param arrivals consecutive sequence numbers, at least one of them received
 */
export function buildTransportCc(
  sender: number,
  media: number,
  count: number,
  arrivals: readonly Arrival[],
): Buffer {
  const first = arrivals.find(([, at]) => at !== undefined)?.[1] ?? 0;
  const reference = Math.floor(first / 64);
  let last = reference * 64;
  const symbols: number[] = [];
  const deltas: number[] = [];
  for (const [, at] of arrivals) {
    if (at === undefined) {
      symbols.push(notReceived);
      continue;
    }
    const ticks = Math.max(-32_768, Math.min(32_767, Math.round((at - last) * 4)));
    last += ticks / 4;
    if (ticks >= 0 && ticks <= 255) {
      symbols.push(smallDelta);
      deltas.push(ticks);
    } else {
      symbols.push(largeDelta);
      deltas.push((ticks >> 8) & 255, ticks & 255);
    }
  }
  const chunks = Math.ceil(symbols.length / 7);
  const bodyBytes = chunks * 2 + deltas.length;
  const padding = -bodyBytes & 3;
  const packet = feedbackHeader(
    feedback.transportCc,
    rtcpType.transportFeedback,
    5 + (bodyBytes + padding) / 4,
    sender,
    media,
  );
  packet.writeUInt16BE(arrivals[0]?.[0] ?? 0, 12);
  packet.writeUInt16BE(arrivals.length, 14);
  packet.writeUIntBE(reference & 0xffffff, 16, 3);
  packet[19] = count & 255;
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    let word = 0xc000;
    for (let place = 0; place < 7; place += 1) word |= (symbols[chunk * 7 + place] ?? 0) << (12 - 2 * place);
    packet.writeUInt16BE(word, 20 + chunk * 2);
  }
  packet.set(deltas, 20 + chunks * 2);
  if (padding > 0) {
    packet[0] = (packet[0] ?? 0) | 32;
    packet[packet.length - 1] = padding;
  }
  return packet;
}

function readSymbols(
  data: Buffer,
  count: number,
): { readonly symbols: readonly number[]; readonly end: number } {
  const symbols: number[] = [];
  let at = 20;
  while (symbols.length < count && at + 2 <= data.length) {
    const word = data.readUInt16BE(at);
    at += 2;
    if ((word & 0x8000) === 0) {
      const length = Math.min(word & 0x1fff, count - symbols.length);
      for (let index = 0; index < length; index += 1) symbols.push((word >> 13) & 3);
    } else if ((word & 0x4000) !== 0)
      for (let place = 0; place < 7; place += 1) symbols.push((word >> (12 - 2 * place)) & 3);
    else for (let place = 0; place < 14; place += 1) symbols.push((word >> (13 - place)) & 1);
  }
  return { symbols, end: at };
}

/** Reads transport-wide feedback. Arrival times are ms on the receiver's clock, which wraps after 24 bits of 64 ms. */
export function parseTransportCc(data: Buffer): readonly Arrival[] {
  if (data.length < 20) return [];
  const base = data.readUInt16BE(12);
  const count = data.readUInt16BE(14);
  let at = data.readUIntBE(16, 3) * 64;
  const { symbols, end } = readSymbols(data, count);
  let offset = end;
  const arrivals: Arrival[] = [];
  for (let index = 0; index < Math.min(count, symbols.length); index += 1) {
    const sequence = (base + index) & 0xffff;
    const symbol = symbols[index];
    if (symbol === smallDelta && offset < data.length) {
      at += (data[offset] ?? 0) / 4;
      offset += 1;
      arrivals.push([sequence, at]);
    } else if (symbol === largeDelta && offset + 2 <= data.length) {
      at += data.readInt16BE(offset) / 4;
      offset += 2;
      arrivals.push([sequence, at]);
    } else arrivals.push([sequence, undefined]);
  }
  return arrivals;
}
