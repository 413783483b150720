import { buildRtp, parseRtp, type ExtensionToWrite } from '../rtp/packet.js';
import { buildSenderReport, compactNtp, toNtp } from '../rtp/rtcp.js';
import type { MediaCodec, NegotiatedCodec, OfferedCodec } from '../sdp/codec.js';
import type { Downlink } from './downlink.js';
import { DtmfSender, type DtmfTiming } from './dtmf-sender.js';
import { History } from './history.js';
import type { MediaPacket } from './media-packet.js';
import type { Rewritten } from './rewriter.js';
import { StreamSwitch, type SwitchReport } from './stream-switch.js';
import { mediaError } from '../errors.js';

/** What a sender needs of its session. */
export interface SenderLink {
  readonly downlink: Downlink;
  send(packet: Buffer): boolean;
  /** ms since 1970 on the steady clock */
  epochMs(): number;
}

/** Payload types and extension ids of the section that an outgoing slot uses. */
export interface SenderLine {
  readonly codecs: readonly NegotiatedCodec[];
  readonly telephoneEvent: OfferedCodec | undefined;
  /** id of the transport-wide number; undefined when it is not negotiated */
  readonly transportCcId: number | undefined;
  readonly absoluteSendTimeId: number | undefined;
}

export interface SenderIdentity {
  readonly id: string;
  readonly kind: 'audio' | 'video';
  readonly ssrc: number;
  readonly rtxSsrc: number | undefined;
  /** section that it belongs to, or whose codecs it uses */
  readonly mid: string;
}

const videoHistory = 512;
const audioHistory = 128;
/** bytes of SRTP, UDP and IP that a packet costs beside itself */
const overheadBytes = 40;

/** One outgoing stream toward one client: an outgoing slot of the port. */
export class Sender {
  readonly history: History;
  readonly stream: StreamSwitch;
  /** highest layer that the receiver wishes */
  maxLayer = 0;
  /** packets that were dropped because the receiver does not have their codec */
  unsupported: MediaCodec | undefined;
  #line: SenderLine | undefined;
  #dtmf: DtmfSender | undefined;
  #dtmfTimestamp = 0;
  readonly #reports: { readonly compact: number; readonly atMs: number }[] = [];
  readonly #link: SenderLink;

  constructor(
    readonly identity: SenderIdentity,
    link: SenderLink,
    onSwitch?: (report: SwitchReport) => void,
  ) {
    this.#link = link;
    this.history = new History(identity.kind === 'video' ? videoHistory : audioHistory);
    this.stream = new StreamSwitch(
      (rewritten, packet) => {
        this.#forward(rewritten, packet);
      },
      (codec) => this.#accepts(codec),
      onSwitch,
    );
  }

  /** The line changes with each negotiation; the stream goes on. */
  setLine(line: SenderLine | undefined): void {
    this.#line = line;
  }
  get negotiated(): boolean {
    return this.#line !== undefined;
  }
  get codecs(): readonly MediaCodec[] {
    return this.#line?.codecs.map(({ codec }) => codec) ?? [];
  }

  /** Answers a NACK. */
  resend(sequences: readonly number[], nowMs: number): void {
    const { roundTripMs = 20 } = this.#link.downlink;
    const minGapMs = Math.max(15, Math.min(500, roundTripMs * 0.9));
    for (const packet of this.history.answer(sequences, nowMs, this.#rtx(), minGapMs)) {
      this.#restamp(packet, nowMs);
      this.#link.send(packet);
    }
  }

  /** Sends recent packets again to find out what the link carries. @returns bytes sent */
  probe(bytes: number, nowMs: number): number {
    const rtx = this.#rtx();
    if (!rtx) return 0;
    let sent = 0;
    for (const packet of this.history.padding(bytes, rtx)) {
      this.#restamp(packet, nowMs);
      this.#link.send(packet);
      sent += packet.length;
    }
    return sent;
  }
  get canProbe(): boolean {
    return this.#rtx() !== undefined && this.#line?.transportCcId !== undefined;
  }

  /** The sender report that lets the receiver put audio and video in step. */
  sendReport(nowMs: number, cname: string): void {
    const { rewriter } = this.stream;
    const now = this.stream.timestampNow(nowMs);
    if (!now) return;
    const ntp = toNtp(now.captureMs);
    const counts = { packets: rewriter.packets, octets: rewriter.octets };
    this.#reports.push({ compact: compactNtp(ntp), atMs: nowMs });
    if (this.#reports.length > 4) this.#reports.shift();
    this.#link.send(
      buildSenderReport({ ssrc: this.identity.ssrc, ntp, timestamp: now.timestamp }, counts, cname),
    );
  }

  /** The round trip that a report block shows, ms; undefined when it names none of the last sender reports. */
  roundTripMs(lastSenderReport: number, delaySinceLast: number, nowMs: number): number | undefined {
    const sent = this.#reports.find(({ compact }) => compact === lastSenderReport);
    return sent && Math.max(0, nowMs - sent.atMs - delaySinceLast / 65.536);
  }

  queueDtmf(digits: string, timing: DtmfTiming): void {
    const event = this.#line?.telephoneEvent;
    if (!event)
      throw mediaError(
        'ERR_MEDIA_NOT_SUPPORTED',
        'media',
        `sendDtmf: the client of slot ${this.identity.id} did not offer telephone-event for its audio.`,
      );
    this.#dtmf ??= new DtmfSender(this.#line?.codecs[0]?.offered.clockRate ?? event.clockRate);
    this.#dtmf.queue(digits, timing);
  }

  /** Every 20 ms. */
  tick(nowMs: number): void {
    const event = this.#line?.telephoneEvent;
    if (!this.#dtmf?.waiting || !event) return;
    for (const { payload, marker, sinceBeginMs } of this.#dtmf.tick(nowMs)) {
      const { rewriter } = this.stream;
      if (marker && sinceBeginMs === 0) {
        const passedMs = rewriter.lastAtMs === undefined ? 0 : nowMs - rewriter.lastAtMs;
        this.#dtmfTimestamp =
          (rewriter.lastTimestamp + Math.round((passedMs * this.#dtmf.clockRate) / 1000)) >>> 0;
      }
      const sequence = rewriter.insert(nowMs);
      this.#send(
        {
          marker,
          payloadType: event.payloadType,
          sequence,
          timestamp: this.#dtmfTimestamp,
          ssrc: this.identity.ssrc,
        },
        payload,
        nowMs,
      );
    }
  }

  close(): void {
    this.stream.close();
  }

  #accepts(codec: MediaCodec): boolean {
    if (!this.#line) return false;
    const accepted = this.#line.codecs.some((one) => one.codec === codec);
    this.unsupported = accepted ? undefined : codec;
    return accepted;
  }

  #forward({ sequence, timestamp, payload }: Rewritten, packet: MediaPacket): void {
    const negotiated = this.#line?.codecs.find(({ codec }) => codec === packet.codec);
    if (!negotiated) return;
    if (this.#dtmf?.active) {
      this.stream.rewriter.omit();
      return;
    }
    const { marker } = packet.header;
    const { payloadType } = negotiated.offered;
    this.#send({ marker, payloadType, sequence, timestamp, ssrc: this.identity.ssrc }, payload, packet.nowMs);
  }

  #send(fields: Parameters<typeof buildRtp>[0], payload: Buffer, nowMs: number): void {
    const packet = buildRtp(fields, payload, this.#extensions(payload.length, nowMs));
    this.history.put(fields.sequence, packet);
    this.#link.send(packet);
  }

  #extensions(bytes: number, nowMs: number): readonly ExtensionToWrite[] {
    const { transportCcId, absoluteSendTimeId } = this.#line ?? {};
    const written: ExtensionToWrite[] = [];
    if (transportCcId !== undefined) {
      const value = Buffer.allocUnsafe(2);
      value.writeUInt16BE(this.#link.downlink.stamp(bytes + overheadBytes, nowMs));
      written.push([transportCcId, value]);
    }
    if (absoluteSendTimeId !== undefined) {
      const value = Buffer.allocUnsafe(3);
      // 6.18 bit fixed point seconds
      value.writeUIntBE(Math.round(((this.#link.epochMs() % 64_000) / 1000) * 262_144) & 0xffffff, 0, 3);
      written.push([absoluteSendTimeId, value]);
    }
    return written;
  }

  /** A packet that is sent again needs a transport-wide number of its own. */
  #restamp(packet: Buffer, nowMs: number): void {
    const id = this.#line?.transportCcId;
    const value = id === undefined ? undefined : parseRtp(packet)?.extensions?.get(id);
    if (value) packet.writeUInt16BE(this.#link.downlink.stamp(packet.length, nowMs), value.offset);
  }

  #rtx() {
    const { rtxSsrc } = this.identity;
    const flowing = this.stream.source?.codec;
    const line = this.#line?.codecs;
    const negotiated = line?.find(({ codec }) => codec === flowing) ?? line?.[0];
    return rtxSsrc === undefined || !negotiated?.rtx
      ? undefined
      : { ssrc: rtxSsrc, payloadType: negotiated.rtx.payloadType };
  }
}
