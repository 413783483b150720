import { mediaError, type MediaPhase } from '../errors.js';
import { isRtcp, parseRtp, type RtpHeader } from '../rtp/packet.js';
import { buildNack, buildPli, buildReceiverReport, buildRemb } from '../rtp/rtcp.js';
import { unwrapRtx } from '../rtp/rtx.js';
import { randomSsrc } from '../rtp/sequence.js';
import { writeAnswer } from '../sdp/answer.js';
import { videoCodecs, type VideoCodec } from '../sdp/codec.js';
import { readOffer, type Offer } from '../sdp/offer.js';
import type { BareChannel, BareLibrary, BareState, BareTransport } from '../transport/types.js';
import type { Mux, MuxedParameters } from '../transport/mux.js';
import { ArrivalFeedback } from './arrival-feedback.js';
import type { EngineClock } from './clock.js';
import { createCounters } from './counters.js';
import { Demux, type IncomingLine } from './demux.js';
import { Downlink } from './downlink.js';
import { DtmfReceiver } from './dtmf-receiver.js';
import { LayerChoice } from './layer-choice.js';
import {
  answerSection,
  negotiateOffer,
  senderLine,
  type NegotiatedSection,
  type SectionProblem,
} from './negotiation.js';
import type { Router } from './router.js';
import { receiveRtcp } from './rtcp-receiver.js';
import { Sender, type SenderIdentity } from './sender.js';

export type SessionState = 'new' | 'connecting' | 'open' | 'disconnected' | 'failed' | 'closed';

/** What a session reports. */
export interface SessionEvents {
  state(state: SessionState, phase: MediaPhase | undefined): void;
  dtmf(mid: string, digit: string): void;
  channel(label: string): void;
  message(label: string, data: string | Buffer): void;
  /** a layer of a slot flows now */
  layer(slot: string, track: string, layer: number): void;
}

export interface SessionParts {
  readonly clock: EngineClock;
  readonly router: Router;
  readonly library: BareLibrary;
  readonly mux: Mux;
  /** ms in which ICE and DTLS must be done */
  readonly connectTimeoutMs: number;
  readonly events: SessionEvents;
}

export interface AcceptOptions {
  /** allowed video codecs, preferred first; the client sends the first of them that it has */
  readonly videoCodecs?: readonly VideoCodec[] | undefined;
  /** announce our SSRCs with a=ssrc (default). False for clients that choose the SSRCs of their slots. */
  readonly announceSources?: boolean | undefined;
  /** user field of the o= line */
  readonly originName?: string | undefined;
}
export interface Accepted {
  readonly answer: string;
  /** the client's media takes another way than before: new ICE and DTLS */
  readonly restarted: boolean;
  readonly sections: readonly {
    readonly mid: string;
    readonly kind: 'audio' | 'video';
    readonly slides: boolean;
    /** codecs in the answer, preferred first */
    readonly codecs: readonly string[];
    readonly receives: boolean;
    readonly sends: boolean;
    /** simulcast layers that the client announces */
    readonly layers: number;
  }[];
  readonly data: boolean;
  readonly problems: readonly SectionProblem[];
}

/** no packet at all for so long: the way is broken */
const silentMs = 5000;
const feedbackEveryTicks = 4;
/** bit/s that a sender without transport-cc may send */
const rembBps = 4_000_000;
const maxLayerDefault = 99;

/** One client: its transport, what it sends and what it is sent. A transport of the port. */
export class Session {
  readonly ssrc = randomSsrc();
  readonly counters = createCounters();
  readonly downlink = new Downlink();
  readonly demux = new Demux();
  readonly senders = new Map<string, Sender>();
  readonly #bySenderSsrc = new Map<number, Sender>();
  readonly #channels = new Map<string, BareChannel>();
  readonly #layerChoice = new LayerChoice();
  readonly #dtmf = new Map<string, DtmfReceiver>();
  readonly #captureClock: { offsetMs: number | undefined } = { offsetMs: undefined };
  #arrivals = new ArrivalFeedback();
  #arrivalSsrc = 0;
  #state: SessionState = 'new';
  #transport: BareTransport | undefined;
  #muxed: MuxedParameters | undefined;
  #remoteUfrag: string | undefined;
  #negotiated: readonly NegotiatedSection[] = [];
  #acceptedAtMs: number | undefined;
  #version = 0;
  #ticks = 0;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    readonly id: string,
    readonly parts: SessionParts,
  ) {}

  get state(): SessionState {
    return this.#state;
  }

  trackId(mid: string): string {
    return `${this.id}/${mid}`;
  }

  /** Answers an offer: the first one, a changed one, an ICE restart, or that of a new connection of the same client. */
  accept(sdp: string, options: AcceptOptions = {}): Promise<Accepted> {
    const turn = this.#turn.then(() => this.#accept(sdp, options));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #accept(sdp: string, options: AcceptOptions): Promise<Accepted> {
    this.#mustBeOpen();
    const offer = readOffer(sdp);
    const { sections, problems } = negotiateOffer(offer, options.videoCodecs ?? videoCodecs);
    const restarted = this.#remoteUfrag !== undefined && this.#remoteUfrag !== offer.transport.ufrag;
    const data = sections.some(({ use }) => use === 'data');
    if (!this.#muxed || restarted) await this.#connect(offer, data);
    const announces = options.announceSources ?? true;
    this.#useLines(sections, announces);
    const muxed = this.#muxed;
    if (!muxed)
      throw mediaError('ERR_MEDIA_TRANSPORT', 'ice', 'The transport was closed while it was set up.');
    this.#version += 1;
    const answer = writeAnswer(
      offer,
      sections.map((one) => answerSection(one, this.#announced(one), announces)),
      {
        local: muxed.local,
        candidates: muxed.candidates,
        address: muxed.address,
        originName: options.originName ?? 'trunkline',
        version: this.#version,
      },
    );
    return { answer, restarted, data, problems, sections: sections.flatMap(describe) };
  }

  /** A slot whose SSRCs the caller knows. It uses the codecs of the section `mid`, negotiated already or later. */
  addSender(identity: SenderIdentity): Sender {
    const existing = this.senders.get(identity.id);
    if (existing) return existing;
    const sender = new Sender(
      identity,
      {
        downlink: this.downlink,
        send: (packet) => this.send(packet),
        epochMs: () => this.parts.clock.epoch(),
      },
      ({ source, layer }) => {
        this.parts.events.layer(identity.id, source, layer);
      },
    );
    sender.maxLayer = maxLayerDefault;
    this.senders.set(identity.id, sender);
    this.#bySenderSsrc.set(identity.ssrc, sender);
    const section = this.#negotiated.find(
      ({ section: { mid }, use }) => mid === identity.mid && use === 'media',
    );
    if (section) sender.setLine(senderLine(section));
    return sender;
  }
  removeSender(id: string): void {
    const sender = this.senders.get(id);
    if (!sender) return;
    sender.close();
    this.senders.delete(id);
    this.#bySenderSsrc.delete(sender.identity.ssrc);
  }

  send(packet: Buffer): boolean {
    if (this.#transport?.send(packet) !== true) return false;
    this.counters.packetsOut += 1;
    this.counters.bytesOut += packet.length;
    return true;
  }
  sendMessage(label: string, data: string | Buffer): boolean {
    return this.#channels.get(label)?.send(data) ?? false;
  }

  /** Every 20 ms: loss recovery, feedback, tones, probes. */
  tick(nowMs: number): void {
    for (const { source } of this.demux.lines)
      for (const { inbound } of source.layers) {
        if (!inbound || inbound.missing === 0) continue;
        const abandoned = inbound.abandoned;
        const ask = inbound.due(nowMs);
        if (ask.length > 0) {
          this.counters.nackSent += ask.length;
          this.send(buildNack(this.ssrc, inbound.ssrc, ask));
        }
        if (inbound.abandoned > abandoned) source.requestKeyframe(layerOf(source, inbound), nowMs);
      }
    this.#ticks += 1;
    if (this.#ticks % feedbackEveryTicks === 0) {
      const message = this.#arrivals.take(this.ssrc, this.#arrivalSsrc);
      if (message) this.send(message);
    }
    for (const sender of this.senders.values()) sender.tick(nowMs);
    this.#layerChoice.tick(this.downlink, nowMs);
  }

  /** Every second: reports, layers, and whether anything still comes. */
  slowTick(nowMs: number): void {
    this.#watchWay(nowMs);
    if (this.#state !== 'open' && this.#state !== 'disconnected') return;
    this.#layerChoice.adapt([...this.senders.values()], this.downlink, nowMs);
    const inbounds = this.demux.lines.flatMap(({ source }) =>
      source.layers.flatMap(({ inbound }) => inbound ?? []),
    );
    const blocks = inbounds.flatMap((inbound) => inbound.takeReport(nowMs) ?? []).slice(0, 31);
    if (blocks.length > 0) this.send(buildReceiverReport(this.ssrc, blocks));
    if (this.demux.ids.transportCc === undefined) {
      const video = this.demux.lines.filter(({ source }) => source.kind === 'video');
      const ssrcs = video.flatMap(({ source }) => source.layers.flatMap(({ ssrc }) => ssrc ?? []));
      if (ssrcs.length > 0) this.send(buildRemb(this.ssrc, rembBps, ssrcs.slice(0, 31)));
    }
    for (const sender of this.senders.values()) sender.sendReport(nowMs, 'trunkline');
  }

  async close(): Promise<void> {
    if (this.#state === 'closed') return;
    this.#setState('closed');
    for (const id of [...this.senders.keys()]) this.removeSender(id);
    this.parts.router.removeAll(this.trackId(''));
    await this.#disconnect();
  }

  async #connect(offer: Offer, data: boolean): Promise<void> {
    await this.#disconnect();
    const { library, mux, clock } = this.parts;
    this.#remoteUfrag = offer.transport.ufrag;
    this.#acceptedAtMs = clock.now();
    this.#setState('connecting');
    const transport: BareTransport = library.create({
      onPacket: (packet) => {
        if (transport === this.#transport) this.#receive(packet);
      },
      onState: (state) => {
        if (transport === this.#transport) this.#onBareState(state);
      },
      onChannel: (channel) => {
        if (transport !== this.#transport) return;
        this.#channels.set(channel.label, channel);
        this.parts.events.channel(channel.label);
      },
      onMessage: (channel, message) => {
        if (transport === this.#transport) this.parts.events.message(channel.label, message);
      },
    });
    this.#transport = transport;
    try {
      this.#muxed = await mux.add(await transport.accept(offer.transport, data));
      if (this.#state === ('closed' as SessionState)) await this.#disconnect();
    } catch (cause) {
      await this.#disconnect();
      this.#remoteUfrag = undefined;
      throw mediaError('ERR_MEDIA_TRANSPORT', 'ice', `The transport could not be set up: ${textOf(cause)}`, {
        cause,
      });
    }
  }

  async #disconnect(): Promise<void> {
    const transport = this.#transport;
    if (this.#muxed) this.parts.mux.remove(this.#muxed);
    this.#muxed = undefined;
    this.#transport = undefined;
    this.#channels.clear();
    this.#arrivals = new ArrivalFeedback();
    await transport?.close();
  }

  #useLines(sections: readonly NegotiatedSection[], announces: boolean): void {
    this.#negotiated = sections;
    const incoming: IncomingLine[] = [];
    for (const one of sections) {
      const { section, codecs, telephoneEvent, use } = one;
      const { kind, mid, slides } = section;
      const media = use === 'media' && (kind === 'audio' || kind === 'video');
      for (const sender of this.senders.values())
        if (sender.identity.mid === mid)
          sender.setLine(media && (one.sends || !announces) ? senderLine(one) : undefined);
      if (!media || !one.receives) continue;
      const source = this.parts.router.source(this.trackId(mid));
      source.kind = kind;
      source.slides = slides;
      source.onKeyframeNeeded = ({ ssrc }) => {
        if (ssrc === undefined) return;
        this.counters.keyframesAsked += 1;
        this.send(buildPli(this.ssrc, ssrc));
      };
      incoming.push({ section, source, codecs, telephoneEvent: telephoneEvent?.payloadType });
    }
    this.demux.setLines(incoming);
  }

  #announced({ section: { mid, slides } }: NegotiatedSection) {
    const sender = [...this.senders.values()].find(({ identity }) => identity.mid === mid);
    if (!sender) return undefined;
    const { ssrc, rtxSsrc } = sender.identity;
    // browsers put audio and video of one stream in step
    return { ssrc, rtxSsrc, streamId: slides ? 'slides' : 'main' };
  }

  #receive(packet: Buffer): void {
    this.counters.packetsIn += 1;
    this.counters.bytesIn += packet.length;
    const nowMs = this.parts.clock.now();
    if (isRtcp(packet))
      receiveRtcp(packet, {
        nowMs,
        epochMs: this.parts.clock.epoch(),
        demux: this.demux,
        downlink: this.downlink,
        counters: this.counters,
        captureClock: this.#captureClock,
        sender: (ssrc) => this.#bySenderSsrc.get(ssrc),
        overused: () => {
          this.#layerChoice.adapt([...this.senders.values()], this.downlink, nowMs);
        },
      });
    else this.#receiveRtp(packet, nowMs);
  }

  #receiveRtp(received: Buffer, nowMs: number): void {
    let packet = received;
    let header = parseRtp(packet);
    const { transportCc } = this.demux.ids;
    const numbered = transportCc === undefined ? undefined : header?.extensions?.get(transportCc);
    if (header && numbered?.length === 2) {
      this.#arrivals.add(packet.readUInt16BE(numbered.offset), nowMs);
      this.#arrivalSsrc = header.ssrc;
    }
    const incoming = header && this.demux.find(packet, header);
    if (!header || !incoming) {
      this.counters.ignored += 1;
      return;
    }
    const { line, layer, isRtx } = incoming;
    if (header.payloadType === line.telephoneEvent) {
      this.#receiveDtmf(line, packet.subarray(header.payloadStart, header.payloadEnd), header.timestamp);
      layer.inbound?.add(header, packet.length, nowMs);
      return;
    }
    const meaning = this.demux.meaning(line, header.payloadType);
    // forward error correction, redundant audio and comfort noise are not forwarded
    if (!meaning || layer.ssrc === undefined) return;
    const repaired = isRtx || meaning.isRtx;
    if (repaired) {
      const original = unwrapRtx(packet, header, { ssrc: layer.ssrc, payloadType: meaning.payloadType });
      header = original && parseRtp(original);
      if (!original || !header) return;
      packet = original;
      this.counters.rtxReceived += 1;
    }
    if (layer.inbound?.add(header, packet.length, nowMs, repaired) !== true) return;
    const { codec, clockRate } = meaning;
    line.source.publish(
      layer,
      packet,
      header,
      { codec, clockRate, levelDb: this.#level(packet, header) },
      nowMs,
    );
  }

  #level(packet: Buffer, { extensions }: RtpHeader): number | undefined {
    const { audioLevel } = this.demux.ids;
    const value = audioLevel === undefined ? undefined : extensions?.get(audioLevel);
    return value && -((packet[value.offset] ?? 127) & 127);
  }

  #receiveDtmf({ section: { mid } }: IncomingLine, payload: Buffer, timestamp: number): void {
    let receiver = this.#dtmf.get(mid);
    if (!receiver) this.#dtmf.set(mid, (receiver = new DtmfReceiver()));
    const digit = receiver.push(payload, timestamp);
    if (digit !== undefined) this.parts.events.dtmf(mid, digit);
  }

  #onBareState(state: BareState): void {
    if (this.#state === 'closed') return;
    if (state === 'open') {
      this.#setState('open');
      const nowMs = this.parts.clock.now();
      // a new way, or a new receiver: no one can decode before the next keyframe
      for (const { source } of this.demux.lines)
        for (const { index } of source.layers) source.requestKeyframe(index, nowMs, true);
      for (const { stream } of this.senders.values()) stream.requestKeyframe(nowMs);
    } else if (state === 'failed' || state === 'closed')
      this.#fail(this.#state === 'open' ? 'media' : 'dtls');
    else if (state === 'disconnected' && this.#state === 'open') this.#setState('disconnected');
  }

  /** Says when the way does not come up, breaks, or is back. */
  #watchWay(nowMs: number): void {
    const heardMs = this.#muxed?.lastHeardMs();
    if (this.#state === 'connecting') {
      if (nowMs - (this.#acceptedAtMs ?? nowMs) > this.parts.connectTimeoutMs)
        this.#fail(heardMs === undefined ? 'ice' : 'dtls');
    } else if (this.#state === 'open' && heardMs !== undefined && nowMs - heardMs > silentMs)
      this.#setState('disconnected');
    else if (this.#state === 'disconnected' && heardMs !== undefined && nowMs - heardMs < 1000) {
      this.#setState('open');
      for (const { source } of this.demux.lines)
        for (const { index } of source.layers) source.requestKeyframe(index, nowMs, true);
    }
  }
  #fail(phase: MediaPhase): void {
    if (this.#state === 'failed' || this.#state === 'closed') return;
    this.#setState('failed', phase);
  }
  #setState(state: SessionState, phase?: MediaPhase): void {
    if (state === this.#state) return;
    this.#state = state;
    this.parts.events.state(state, phase);
  }
  #mustBeOpen(): void {
    if (this.#state === 'closed')
      throw mediaError('ERR_MEDIA_CLOSED', 'offer', `accept: transport ${this.id} is closed.`);
  }
}

const textOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

const layerOf = (
  source: { readonly layers: readonly { readonly index: number; readonly inbound: unknown }[] },
  inbound: unknown,
): number => source.layers.find((layer) => layer.inbound === inbound)?.index ?? 0;

function describe({ section, codecs, use, receives, sends }: NegotiatedSection): Accepted['sections'] {
  const { kind, mid, slides, rids, simulcastSsrcs } = section;
  if (use !== 'media' || (kind !== 'audio' && kind !== 'video')) return [];
  const layers = Math.max(1, rids.length, simulcastSsrcs.length);
  return [{ mid, kind, slides, codecs: codecs.map(({ codec }) => codec), receives, sends, layers }];
}
