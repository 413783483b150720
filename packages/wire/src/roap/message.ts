// ROAP (RTCWeb Offer/Answer Protocol) as meetings and calls carry it: message shapes, reading and checking.

/** All reasons to refuse a message. */
export const roapErrorTypes = [
  'CONFLICT',
  'DOUBLECONFLICT',
  'FAILED',
  'INVALID_STATE',
  'NOMATCH',
  'OUT_OF_ORDER',
  'REFUSED',
  'RETRY',
  'TIMEOUT',
] as const;
/** Why a side refuses a message. */
export type RoapErrorType = (typeof roapErrorTypes)[number];

/** All message types. */
export const roapMessageTypes = [
  'OFFER',
  'ANSWER',
  'OK',
  'ERROR',
  'OFFER_REQUEST',
  'OFFER_RESPONSE',
  'TURN_DISCOVERY_REQUEST',
  'TURN_DISCOVERY_RESPONSE',
] as const;
export type RoapMessageType = (typeof roapMessageTypes)[number];

/** One ROAP message. `sdps` has one element in offers and answers. */
export interface RoapMessage {
  readonly messageType: RoapMessageType;
  readonly seq: number;
  readonly version?: string;
  readonly sdps?: readonly string[];
  /** of an offer: the higher one wins when two offers cross */
  readonly tieBreaker?: number;
  readonly errorType?: RoapErrorType;
  readonly errorCause?: string;
  /** seconds, of an ERROR */
  readonly retryAfter?: number;
  readonly headers?: readonly string[];
}

/** The version that messages carry. */
export const roapVersion = '2';
/** The tie breaker of clients, 0xFFFFFFFE: no service offer may reach it, so a client's own offer always stands. */
export const clientTieBreaker = 0xff_ff_ff_fe;
/** Asks the service to put its answer into the HTTP response. */
export const answerInResponse = 'includeAnswerInHttpResponse';
/** No OK follows the answer of this transaction. */
export const noOk = 'noOkInTransaction';

/** The most text that one SDP may have, in characters. */
export const maxSdpLength = 256 * 1024;

const isOneOf = <T extends string>(values: readonly T[], value: unknown): value is T =>
  values.includes(value as T);
const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

/**
 * Reads a ROAP message, given as JSON text or as the parsed value. Unknown fields are dropped.
 *
 * @returns undefined for anything that is not a message of a known type with a usable `seq`
 */
export function readRoapMessage(given: unknown): RoapMessage | undefined {
  let value = given;
  if (typeof value === 'string') {
    try {
      value = JSON.parse(value) as unknown;
    } catch {
      return undefined;
    }
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { messageType, seq, version, sdps, tieBreaker, errorType, errorCause, retryAfter, headers } =
    value as Readonly<Record<keyof RoapMessage, unknown>>;
  if (!isOneOf(roapMessageTypes, messageType)) return undefined;
  if (typeof seq !== 'number' || !Number.isSafeInteger(seq) || seq < 0) return undefined;
  const carriesSdp = messageType === 'OFFER' || messageType === 'ANSWER' || messageType === 'OFFER_RESPONSE';
  if (carriesSdp && !(isTexts(sdps) && sdps.length > 0 && (sdps[0]?.length ?? 0) <= maxSdpLength))
    return undefined;
  return {
    messageType,
    seq,
    ...(typeof version === 'string' && { version }),
    ...(isTexts(sdps) && { sdps }),
    ...(typeof tieBreaker === 'number' && { tieBreaker }),
    ...(messageType === 'ERROR' && { errorType: isOneOf(roapErrorTypes, errorType) ? errorType : 'FAILED' }),
    ...(typeof errorCause === 'string' && { errorCause }),
    ...(typeof retryAfter === 'number' && { retryAfter }),
    ...(isTexts(headers) && { headers }),
  };
}
