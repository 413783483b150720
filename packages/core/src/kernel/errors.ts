const mark = Symbol.for('trunkline.error');

/** Every code there is. A heading each in docs/guides/errors.md. */
export type ErrorCode =
  // how the client was put together
  | 'ERR_CONFIG'
  | 'ERR_NOT_A_PLUGIN'
  | 'ERR_PLUGIN_CLASH'
  | 'ERR_PLUGIN_MISSING'
  | 'ERR_PLUGIN_VERSION'
  | 'ERR_CORE_MISMATCH'
  | 'ERR_CLIENT_CLOSED'
  | 'ERR_ENVIRONMENT'
  | 'ERR_MODULE_LOAD'
  | 'ERR_NOT_SUPPORTED'
  // credentials and catalog
  | 'ERR_AUTH_EXPIRED'
  | 'ERR_TOKEN_INVALID'
  | 'ERR_AUTH_STATE'
  | 'ERR_AUTH_DENIED'
  | 'ERR_AUTH_CLIENT'
  | 'ERR_STORAGE'
  | 'ERR_CATALOG'
  | 'ERR_UNKNOWN_SERVICE'
  // requests
  | 'ERR_ARGUMENT'
  | 'ERR_NETWORK'
  | 'ERR_CERTIFICATE'
  | 'ERR_PROXY'
  | 'ERR_TIMEOUT'
  | 'ERR_BAD_RESPONSE'
  | 'ERR_BAD_REQUEST'
  | 'ERR_UNAUTHORIZED'
  | 'ERR_FORBIDDEN'
  | 'ERR_NOT_FOUND'
  | 'ERR_CONFLICT'
  | 'ERR_GONE'
  | 'ERR_TOO_LARGE'
  | 'ERR_LOCKED'
  | 'ERR_UNSCANNABLE'
  | 'ERR_RATE_LIMITED'
  | 'ERR_EMBARGOED'
  | 'ERR_HTTP'
  | 'ERR_SERVER'
  | 'ERR_UNAVAILABLE'
  | 'ERR_TOO_MANY_REDIRECTS'
  // socket
  | 'ERR_SOCKET_REFUSED'
  | 'ERR_SOCKET_REPLACED'
  | 'ERR_TOO_MANY_DEVICES'
  // encryption
  | 'ERR_KMS'
  | 'ERR_KMS_TIMEOUT'
  | 'ERR_KMS_INVALID'
  | 'ERR_KEY_DENIED'
  | 'ERR_DECRYPT'
  | 'ERR_NO_ENCRYPTION'
  // devices on a wall
  | 'ERR_WRONG_PIN'
  | 'ERR_PIN_EXPIRED'
  | 'ERR_NOT_PAIRED'
  // cameras, microphones, screens and their connections
  | 'ERR_MEDIA_DENIED'
  | 'ERR_MEDIA_CANCELLED'
  | 'ERR_MEDIA_BUSY'
  | 'ERR_MEDIA_NO_DEVICE'
  | 'ERR_MEDIA_CONSTRAINTS'
  | 'ERR_MEDIA_ENDED'
  | 'ERR_MEDIA_UNMUTE_REFUSED'
  | 'ERR_MEDIA_CODEC'
  | 'ERR_MEDIA_SDP'
  | 'ERR_MEDIA_TIMEOUT'
  | 'ERR_MEDIA_REFUSED'
  | 'ERR_MEDIA_PATH'
  // meetings and calls
  | 'ERR_MEETING_NOT_FOUND'
  | 'ERR_MEETING_NOT_JOINED'
  | 'ERR_MEETING_PASSWORD'
  | 'ERR_MEETING_CAPTCHA'
  | 'ERR_MEETING_PIN'
  | 'ERR_MEETING_FULL'
  | 'ERR_MEETING_ENDED'
  | 'ERR_MEETING_STATE';

/** Every error of the SDK. Recognise it with {@link isSdkError}, switch on `code`. */
export interface SdkError extends Error {
  readonly code: ErrorCode;
  /** whether the same call may succeed later without any change */
  readonly retryable: boolean;
  readonly cause?: unknown;
  /** HTTP status, where there was an answer */
  readonly status?: number;
  /** of the request, for support; also in the message */
  readonly trackingId?: string;
  /** milliseconds the service asked us to wait */
  readonly retryAfterMs?: number;
  /** the service's own number for the cause, where it gave one */
  readonly errorCode?: number;
  /** What the service answered, parsed. Not enumerable, so that it is in no log. */
  readonly body?: unknown;
  /** Returns the fields of the error for logs, without tokens. */
  toJSON(): object;
}

export interface SdkErrorFields {
  readonly retryable?: boolean;
  readonly cause?: unknown;
  readonly status?: number | undefined;
  readonly trackingId?: string | undefined;
  readonly retryAfterMs?: number | undefined;
  readonly errorCode?: number | undefined;
}

class TrunklineError extends Error {
  readonly [mark] = true;
  readonly retryable: boolean;
  constructor(
    readonly code: ErrorCode,
    message: string,
    { cause, retryable = false, ...fields }: SdkErrorFields,
  ) {
    super(
      fields.trackingId === undefined ? message : `${message} (tracking id ${fields.trackingId})`,
      // `{ cause: undefined }` would be printed as `[cause]: undefined`
      cause === undefined ? undefined : { cause },
    );
    this.retryable = retryable;
    for (const [key, value] of Object.entries(fields))
      if (value !== undefined) Object.defineProperty(this, key, { value, enumerable: true });
  }
  toJSON(): object {
    const { code, message, retryable } = this;
    return Object.assign({}, this, { name: 'SdkError', code, message, retryable });
  }
}

// one name wherever an error is printed: `name` of the error and of its class, whatever a minifier made of the latter
for (const named of [TrunklineError, TrunklineError.prototype])
  Object.defineProperty(named, 'name', { value: 'SdkError', configurable: true, writable: true });

/** Makes an error of the SDK. The message says what happened, to what, and what to try; no token, no message text. */
export const sdkError = (code: ErrorCode, message: string, fields: SdkErrorFields = {}): SdkError =>
  new TrunklineError(code, message, fields);

/** True for an error of any copy of the SDK in this program. */
export const isSdkError = (value: unknown): value is SdkError =>
  typeof value === 'object' && value !== null && mark in value;
