import type { NegotiatedCodec, OfferedCodec } from './codec.js';
import type { Direction, Offer, OfferedSection, TransportParameters } from './offer.js';

/** URIs of the header extensions that the media server reads or writes. */
export const extensionUri = {
  mid: 'urn:ietf:params:rtp-hdrext:sdes:mid',
  rid: 'urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id',
  repairedRid: 'urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id',
  transportCc: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01',
  absoluteSendTime: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-send-time',
  audioLevel: 'urn:ietf:params:rtp-hdrext:ssrc-audio-level',
} as const;
const usedExtensions: readonly string[] = Object.values(extensionUri);

/** How one section is answered; undefined for one that is refused. */
export interface AnsweredSection {
  readonly codecs: readonly NegotiatedCodec[];
  /** telephone-event, where offered */
  readonly extra: readonly OfferedCodec[];
  readonly direction: Direction;
  /** the stream that the media server announces on it */
  readonly source?:
    { readonly ssrc: number; readonly rtxSsrc: number | undefined; readonly streamId: string } | undefined;
}

export interface AnswerOptions {
  readonly local: TransportParameters;
  /** whole lines: `a=candidate:…` */
  readonly candidates: readonly string[];
  /** the user field of the o= line */
  readonly originName: string;
  /** grows with each answer of a transport */
  readonly version: number;
  /** shown in the o= line: the address that media goes to */
  readonly address: string;
}

const flipped: Readonly<Record<Direction, Direction>> = {
  sendonly: 'recvonly',
  recvonly: 'sendonly',
  sendrecv: 'sendrecv',
  inactive: 'inactive',
};
/** The direction of an answer before anything is taken away: what the offerer sends, we receive. */
export const answerDirection = (offered: Direction): Direction => flipped[offered];

const names: Readonly<Record<string, string>> = { vp8: 'VP8', vp9: 'VP9', av1: 'AV1', h264: 'H264' };

function codecLines(codec: OfferedCodec, feedback: readonly string[]): readonly string[] {
  const { payloadType, name, clockRate, channels, fmtp } = codec;
  const map = `a=rtpmap:${String(payloadType)} ${names[name] ?? name}/${String(clockRate)}`;
  return [
    channels === undefined ? map : `${map}/${String(channels)}`,
    ...(fmtp === '' ? [] : [`a=fmtp:${String(payloadType)} ${fmtp}`]),
    ...feedback.map((one) => `a=rtcp-fb:${String(payloadType)} ${one}`),
  ];
}

/** Feedback that is worth answering: transport-cc only with the extension that carries its numbers, NACK for audio too. */
function feedbackOf(section: OfferedSection, codec: OfferedCodec): readonly string[] {
  const numbered = section.extensions.has(extensionUri.transportCc);
  const kept = codec.feedback.filter((one) =>
    one === 'transport-cc'
      ? numbered
      : one === 'goog-remb'
        ? !numbered
        : ['nack', 'nack pli', 'ccm fir'].includes(one),
  );
  // browsers answer NACK for audio and ask for it once it is in the answer, though they do not offer it
  return section.kind === 'audio' && !kept.includes('nack') ? [...kept, 'nack'] : kept;
}

function mediaLines(
  section: OfferedSection,
  answered: AnsweredSection,
  shared: readonly string[],
): readonly string[] {
  const { codecs, extra, direction, source } = answered;
  const types = [
    ...codecs.map(({ offered }) => offered.payloadType),
    ...codecs.flatMap(({ rtx }) => (rtx ? [rtx.payloadType] : [])),
    ...extra.map(({ payloadType }) => payloadType),
  ];
  const lines = [
    `m=${section.mediaType} 9 ${section.protocol} ${types.join(' ')}`,
    'c=IN IP4 0.0.0.0',
    ...shared,
    `a=mid:${section.mid}`,
    `a=${direction}`,
    'a=rtcp-mux',
    'a=rtcp-rsize',
    ...codecs.flatMap(({ offered }) => codecLines(offered, feedbackOf(section, offered))),
    ...codecs.flatMap(({ rtx }) => (rtx ? codecLines(rtx, []) : [])),
    ...extra.flatMap((codec) => codecLines(codec, [])),
  ];
  for (const [uri, id] of section.extensions)
    if (usedExtensions.includes(uri)) lines.push(`a=extmap:${String(id)} ${uri}`);
  if (section.slides) lines.push('a=content:slides');
  if (section.rids.length > 0 && (direction === 'recvonly' || direction === 'sendrecv'))
    lines.push(
      ...section.rids.map((rid) => `a=rid:${rid} recv`),
      `a=simulcast:recv ${section.rids.join(';')}`,
    );
  if (source) {
    const { ssrc, rtxSsrc, streamId } = source;
    const track = `${streamId}-${section.mid}`;
    lines.push(`a=msid:${streamId} ${track}`);
    if (rtxSsrc !== undefined) lines.push(`a=ssrc-group:FID ${String(ssrc)} ${String(rtxSsrc)}`);
    for (const one of rtxSsrc === undefined ? [ssrc] : [ssrc, rtxSsrc])
      lines.push(`a=ssrc:${String(one)} cname:trunkline`, `a=ssrc:${String(one)} msid:${streamId} ${track}`);
  }
  return lines;
}

const refusedLines = ({ mediaType, protocol, formats, mid }: OfferedSection): readonly string[] => [
  `m=${mediaType} 0 ${protocol} ${formats === '' ? '0' : formats}`,
  'c=IN IP4 0.0.0.0',
  `a=mid:${mid}`,
  'a=inactive',
];

/** Writes the answer. `answered` has an entry per section; undefined refuses it with port 0. */
export function writeAnswer(
  offer: Offer,
  answered: readonly (AnsweredSection | 'data' | undefined)[],
  { local, candidates, originName, version, address }: AnswerOptions,
): string {
  const shared = [
    `a=ice-ufrag:${local.ufrag}`,
    `a=ice-pwd:${local.password}`,
    `a=fingerprint:${local.fingerprint}`,
    `a=setup:${local.setup}`,
    ...candidates,
    'a=end-of-candidates',
  ];
  const accepted = offer.sections.filter((_, index) => answered[index] !== undefined);
  const family = address.includes(':') ? 'IP6' : 'IP4';
  const lines = [
    'v=0',
    `o=${originName} 1 ${String(version)} IN ${family} ${address}`,
    's=-',
    't=0 0',
    'a=ice-lite',
    `a=group:BUNDLE ${accepted.map(({ mid }) => mid).join(' ')}`,
    'a=msid-semantic: WMS *',
  ];
  offer.sections.forEach((section, index) => {
    const how = answered[index];
    if (how === undefined) lines.push(...refusedLines(section));
    else if (how === 'data')
      lines.push(
        `m=application 9 ${section.protocol} ${section.formats}`,
        'c=IN IP4 0.0.0.0',
        ...shared,
        `a=mid:${section.mid}`,
        'a=sctp-port:5000',
        'a=max-message-size:262144',
      );
    else lines.push(...mediaLines(section, how, shared));
  });
  return `${lines.join('\r\n')}\r\n`;
}
