import type { EventsTable } from '../../store/index.js';
import { openBase } from '../../http/urls.js';

/** An event as it stands in the log. */
export type LogRow = Omit<EventsTable, 'pos'> & { readonly pos: number };

/**
 * The text of one event's frame, made once per base URL and completed per socket: the payload is neither parsed nor
 * serialised again. @source protocol/device-and-mercury.md §4.6
 */
export class FrameText {
  readonly #heads = new Map<string, string>();
  #targetTags: readonly string[] | undefined;

  constructor(private readonly row: Pick<LogRow, 'id' | 'type' | 'payload' | 'created_ms'>) {}

  /** @param ownTags of the person whose socket it is: they are added to the conversation's, for this frame only */
  of(
    base: string,
    sequenceNumber: number,
    nowMs: number,
    ownTags: readonly string[],
    redelivered: boolean,
  ): string {
    const { row } = this;
    let head = this.#heads.get(base);
    if (head === undefined) {
      head = openBase(row.payload, base);
      this.#heads.set(base, head);
    }
    const data =
      ownTags.length > 0 && row.type === 'conversation.activity'
        ? `{"headers":{"activity.target.tags":${JSON.stringify(this.#tagsWith(ownTags))}},${head.slice(1)}`
        : head;
    return (
      `{"id":"${row.id}","data":${data},"timestamp":${String(row.created_ms)},"trackingId":"TRUNKLINE_${row.id}",` +
      `"alertType":"none","headers":{},"filterMessage":false,"sequenceNumber":${String(sequenceNumber)},` +
      `"wsWriteTimestamp":${String(nowMs)}${redelivered ? ',"redelivered":true' : ''}}`
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
