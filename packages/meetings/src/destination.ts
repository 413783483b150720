// What an address is, found out without asking anyone. Pure. @source protocol/meetings-signalling.md §2.2
import { decodeId, isUuid } from '@trunkline/wire';

/** What to meet in, or whom. */
export type Destination =
  | { readonly type: 'MEETING_LINK'; readonly value: string }
  | { readonly type: 'MEETING_NUMBER'; readonly value: string }
  /** also an email address, and a phone number */
  | { readonly type: 'SIP_URI'; readonly value: string }
  | { readonly type: 'CONVERSATION_URL'; readonly value: string }
  /** a room by its public id; the URL is completed from the catalog */
  | { readonly type: 'ROOM'; readonly value: string }
  /** a person by public id or uuid: the email address has to be looked up */
  | { readonly type: 'PERSON'; readonly value: string }
  /** a user's personal room, by their uuid; empty: one's own */
  | { readonly type: 'PERSONAL_ROOM'; readonly value: string };
export type DestinationType = Destination['type'];

const sipPattern = /^(?:sips?:)?[^\s@:;?/]+(?::[^\s@]*)?@[^\s@]+$/i;
const linkPath = /^\/(?:m|meet|join|co|cisco)\//;
/** at least three digits, with formatting, pauses and codes */
const phonePattern = /^(?:tel:)?(?=(?:\D*\d){3})[+*#\d().,;=ext\s-]{3,40}$/;

/** Digits of any script as 0 to 9. */
const plainDigits = (text: string): string =>
  text.normalize('NFKC').replace(/\p{Nd}/gu, (digit) => {
    const point = digit.codePointAt(0) ?? 0;
    // the ten digits of a script follow one another
    let zero = point;
    while (point - zero < 9 && /\p{Nd}/u.test(String.fromCodePoint(zero - 1))) zero -= 1;
    return String(point - zero);
  });

function readUrl(text: string): URL | undefined {
  const withScheme = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
}

/** The kind of an address; undefined for what cannot be one. */
export function inferDestination(address: string): Destination | undefined {
  const value = address.trim().replace(/^mailto:/i, '');
  const url = /^[a-z][a-z\d.+-]*:\/\//i.test(value) || value.includes('/') ? readUrl(value) : undefined;
  if (url !== undefined) {
    if (/\/conversations\/[\da-f-]{36}\/?$/.test(url.pathname)) return { type: 'CONVERSATION_URL', value };
    return linkPath.test(url.pathname) || url.searchParams.has('MTID')
      ? { type: 'MEETING_LINK', value: url.href }
      : undefined;
  }
  if (sipPattern.test(value)) return { type: 'SIP_URI', value: value.replace(/^sips?:/i, '') };
  const dialled = plainDigits(value);
  const digits = dialled.replace(/[\s-]/g, '');
  if (/^\d{9,12}$/.test(digits)) return { type: 'MEETING_NUMBER', value: digits };
  if (phonePattern.test(dialled)) return { type: 'SIP_URI', value: dialled };
  if (isUuid(value)) return { type: 'PERSON', value };
  const id = decodeId(value);
  if (id?.type === 'PEOPLE') return { type: 'PERSON', value };
  if (id?.type === 'ROOM') return { type: 'ROOM', value };
  return undefined;
}
