import { parse, write } from 'sdp-transform';
import { mediaError } from '../errors.js';

/** One m-line with its attributes, as far as this package reads or changes them. Others are kept. */
export interface SdpMedia {
  type: string;
  port: number;
  /** payload types, separated by spaces; in older versions of the parser a number for a single one */
  payloads?: string | number;
  mid?: string | number;
  direction?: 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
  content?: string;
  rtp: { payload: number; codec: string; rate?: number; encoding?: number }[];
  fmtp: { payload: number; config: string }[];
  rtcpFb?: { payload: number | string; type: string; subtype?: string }[];
  ext?: object[];
  candidates?: { transport: string; type: string; component?: number }[];
  iceUfrag?: string | number;
  icePwd?: string | number;
  bandwidth?: { type: string; limit: number }[];
  ssrcs?: { id: number | string; attribute: string; value?: string }[];
  /** attributes that the parser has no name for */
  invalid?: { value: string }[];
}

export interface SdpSession {
  origin?: { username: string };
  groups?: { type: string; mids: string | number }[];
  iceUfrag?: string | number;
  icePwd?: string | number;
  ext?: object[];
  media: SdpMedia[];
}

/** Parses an SDP. Line ends may be CRLF or LF. @throws {MediaError} `ERR_MEDIA_SDP` when it is none */
export function parseSdp(sdp: string, phase: 'offer' | 'answer' = 'offer'): SdpSession {
  const session = parse(sdp) as SdpSession;
  if (!/^v=0\s/.test(sdp) || session.media.length === 0)
    throw mediaError('ERR_MEDIA_SDP', phase, `the ${phase} is malformed: it has no v=0 or no m-line.`);
  for (const media of session.media) restoreText(media);
  return session;
}

/** The parser turns digits into numbers, also where a name or a list of parameters is expected. */
function restoreText(media: SdpMedia): void {
  const text = (value: string | number | undefined): string => String(value ?? '');
  for (const rtp of media.rtp) rtp.codec = text(rtp.codec);
  for (const fmtp of media.fmtp) fmtp.config = text(fmtp.config);
  for (const candidate of media.candidates ?? []) candidate.transport = text(candidate.transport);
  for (const line of media.invalid ?? []) line.value = text(line.value);
}

/** Writes a session as SDP text. */
export const writeSdp = (session: SdpSession): string => write(session);

/** Audio and video m-lines. */
export const avMedia = ({ media }: SdpSession): readonly SdpMedia[] =>
  media.filter(({ type }) => type === 'audio' || type === 'video');

/** Formats that help others and are not codecs themselves. */
export const isHelperCodec = (name: string): boolean =>
  /^(rtx|red|ulpfec|flexfec-03|telephone-event|CN)$/i.test(name);
/** Codec names of an m-line in its order, each once, without rtx, red, FEC, CN and DTMF. */
export const codecNames = ({ rtp }: SdpMedia): readonly string[] => [
  ...new Set(rtp.map(({ codec }) => codec).filter((codec) => !isHelperCodec(codec))),
];

/** What makes two payload types the same codec: the name; for H.264 also its profile and packetization mode. */
export function codecKeys(media: SdpMedia): ReadonlySet<string> {
  const keys = media.rtp
    .filter(({ codec }) => !isHelperCodec(codec))
    .map(({ codec, payload }) => {
      const name = codec.toUpperCase();
      if (name !== 'H264') return name;
      const config = media.fmtp.find((fmtp) => fmtp.payload === payload)?.config ?? '';
      const parameter = (key: string): string =>
        new RegExp(`(?:^|;)\\s*${key}=([^;\\s]+)`, 'i').exec(config)?.[1] ?? '';
      return `H264 ${h264Profile(parameter('profile-level-id'))} mode ${parameter('packetization-mode') || '0'}`;
    });
  return new Set(keys);
}

/** The profile in a profile-level-id (RFC 6184 §8.1), by name where it has one. Its absence means baseline. */
function h264Profile(profileLevelId: string): string {
  const idc = profileLevelId.slice(0, 2).toLowerCase();
  const constraints = Number.parseInt(profileLevelId.slice(2, 4) || '0', 16);
  if (idc === '' || idc === '42') return constraints & 0x40 ? 'constrained baseline' : 'baseline';
  if (idc === '4d') return constraints & 0x80 ? 'constrained baseline' : 'main';
  if (idc === '64') return constraints === 0x0c ? 'constrained high' : 'high';
  return idc;
}
