import { mediaError, type MediaError } from '../errors.js';
import { avMedia, codecKeys, codecNames, parseSdp, type SdpMedia, type SdpSession } from './session.js';

export interface OfferRules {
  /** Every video m-line needs one of these. Default H264 or VP8; the official client insists on H264. */
  readonly videoCodecs?: readonly string[];
}

/**
 * Checks an offer before it is sent: every audio and video m-line needs candidates, a port and ICE credentials, every
 * video m-line a codec that the other side can be expected to have.
 *
 * @throws {MediaError} `ERR_MEDIA_SDP`, `ERR_MEDIA_CODEC`
 */
export function checkOffer(sdp: string, { videoCodecs = ['H264', 'VP8'] }: OfferRules = {}): void {
  const session = parseSdp(sdp);
  const transports = transportOf(session);
  for (const media of avMedia(session)) {
    const name = `the ${media.type} m-line with mid ${String(media.mid ?? '?')}`;
    const { candidates = [], iceUfrag, icePwd, port } = transports(media);
    const fail = (what: string): never => {
      throw mediaError('ERR_MEDIA_SDP', 'offer', `the offer cannot be sent: ${name} has no ${what}.`);
    };
    if (candidates.length === 0) fail('ICE candidate. Is the network up, and is WebRTC allowed');
    if (port === 0) fail('port');
    if (iceUfrag === undefined && session.iceUfrag === undefined) fail('ice-ufrag');
    if (icePwd === undefined && session.icePwd === undefined) fail('ice-pwd');
    const names = codecNames(media).map((codec) => codec.toUpperCase());
    if (media.type === 'video' && !videoCodecs.some((codec) => names.includes(codec.toUpperCase())))
      throw mediaError(
        'ERR_MEDIA_CODEC',
        'offer',
        `this browser offers ${listOf(names)} for video, expected ${videoCodecs.join(' or ')}.`,
      );
  }
}

/** In a bundle the first m-line may be the only one with candidates and port. */
function transportOf(session: SdpSession): (media: SdpMedia) => SdpMedia {
  return (media) => {
    if ((media.candidates?.length ?? 0) > 0) return media;
    const mid = String(media.mid);
    const group = session.groups?.find(
      ({ type, mids }) => type === 'BUNDLE' && String(mids).split(' ').includes(mid),
    );
    const [first] = String(group?.mids ?? '').split(' ');
    return session.media.find((one) => String(one.mid) === first) ?? media;
  };
}

const listOf = (names: readonly string[]): string => (names.length === 0 ? 'nothing' : names.join(', '));

/** One m-line on which the two sides have nothing in common. */
export interface CodecMismatch {
  readonly mid: string;
  readonly offered: readonly string[];
  readonly answered: readonly string[];
  readonly error: MediaError;
}

/**
 * Finds video m-lines of an answer without a codec in common with the offer: other codecs, another H.264 profile, or
 * rejected. Those that were offered inactive are left out.
 */
export function codecMismatches(offerSdp: string, answerSdp: string): readonly CodecMismatch[] {
  const offer = parseSdp(offerSdp);
  const answer = parseSdp(answerSdp, 'answer');
  return offer.media.flatMap((offered, index) => {
    const answered = answer.media[index];
    if (offered.type !== 'video' || offered.direction === 'inactive' || answered === undefined) return [];
    const ours = codecKeys(offered);
    const theirs = codecKeys(answered);
    if (answered.port !== 0 && [...theirs].some((key) => ours.has(key))) return [];
    const names = { offered: namesOf(offered, theirs), answered: namesOf(answered, ours) };
    const message = `no common video codec: this browser offers ${listOf(names.offered)}, the other side ${listOf(names.answered)}.`;
    return [
      {
        mid: String(offered.mid ?? index),
        ...names,
        error: mediaError('ERR_MEDIA_CODEC', 'answer', message),
      },
    ];
  });
}

/** Plain names; with their profiles when both sides have H.264. */
function namesOf(media: SdpMedia, others: ReadonlySet<string>): readonly string[] {
  const keys = [...codecKeys(media)];
  const ofH264 = (key: string): boolean => key.startsWith('H264 ');
  return keys.some(ofH264) && [...others].some(ofH264) ? keys : codecNames(media);
}

/** Rejects m-lines (port 0, out of the bundle), so that an answer with nothing in common there can be applied. */
export function rejectMids(session: SdpSession, mids: readonly string[]): void {
  for (const media of session.media)
    if (mids.includes(String(media.mid))) {
      media.port = 0;
      media.direction = 'inactive';
    }
  for (const group of session.groups ?? [])
    group.mids = String(group.mids)
      .split(' ')
      .filter((mid) => !mids.includes(mid))
      .join(' ');
}
