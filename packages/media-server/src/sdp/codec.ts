import { mediaError } from '../errors.js';

/** H.264 profiles that are distinguished. Only packetization mode 1 is used. */
export type H264Profile = 'constrained-baseline' | 'baseline' | 'main' | 'constrained-high' | 'high';
/** A video codec as the router distinguishes them: two streams with the same name can be exchanged. */
export type VideoCodec = 'vp8' | 'vp9' | 'av1' | `h264-${H264Profile}`;
export type AudioCodec = 'opus';
export type MediaCodec = VideoCodec | AudioCodec;

/** Every video codec that can be forwarded, most faithful to the Webex wire first. */
export const videoCodecs: readonly VideoCodec[] = [
  'h264-constrained-baseline',
  'vp8',
  'h264-baseline',
  'h264-main',
  'h264-constrained-high',
  'h264-high',
  'vp9',
  'av1',
];

/** A payload type of an offered media section. */
export interface OfferedCodec {
  readonly payloadType: number;
  /** the encoding name in lower case, such as `opus`, `h264` or `rtx` */
  readonly name: string;
  readonly clockRate: number;
  readonly channels: number | undefined;
  readonly fmtp: string;
  /** such as `nack`, `nack pli`, `transport-cc` */
  readonly feedback: readonly string[];
}

/** One `key=value` of an fmtp line; undefined when it is not there. */
export function fmtpValue(fmtp: string, key: string): string | undefined {
  for (const part of fmtp.split(';')) {
    const [name, value] = part.split('=', 2);
    if (name?.trim().toLowerCase() === key) return value?.trim() ?? '';
  }
  return undefined;
}

/** RFC 6184 §8.1: profile_idc and the constraint flags. */
function h264Profile(profileLevelId: string): H264Profile | undefined {
  if (!/^[0-9a-f]{6}$/i.test(profileLevelId)) return undefined;
  const profile = profileLevelId.slice(0, 2).toLowerCase();
  const constraints = Number.parseInt(profileLevelId.slice(2, 4), 16);
  if (profile === '42') return (constraints & 0x40) === 0 ? 'baseline' : 'constrained-baseline';
  if (profile === '4d') return (constraints & 0x80) === 0 ? 'main' : 'constrained-baseline';
  if (profile === '64') return (constraints & 0x0c) === 0x0c ? 'constrained-high' : 'high';
  return undefined;
}

/** Which of the codecs that can be forwarded this is; undefined for another one. */
export function codecOf({ name, fmtp }: OfferedCodec): MediaCodec | undefined {
  if (name === 'opus' || name === 'vp8' || name === 'vp9' || name === 'av1') return name;
  if (name !== 'h264' || fmtpValue(fmtp, 'packetization-mode') !== '1') return undefined;
  const profile = h264Profile(fmtpValue(fmtp, 'profile-level-id') ?? '42000a');
  return profile && `h264-${profile}`;
}

/** The payload type that carries retransmissions of another one. */
export const rtxFor = (codecs: readonly OfferedCodec[], payloadType: number): OfferedCodec | undefined =>
  codecs.find(({ name, fmtp }) => name === 'rtx' && fmtpValue(fmtp, 'apt') === String(payloadType));

/** One codec of a negotiated section, with its retransmission. */
export interface NegotiatedCodec {
  readonly codec: MediaCodec;
  readonly offered: OfferedCodec;
  readonly rtx: OfferedCodec | undefined;
}

/** The codecs of a section that both sides have, preferred first. */
export function negotiate(
  codecs: readonly OfferedCodec[],
  preferred: readonly MediaCodec[],
): readonly NegotiatedCodec[] {
  return preferred.flatMap((codec) => {
    const offered = codecs.find((one) => codecOf(one) === codec);
    return offered ? [{ codec, offered, rtx: rtxFor(codecs, offered.payloadType) }] : [];
  });
}

/** Checks a list of video codecs that a caller passed. */
export function checkVideoCodecs(names: readonly string[]): readonly VideoCodec[] {
  const unknown = names.find((name) => !(videoCodecs as readonly string[]).includes(name));
  if (unknown !== undefined)
    throw mediaError(
      'ERR_MEDIA_ARGUMENT',
      'offer',
      `videoCodecs: expected names among ${videoCodecs.join(', ')}, got ${unknown.slice(0, 40)}.`,
    );
  return names as readonly VideoCodec[];
}
