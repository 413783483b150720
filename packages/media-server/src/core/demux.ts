import { extensionText, type RtpHeader } from '../rtp/packet.js';
import { extensionUri } from '../sdp/answer.js';
import type { MediaCodec, NegotiatedCodec } from '../sdp/codec.js';
import type { OfferedSection } from '../sdp/offer.js';
import { Inbound } from './inbound.js';
import type { Layer, Source } from './source.js';

/** A section on which the client sends. */
export interface IncomingLine {
  readonly section: OfferedSection;
  readonly source: Source;
  readonly codecs: readonly NegotiatedCodec[];
  readonly telephoneEvent: number | undefined;
}
/** What a packet's SSRC belongs to. */
export interface Incoming {
  readonly line: IncomingLine;
  readonly layer: Layer;
  /** the SSRC carries retransmissions of the layer */
  readonly isRtx: boolean;
}
/** What a payload type means on a line. */
export interface PayloadMeaning {
  readonly codec: MediaCodec;
  readonly clockRate: number;
  readonly isRtx: boolean;
  readonly payloadType: number;
}

/** Extension ids that one client uses for the same purpose on all of its sections. */
interface ExtensionIds {
  readonly mid: number | undefined;
  readonly rid: number | undefined;
  readonly repairedRid: number | undefined;
  readonly transportCc: number | undefined;
  readonly audioLevel: number | undefined;
}

const firstId = (lines: readonly IncomingLine[], uri: string): number | undefined =>
  lines.map(({ section }) => section.extensions.get(uri)).find((id) => id !== undefined);

/** Finds the line and layer of each incoming packet: by SSRC, else RID, else MID, else payload type. */
export class Demux {
  ids: ExtensionIds = {
    mid: undefined,
    rid: undefined,
    repairedRid: undefined,
    transportCc: undefined,
    audioLevel: undefined,
  };
  #lines: readonly IncomingLine[] = [];
  readonly #bySsrc = new Map<number, Incoming>();

  /** Takes the lines of a negotiation. SSRCs that the offer names again keep their state. */
  setLines(lines: readonly IncomingLine[]): void {
    const before = new Map(this.#bySsrc);
    this.#bySsrc.clear();
    this.#lines = lines;
    this.ids = {
      mid: firstId(lines, extensionUri.mid),
      rid: firstId(lines, extensionUri.rid),
      repairedRid: firstId(lines, extensionUri.repairedRid),
      transportCc: firstId(lines, extensionUri.transportCc),
      audioLevel: firstId(lines, extensionUri.audioLevel),
    };
    for (const line of lines) {
      const { section, source } = line;
      if (section.rids.length > 0) section.rids.forEach((rid, index) => source.layer(index, rid));
      const listed = section.simulcastSsrcs.length > 0 ? section.simulcastSsrcs : section.ssrcs.slice(0, 1);
      listed.forEach((ssrc, index) => {
        const layer = source.layer(index);
        const known = before.get(ssrc);
        if (known?.layer === layer) this.#bySsrc.set(ssrc, { line, layer, isRtx: false });
        else this.#bind(line, layer, ssrc);
        const rtx = section.rtxSsrcs.get(ssrc);
        if (rtx !== undefined) this.#bySsrc.set(rtx, { line, layer, isRtx: true });
      });
      // bound by RID, MID or payload type before: the same SSRC may go on
      if (listed.length === 0)
        for (const [ssrc, known] of before)
          if (known.line.source === source)
            this.#bySsrc.set(ssrc, { line, layer: known.layer, isRtx: known.isRtx });
    }
  }
  get lines(): readonly IncomingLine[] {
    return this.#lines;
  }

  bySsrc(ssrc: number): Incoming | undefined {
    return this.#bySsrc.get(ssrc);
  }

  /** Undefined for a packet that belongs to no line. */
  find(packet: Buffer, header: RtpHeader): Incoming | undefined {
    return this.#bySsrc.get(header.ssrc) ?? this.#byExtension(packet, header) ?? this.#byPayloadType(header);
  }

  meaning({ codecs }: IncomingLine, payloadType: number): PayloadMeaning | undefined {
    for (const { codec, offered, rtx } of codecs) {
      const { clockRate } = offered;
      if (offered.payloadType === payloadType) return { codec, clockRate, isRtx: false, payloadType };
      if (rtx?.payloadType === payloadType)
        return { codec, clockRate, isRtx: true, payloadType: offered.payloadType };
    }
    return undefined;
  }

  #byExtension(packet: Buffer, header: RtpHeader): Incoming | undefined {
    const rid = extensionText(packet, header, this.ids.rid);
    const repaired = extensionText(packet, header, this.ids.repairedRid);
    const mid = extensionText(packet, header, this.ids.mid);
    for (const line of this.#lines) {
      if (mid !== undefined && line.section.mid !== mid) continue;
      const index = line.section.rids.indexOf(rid ?? repaired ?? '');
      if (index >= 0) {
        const layer = line.source.layer(index, line.section.rids[index]);
        if (rid === undefined) return this.#bindRtx(line, layer, header.ssrc);
        return this.#bind(line, layer, header.ssrc);
      }
      const meaning = this.meaning(line, header.payloadType);
      if (mid === undefined || line.section.rids.length > 0 || !meaning) continue;
      const layer = line.source.layer(0);
      return meaning.isRtx ? this.#bindRtx(line, layer, header.ssrc) : this.#bind(line, layer, header.ssrc);
    }
    return undefined;
  }

  /** An offer without a=ssrc and without extensions: the payload type, as long as only one line can be meant. */
  #byPayloadType(header: RtpHeader): Incoming | undefined {
    const candidates = this.#lines.filter(
      (line) =>
        line.section.ssrcs.length === 0 &&
        line.section.rids.length === 0 &&
        this.meaning(line, header.payloadType) !== undefined,
    );
    const [line] = candidates;
    if (!line || candidates.length > 1 || this.ids.mid !== undefined) return undefined;
    const layer = line.source.layer(0);
    const isRtx = this.meaning(line, header.payloadType)?.isRtx === true;
    return isRtx ? this.#bindRtx(line, layer, header.ssrc) : this.#bind(line, layer, header.ssrc);
  }

  #bind(line: IncomingLine, layer: Layer, ssrc: number): Incoming {
    for (const [old, { layer: other, isRtx }] of this.#bySsrc)
      if (other === layer && !isRtx && old !== ssrc) this.#bySsrc.delete(old);
    const clockRate = line.codecs[0]?.offered.clockRate ?? 90_000;
    line.source.bind(layer, ssrc, new Inbound(ssrc, clockRate));
    const incoming = { line, layer, isRtx: false };
    this.#bySsrc.set(ssrc, incoming);
    return incoming;
  }
  #bindRtx(line: IncomingLine, layer: Layer, ssrc: number): Incoming {
    for (const [old, { layer: other, isRtx }] of this.#bySsrc)
      if (other === layer && isRtx && old !== ssrc) this.#bySsrc.delete(old);
    const incoming = { line, layer, isRtx: true };
    this.#bySsrc.set(ssrc, incoming);
    return incoming;
  }
}
