import { parseSdp, writeSdp, type SdpMedia, type SdpSession } from './session.js';

/** Where an SDP comes from. */
export interface SdpContext {
  readonly type: 'offer' | 'answer';
  /** `local`: it is about to be sent; `remote`: it was received and is about to be applied */
  readonly from: 'local' | 'remote';
}

/** One step of the SDP pipeline: changes the parsed session in place. */
export interface SdpHandler {
  /** for logs */
  readonly name: string;
  /** Changes the session in place. */
  apply(session: SdpSession, context: SdpContext): void;
}

/** Runs handlers in their order over an SDP and returns the changed text. @throws {MediaError} `ERR_MEDIA_SDP` */
export function runSdpHandlers(sdp: string, handlers: readonly SdpHandler[], context: SdpContext): string {
  const session = parseSdp(sdp, context.type);
  for (const handler of handlers) handler.apply(session, context);
  return writeSdp(session);
}

const eachOf =
  (kind: 'audio' | 'video' | undefined, change: (media: SdpMedia) => void) =>
  ({ media }: SdpSession): void => {
    for (const one of media) if (kind === undefined || one.type === kind) change(one);
  };
const payloadsOf = ({ payloads }: SdpMedia): readonly string[] =>
  payloads === undefined ? [] : String(payloads).split(' ');

/** Drops payload types from an m-line, with the rtx that repairs them. The last codec of an m-line is never dropped. */
export function dropPayloads(media: SdpMedia, drop: (codec: string, payload: number) => boolean): void {
  const gone = new Set(
    media.rtp.filter(({ codec, payload }) => drop(codec, payload)).map(({ payload }) => payload),
  );
  for (const { payload, config } of media.fmtp) {
    const apt = /(?:^|;)\s*apt=(\d+)/.exec(config)?.[1];
    if (apt !== undefined && gone.has(Number(apt))) gone.add(payload);
  }
  const left = payloadsOf(media).filter((payload) => !gone.has(Number(payload)));
  if (left.length === 0) return;
  media.payloads = left.join(' ');
  media.rtp = media.rtp.filter(({ payload }) => !gone.has(payload));
  media.fmtp = media.fmtp.filter(({ payload }) => !gone.has(payload));
  if (media.rtcpFb) media.rtcpFb = media.rtcpFb.filter(({ payload }) => !gone.has(Number(payload)));
}

/**
 * Removes codecs from audio and video m-lines.
 *
 * @param names in any case, such as `AV1`, `red`
 */
export function removeCodecs(...names: readonly string[]): SdpHandler {
  const gone = new Set(names.map((name) => name.toLowerCase()));
  return {
    name: 'remove-codecs',
    apply: eachOf(undefined, (media) => {
      dropPayloads(media, (codec) => gone.has(codec.toLowerCase()));
    }),
  };
}

/** Bits per second that the other side may send, per m-line (`b=TIAS`, RFC 3890). Left out: no limit. */
export interface BandwidthLimits {
  readonly audioBps?: number;
  readonly videoBps?: number;
}

/** Limits what the other side may send. */
export const limitBandwidth = ({ audioBps, videoBps }: BandwidthLimits): SdpHandler => ({
  name: 'limit-bandwidth',
  apply: eachOf(undefined, (media) => {
    const limit = media.type === 'audio' ? audioBps : media.type === 'video' ? videoBps : undefined;
    if (limit === undefined) return;
    const others = (media.bandwidth ?? []).filter(({ type }) => type !== 'TIAS');
    media.bandwidth = [...others, { type: 'TIAS', limit: Math.round(limit) }];
  }),
});

const addAttribute = (media: SdpMedia, value: string): void => {
  const [name = ''] = value.split(':');
  const others = (media.invalid ?? []).filter((line) => line.value.split(':')[0] !== name);
  media.invalid = [...others, { value }];
};

/** Asks for a keyframe every so often on video. @param seconds default 20 */
export const periodicKeyframes = (seconds = 20): SdpHandler => ({
  name: 'periodic-keyframes',
  apply: eachOf('video', (media) => {
    addAttribute(media, `periodic-keyframes:${String(seconds)}`);
  }),
});

/** Marks the second of exactly two video m-lines as slides (`a=content:slides`, RFC 4796). */
export const markSlides = (): SdpHandler => ({
  name: 'mark-slides',
  apply({ media }) {
    const videos = media.filter(({ type }) => type === 'video');
    const [, slides] = videos;
    if (videos.length === 2 && slides) slides.content = 'slides';
  },
});

/** Removes all RTP header extensions (`a=extmap`), as transcoded mode does in both directions. */
export const stripHeaderExtensions = (): SdpHandler => ({
  name: 'strip-header-extensions',
  apply(session) {
    delete session.ext;
    eachOf(undefined, (media) => {
      delete media.ext;
    })(session);
  },
});

/** The rate at which this browser starts to send H.264, in kbit/s. Chromium reads it from the answer. Default 2000. */
export const startBitrate = (kbps = 2000): SdpHandler => ({
  name: 'start-bitrate',
  apply: eachOf('video', (media) => {
    const h264 = new Set(
      media.rtp.filter(({ codec }) => codec.toUpperCase() === 'H264').map(({ payload }) => payload),
    );
    for (const fmtp of media.fmtp)
      if (h264.has(fmtp.payload) && !fmtp.config.includes('x-google-start-bitrate'))
        fmtp.config += `;x-google-start-bitrate=${String(kbps)}`;
  }),
});

/** Removes candidates of transports that browsers do not know. @param transports default `xtls` */
export const removeCandidates = (...transports: readonly string[]): SdpHandler => {
  const gone = transports.length === 0 ? ['xtls'] : transports.map((name) => name.toLowerCase());
  return {
    name: 'remove-candidates',
    apply: eachOf(undefined, (media) => {
      if (media.candidates)
        media.candidates = media.candidates.filter(
          ({ transport }) => !gone.includes(transport.toLowerCase()),
        );
    }),
  };
};

/** The pipelines of the official client's transcoded mode: for SDPs that are sent, and for those received. */
export const transcodedHandlers = (): {
  readonly local: readonly SdpHandler[];
  readonly remote: readonly SdpHandler[];
} => ({
  local: [
    limitBandwidth({ audioBps: 64_000, videoBps: 4_000_000 }),
    periodicKeyframes(),
    markSlides(),
    stripHeaderExtensions(),
  ],
  remote: [stripHeaderExtensions(), removeCandidates(), startBitrate()],
});
