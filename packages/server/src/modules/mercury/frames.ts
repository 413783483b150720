import { unmaskBase } from '../../kernel/http/urls.js';
import type { EventsTable } from './schema.js';

/** An event as it stands in the log. */
export type LogRow = Omit<EventsTable, 'pos'> & { readonly pos: number };

/** What differs from socket to socket. */
export interface FrameFor {
  /** what URLs begin with for its client */
  readonly base: string;
  /** of the person whose socket it is: they are added to the conversation's, for this frame only */
  readonly ownTags: readonly string[];
  readonly sequenceNumber: number;
  readonly nowMs: number;
  readonly redelivered: boolean;
}

const tail = ({ sequenceNumber, nowMs, redelivered }: Omit<FrameFor, 'base' | 'ownTags'>): string =>
  `${String(sequenceNumber)},"wsWriteTimestamp":${String(nowMs)}${redelivered ? ',"redelivered":true' : ''}}`;

/** Writes the head of an unmasked text frame of one piece; returns where its text begins. @source RFC 6455 §5.2 */
function openFrame(length: number): { readonly frame: Buffer; readonly start: number } {
  // fewer than 126 have a shorter form, but no frame of ours is as short
  const start = length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(start + length);
  frame[0] = 0x81;
  if (start === 4) {
    frame[1] = 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  return { frame, start };
}

/**
 * One event's frame, made once and completed per socket: the payload is neither parsed nor serialised again, and its
 * bytes are only copied. @source protocol/device-and-mercury.md §4.6
 */
export class FrameText {
  readonly #heads = new Map<string, string>();
  readonly #bytes = new Map<string, Buffer>();
  #targetTags: readonly string[] | undefined;

  constructor(private readonly row: Pick<LogRow, 'id' | 'type' | 'payload' | 'created_ms'>) {}

  text({ base, ownTags, ...rest }: FrameFor): string {
    return this.#head(base, ownTags) + tail(rest);
  }

  /** The whole WebSocket frame. */
  bytes({ base, ownTags, ...rest }: FrameFor): Buffer {
    const key = ownTags.length === 0 ? base : base + JSON.stringify(ownTags);
    let head = this.#bytes.get(key);
    if (head === undefined) this.#bytes.set(key, (head = Buffer.from(this.#head(base, ownTags))));
    const end = tail(rest);
    const { frame, start } = openFrame(head.length + end.length);
    frame.set(head, start);
    frame.write(end, start + head.length, 'latin1');
    return frame;
  }

  #head(base: string, ownTags: readonly string[]): string {
    const { row } = this;
    let payload = this.#heads.get(base);
    if (payload === undefined) this.#heads.set(base, (payload = unmaskBase(row.payload, base)));
    const data =
      ownTags.length > 0 && row.type === 'conversation.activity'
        ? `{"headers":{"activity.target.tags":${JSON.stringify(this.#tagsWith(ownTags))}},${payload.slice(1)}`
        : payload;
    return (
      `{"id":"${row.id}","data":${data},"timestamp":${String(row.created_ms)},"trackingId":"TRUNKLINE_${row.id}",` +
      `"alertType":"none","headers":{},"filterMessage":false,"sequenceNumber":`
    );
  }

  #tagsWith(ownTags: readonly string[]): readonly string[] {
    if (this.#targetTags === undefined) {
      const data = JSON.parse(this.row.payload.replaceAll('\u0001', '')) as {
        activity?: { target?: { tags?: readonly string[] } };
      };
      this.#targetTags = data.activity?.target?.tags ?? [];
    }
    return [...new Set([...this.#targetTags, ...ownTags])];
  }
}
