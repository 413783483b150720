const mark = Symbol.for('trunkline.media-error');

/** Every code of this package. The README has a row for each. */
export type MediaErrorCode =
  | 'ERR_MEDIA_ARGUMENT'
  | 'ERR_MEDIA_OFFER'
  | 'ERR_MEDIA_NO_COMMON_CODEC'
  | 'ERR_MEDIA_TRANSPORT'
  | 'ERR_MEDIA_UNKNOWN'
  | 'ERR_MEDIA_CLOSED'
  | 'ERR_MEDIA_ENGINE_LOST'
  | 'ERR_MEDIA_ENGINE_START'
  | 'ERR_MEDIA_PROTOCOL'
  | 'ERR_MEDIA_FILE'
  | 'ERR_MEDIA_NOT_SUPPORTED';

/** Where on the way to flowing media something failed. */
export type MediaPhase =
  'setup' | 'offer' | 'ice' | 'dtls' | 'first-packet' | 'media' | 'record' | 'play' | 'close';

/** An error of the media server. Recognise it with {@link isMediaError}, switch on `code`. */
export interface MediaError extends Error {
  readonly code: MediaErrorCode;
  readonly phase: MediaPhase;
  /** whether the same call may succeed later without any change */
  readonly retryable: boolean;
  readonly cause?: unknown;
}

/** What survives the way between the two processes. */
export interface MediaErrorFields {
  readonly code: MediaErrorCode;
  readonly phase: MediaPhase;
  readonly message: string;
  readonly retryable: boolean;
}

class TrunklineMediaError extends Error {
  readonly [mark] = true;
  constructor(
    readonly code: MediaErrorCode,
    readonly phase: MediaPhase,
    message: string,
    readonly retryable: boolean,
    cause: unknown,
  ) {
    super(message, cause === undefined ? undefined : { cause });
  }
}
for (const named of [TrunklineMediaError, TrunklineMediaError.prototype])
  Object.defineProperty(named, 'name', { value: 'MediaError', configurable: true, writable: true });

/** Makes an error of the media server: what happened, what was expected or found, what to do. */
export const mediaError = (
  code: MediaErrorCode,
  phase: MediaPhase,
  message: string,
  { retryable = false, cause }: { readonly retryable?: boolean; readonly cause?: unknown } = {},
): MediaError => new TrunklineMediaError(code, phase, message, retryable, cause);

/** True for an error of any copy of this package in this program. */
export const isMediaError = (value: unknown): value is MediaError =>
  typeof value === 'object' && value !== null && mark in value;

/** The fields of any thrown value, for the other process. */
export function errorFields(thrown: unknown, phase: MediaPhase = 'media'): MediaErrorFields {
  if (isMediaError(thrown)) {
    const { code, phase: where, message, retryable } = thrown;
    return { code, phase: where, message, retryable };
  }
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return { code: 'ERR_MEDIA_PROTOCOL', phase, message, retryable: false };
}
