import { parse, type MediaDescription, type SessionDescription } from 'sdp-transform';
import { mediaError, type MediaError } from '../errors.js';
import { codecOf, videoCodecs, type OfferedCodec, type VideoCodec } from './codec.js';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';
export type MediaKind = 'audio' | 'video' | 'application';

/** ICE and DTLS parameters of one side. */
export interface TransportParameters {
  readonly ufrag: string;
  readonly password: string;
  /** `sha-256 AB:CD:…` */
  readonly fingerprint: string;
  readonly setup: string;
}

/** One media section of an offer. */
export interface OfferedSection {
  readonly kind: MediaKind | 'other';
  /** taken from the section's index when the offer has none */
  readonly mid: string;
  /** as in the m= line */
  readonly mediaType: string;
  readonly protocol: string;
  readonly formats: string;
  /** the offerer does not use this section */
  readonly rejected: boolean;
  readonly direction: Direction;
  readonly codecs: readonly OfferedCodec[];
  /** header extension ids by URI */
  readonly extensions: ReadonlyMap<string, number>;
  /** SSRCs of the media itself, without those of retransmissions */
  readonly ssrcs: readonly number[];
  /** retransmission SSRC by media SSRC (FID groups) */
  readonly rtxSsrcs: ReadonlyMap<number, number>;
  /** SSRCs of simulcast layers (SIM group), lowest first; empty when there are none */
  readonly simulcastSsrcs: readonly number[];
  /** RIDs of simulcast layers, as listed; empty when there are none */
  readonly rids: readonly string[];
  /** `a=content:slides` */
  readonly slides: boolean;
}

/** A client's offer, as far as the media server uses it. */
export interface Offer {
  readonly transport: TransportParameters;
  readonly sections: readonly OfferedSection[];
  /** mids that share the transport */
  readonly bundle: readonly string[];
}

/** The RTP profile's static payload types that may come without `a=rtpmap` (RFC 3551). */
const staticTypes: ReadonlyMap<number, readonly [name: string, clockRate: number]> = new Map([
  [0, ['pcmu', 8000]],
  [3, ['gsm', 8000]],
  [4, ['g723', 8000]],
  [8, ['pcma', 8000]],
  [9, ['g722', 8000]],
  [13, ['cn', 8000]],
  [18, ['g729', 8000]],
]);
const maxCharacters = 1_000_000;
const maxSections = 200;

// sdp-transform makes numbers of what looks like one, whatever its types say
const asText = (value: unknown): string => String(value);
const asNumber = (value: unknown): number => Number(value);

const refuse = (message: string): MediaError => mediaError('ERR_MEDIA_OFFER', 'offer', message);

/** Reads an offer. Line ends may be `\r\n` or `\n`; unknown attributes are skipped. @throws ERR_MEDIA_OFFER */
export function readOffer(sdp: unknown): Offer {
  if (typeof sdp !== 'string') throw refuse(`offer: expected SDP text, got ${typeof sdp}.`);
  if (sdp.length > maxCharacters)
    throw refuse(`offer: expected at most ${String(maxCharacters)} characters, got ${String(sdp.length)}.`);
  if (!/^v=0\r?\n/.test(sdp)) throw refuse('offer: expected SDP that begins with v=0.');
  let session: SessionDescription;
  try {
    session = parse(sdp);
  } catch (cause) {
    throw mediaError('ERR_MEDIA_OFFER', 'offer', 'offer: the SDP cannot be parsed.', { cause });
  }
  const media = session.media;
  if (media.length === 0) throw refuse('offer: expected at least one media section (m=), got none.');
  if (media.length > maxSections)
    throw refuse(
      `offer: expected at most ${String(maxSections)} media sections, got ${String(media.length)}.`,
    );
  const sections = media.map((one, index) => readSection(one, session, index));
  const mids = new Set(sections.map(({ mid }) => mid));
  if (mids.size !== sections.length) throw refuse('offer: two media sections have the same mid.');
  const bundle = readBundle(session, sections);
  return { transport: readTransport(session, media, sections, bundle), sections, bundle };
}

/** Sections that use one transport. Without mids nothing can be said in a group: then all do. */
function readBundle(session: SessionDescription, sections: readonly OfferedSection[]): readonly string[] {
  const group = session.groups?.find(({ type }) => type.toUpperCase() === 'BUNDLE');
  const usable = sections.filter(({ rejected }) => !rejected);
  if (session.media.every(({ mid }) => mid === undefined)) return usable.map(({ mid }) => mid);
  if (group) {
    const listed = asText(group.mids).split(' ');
    return usable.filter(({ mid }) => listed.includes(mid)).map(({ mid }) => mid);
  }
  return usable.slice(0, 1).map(({ mid }) => mid);
}

function readTransport(
  session: SessionDescription,
  media: readonly MediaDescription[],
  sections: readonly OfferedSection[],
  bundle: readonly string[],
): TransportParameters {
  const index = sections.findIndex(({ mid }) => mid === bundle[0]);
  const carrier = media[index];
  if (!carrier) throw refuse('offer: every media section is rejected (port 0).');
  const ufrag = carrier.iceUfrag ?? session.iceUfrag;
  const password = carrier.icePwd ?? session.icePwd;
  const fingerprint = carrier.fingerprint ?? session.fingerprint;
  if (ufrag === undefined || password === undefined)
    throw refuse('offer: expected a=ice-ufrag and a=ice-pwd, got none. The media server needs ICE.');
  if (!fingerprint)
    throw refuse('offer: expected a=fingerprint, got none. The media server needs DTLS-SRTP.');
  const { type, hash } = fingerprint;
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){15,63}$/i.test(hash))
    throw refuse('offer: expected a fingerprint of hexadecimal bytes separated by colons.');
  if (!/^[\w+/-]{4,256}$/.test(asText(ufrag)) || !/^[\w+/-]{22,256}$/.test(asText(password)))
    throw refuse('offer: a=ice-ufrag needs 4 to 256 and a=ice-pwd 22 to 256 characters of ICE.');
  return {
    ufrag: asText(ufrag),
    password: asText(password),
    fingerprint: `${type} ${hash}`,
    setup: carrier.setup ?? session.setup ?? 'actpass',
  };
}

function readSection(media: MediaDescription, session: SessionDescription, index: number): OfferedSection {
  const type = media.type;
  const kind = type === 'audio' || type === 'video' || type === 'application' ? type : 'other';
  // a bundle-only section has port 0 and is used all the same (RFC 9143)
  const bundleOnly = (media as { bundleOnly?: string }).bundleOnly !== undefined;
  const groups = media.ssrcGroups ?? [];
  const rtxSsrcs = new Map<number, number>();
  for (const { semantics, ssrcs } of groups) {
    const [primary, rtx] = ssrcs.split(' ').map(Number);
    if (semantics === 'FID' && primary !== undefined && rtx !== undefined) rtxSsrcs.set(primary, rtx);
  }
  const repairs = new Set(rtxSsrcs.values());
  const listed = new Set((media.ssrcs ?? []).map(({ id }) => asNumber(id)));
  const simulcast =
    groups
      .find(({ semantics }) => semantics === 'SIM')
      ?.ssrcs.trim()
      .split(/\s+/)
      .map(Number) ?? [];
  return {
    kind,
    mid: media.mid === undefined ? String(index) : asText(media.mid),
    mediaType: type,
    protocol: media.protocol,
    formats: media.payloads ?? '',
    rejected: media.port === 0 && !bundleOnly,
    direction: media.direction ?? session.direction ?? 'sendrecv',
    codecs: kind === 'audio' || kind === 'video' ? readCodecs(media) : [],
    extensions: new Map((media.ext ?? []).map(({ uri, value }) => [uri, asNumber(value)])),
    ssrcs: [...listed].filter((ssrc) => !repairs.has(ssrc)),
    rtxSsrcs,
    simulcastSsrcs: simulcast.filter(Number.isInteger),
    rids: (media.rids ?? []).filter(({ direction }) => direction === 'send').map(({ id }) => asText(id)),
    slides: (media as { content?: string }).content === 'slides',
  };
}

function readCodecs(media: MediaDescription): readonly OfferedCodec[] {
  const payloads = asText(media.payloads ?? '')
    .split(/\s+/)
    .filter((text) => /^\d{1,3}$/.test(text))
    .map(Number);
  return payloads.flatMap((payloadType) => {
    const map = media.rtp.find(({ payload }) => payload === payloadType);
    const fixed = staticTypes.get(payloadType);
    const name = map?.codec.toLowerCase() ?? fixed?.[0];
    if (name === undefined) return [];
    const feedback = (media.rtcpFb ?? [])
      .filter(({ payload }) => String(payload) === String(payloadType) || String(payload) === '*')
      .map(({ type, subtype }) => (subtype === undefined || subtype === '' ? type : `${type} ${subtype}`));
    return [
      {
        payloadType,
        name,
        clockRate: map?.rate ?? fixed?.[1] ?? 90_000,
        channels: map?.encoding === undefined ? undefined : asNumber(map.encoding),
        fmtp: media.fmtp.find(({ payload }) => payload === payloadType)?.config ?? '',
        feedback: [...new Set(feedback)],
      },
    ];
  });
}

/**
 * The video codecs that every one of these offers lists, preferred first: H.264 constrained baseline with packetization
 * mode 1, else VP8. A meeting passes them as `videoCodecs` when it accepts an offer.
 *
 * @param offers SDP of everybody who is to see each other's video; those without video are left out
 * @returns empty when they have none in common
 * @throws ERR_MEDIA_OFFER
 */
export function commonVideoCodecs(offers: readonly string[]): readonly VideoCodec[] {
  const each = offers.flatMap((sdp) => {
    const section = readOffer(sdp).sections.find(({ kind, rejected }) => kind === 'video' && !rejected);
    return section ? [new Set(section.codecs.map(codecOf))] : [];
  });
  return videoCodecs.filter((codec) => each.every((codecs) => codecs.has(codec)));
}
