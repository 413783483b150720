import { answerDirection, extensionUri, type AnsweredSection } from '../sdp/answer.js';
import {
  codecOf,
  negotiate,
  type MediaCodec,
  type NegotiatedCodec,
  type OfferedCodec,
} from '../sdp/codec.js';
import type { Offer, OfferedSection } from '../sdp/offer.js';
import type { SenderLine } from './sender.js';

/** Why a section does not carry media. */
export interface SectionProblem {
  readonly mid: string;
  readonly kind: string;
  readonly reason: 'no-common-codec' | 'not-bundled' | 'unknown-kind';
  /** codecs of the offer */
  readonly offered: readonly string[];
  /** codecs that were allowed */
  readonly allowed: readonly string[];
}

/** How one section of an offer is used. */
export interface NegotiatedSection {
  readonly section: OfferedSection;
  readonly use: 'media' | 'data' | 'inactive' | 'refused';
  readonly codecs: readonly NegotiatedCodec[];
  readonly telephoneEvent: OfferedCodec | undefined;
  /** the client sends */
  readonly receives: boolean;
  /** the client wants to receive */
  readonly sends: boolean;
}

/** A telephone-event with the clock of the audio codec, else any. */
function telephoneEventOf(
  { codecs }: OfferedSection,
  clockRate: number | undefined,
): OfferedCodec | undefined {
  const events = codecs.filter(({ name }) => name === 'telephone-event');
  return events.find((event) => event.clockRate === clockRate) ?? events[0];
}

/** Decides how each section of an offer is used. */
export function negotiateOffer(
  offer: Offer,
  videoCodecs: readonly MediaCodec[],
): { readonly sections: readonly NegotiatedSection[]; readonly problems: readonly SectionProblem[] } {
  const problems: SectionProblem[] = [];
  const sections = offer.sections.map((section): NegotiatedSection => {
    const none = { section, codecs: [], telephoneEvent: undefined, receives: false, sends: false };
    const { kind, mid, rejected, direction } = section;
    if (rejected) return { ...none, use: 'refused' };
    const problem = (reason: SectionProblem['reason'], allowed: readonly string[] = []) => {
      const offered = section.codecs.map((codec) => codecOf(codec) ?? codec.name);
      problems.push({ mid, kind, reason, offered: [...new Set(offered)], allowed });
    };
    if (!offer.bundle.includes(mid)) {
      problem('not-bundled');
      return { ...none, use: 'refused' };
    }
    if (kind === 'application') return { ...none, use: 'data' };
    if (kind === 'other') {
      problem('unknown-kind');
      return { ...none, use: 'refused' };
    }
    const allowed: readonly MediaCodec[] = kind === 'audio' ? ['opus'] : videoCodecs;
    const codecs = negotiate(section.codecs, allowed);
    if (codecs.length === 0) {
      problem('no-common-codec', allowed);
      return { ...none, use: section.codecs.length > 0 ? 'inactive' : 'refused' };
    }
    const answer = answerDirection(direction);
    return {
      section,
      use: 'media',
      codecs,
      telephoneEvent: kind === 'audio' ? telephoneEventOf(section, codecs[0]?.offered.clockRate) : undefined,
      receives: answer === 'recvonly' || answer === 'sendrecv',
      sends: answer === 'sendonly' || answer === 'sendrecv',
    };
  });
  return { sections, problems };
}

/** What a slot on this section writes. */
export const senderLine = ({ section, codecs, telephoneEvent }: NegotiatedSection): SenderLine => ({
  codecs,
  telephoneEvent,
  transportCcId: section.extensions.get(extensionUri.transportCc),
  absoluteSendTimeId: section.extensions.get(extensionUri.absoluteSendTime),
});

/** The answer to one section. A section without a common codec stays, inactive, so that the others keep their place. */
export function answerSection(
  negotiated: NegotiatedSection,
  source: AnsweredSection['source'],
  announcesSources: boolean,
): AnsweredSection | 'data' | undefined {
  const { section, use, codecs, telephoneEvent } = negotiated;
  if (use === 'data') return 'data';
  if (use === 'refused') return undefined;
  if (use === 'inactive') return { codecs: [], extra: section.codecs.slice(0, 1), direction: 'inactive' };
  const answered = answerDirection(section.direction);
  return {
    codecs,
    extra: telephoneEvent ? [telephoneEvent] : [],
    // a client that chooses the SSRCs of its slots takes no sendonly section
    direction: announcesSources || answered !== 'sendonly' ? answered : 'inactive',
    source: announcesSources && negotiated.sends ? source : undefined,
  };
}
