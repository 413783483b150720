import { isSdkError, type ErrorCode, type SdkError } from '@trunkline/core';

/** A request as official interceptors and errors show it. */
export interface ShownOptions {
  method?: string;
  uri?: string;
  service?: string;
  resource?: string;
  headers?: Record<string, unknown>;
  [more: string]: unknown;
}
export interface ErrorParts {
  readonly statusCode: number;
  readonly message: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly options?: ShownOptions;
  readonly cause?: unknown;
}

const mark = Symbol.for('trunkline.error');
const codes: Readonly<Record<number, ErrorCode>> = {
  0: 'ERR_NETWORK',
  400: 'ERR_BAD_REQUEST',
  401: 'ERR_UNAUTHORIZED',
  403: 'ERR_FORBIDDEN',
  404: 'ERR_NOT_FOUND',
  409: 'ERR_CONFLICT',
  410: 'ERR_GONE',
  413: 'ERR_TOO_LARGE',
  423: 'ERR_LOCKED',
  429: 'ERR_RATE_LIMITED',
  451: 'ERR_EMBARGOED',
  502: 'ERR_UNAVAILABLE',
  503: 'ERR_UNAVAILABLE',
  504: 'ERR_UNAVAILABLE',
};

/** What a request is refused with: `name` and class by status, as the official client has them, and `code` as ours. */
export class WebexHttpError extends Error implements SdkError {
  override name = 'WebexHttpError';
  readonly statusCode: number;
  readonly status: number;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  declare readonly body: unknown;
  declare readonly headers: Readonly<Record<string, string>>;
  declare readonly options: ShownOptions;
  declare readonly trackingId?: string;
  declare readonly errorCode?: number;
  /** the header as it came: seconds, or a date */
  declare readonly retryAfter: string | undefined;
  declare readonly [mark]: true;

  constructor({ statusCode, message, body, headers = {}, options = {}, cause }: ErrorParts) {
    super(message, { cause });
    this.statusCode = this.status = statusCode;
    this.code = codes[statusCode] ?? (statusCode >= 500 ? 'ERR_SERVER' : 'ERR_HTTP');
    this.retryable = statusCode === 0 || statusCode >= 500 || statusCode === 429 || statusCode === 423;
    // not enumerable: options hold the token
    const { errorCode } = (typeof body === 'object' && body !== null ? body : {}) as {
      readonly errorCode?: unknown;
    };
    const more = {
      body,
      headers,
      options,
      retryAfter: headers['retry-after'],
      trackingId: headers['trackingid'],
      ...(typeof errorCode === 'number' && { errorCode }),
      [mark]: true,
    };
    for (const key of Reflect.ownKeys(more))
      Object.defineProperty(this, key, {
        value: (more as Record<PropertyKey, unknown>)[key],
        enumerable: false,
      });
  }
  toJSON(): object {
    const { name, code, message, statusCode, retryable } = this;
    return { name, code, message, statusCode, retryable };
  }

  static NetworkOrCORSError: typeof WebexHttpError;
  static BadRequest: typeof WebexHttpError;
  static Unauthorized: typeof WebexHttpError;
  static PaymentRequired: typeof WebexHttpError;
  static Forbidden: typeof WebexHttpError;
  static NotFound: typeof WebexHttpError;
  static MethodNotAllowed: typeof WebexHttpError;
  static Conflict: typeof WebexHttpError;
  static Gone: typeof WebexHttpError;
  static TooManyRequests: typeof WebexHttpError;
  static InternalServerError: typeof WebexHttpError;
  static NotImplemented: typeof WebexHttpError;
  static BadGateway: typeof WebexHttpError;
  static ServiceUnavailable: typeof WebexHttpError;
  static GatewayTimeout: typeof WebexHttpError;
  /** The class for a status. */
  static select(statusCode: number): typeof WebexHttpError {
    return (
      byStatus.get(statusCode) ??
      (statusCode >= 500 ? WebexHttpError.InternalServerError : WebexHttpError.BadRequest)
    );
  }
}

/** @source protocol/identity-and-services.md §5.7 */
const names: Readonly<Record<number, string>> = {
  0: 'NetworkOrCORSError',
  400: 'BadRequest',
  401: 'Unauthorized',
  402: 'PaymentRequired',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  407: 'ProxyAuthenticationRequired',
  408: 'RequestTimeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'LengthRequired',
  412: 'PreconditionFailed',
  413: 'RequestEntityTooLarge',
  414: 'RequestUriTooLong',
  415: 'UnsupportedMediaType',
  416: 'RequestRangeNotSatisfiable',
  417: 'ExpectationFailed',
  429: 'TooManyRequests',
  500: 'InternalServerError',
  501: 'NotImplemented',
  502: 'BadGateway',
  503: 'ServiceUnavailable',
  504: 'GatewayTimeout',
  505: 'HttpVersionNotSupported',
};
const byStatus = new Map<number, typeof WebexHttpError>();
for (const [status, name] of Object.entries(names)) {
  const Class = class extends WebexHttpError {
    override name = name;
  };
  Object.defineProperty(Class, 'name', { value: name });
  byStatus.set(Number(status), Class);
  Object.defineProperty(WebexHttpError, name, { value: Class });
}

/** The official error's text: what the service said, to which request, under which tracking id. */
export function messageOf(
  body: unknown,
  { method = 'GET', uri }: ShownOptions,
  trackingId: string | undefined,
): string {
  const { errorCode } = (typeof body === 'object' && body !== null ? body : {}) as {
    readonly errorCode?: unknown;
  };
  return [
    wordsOf(body) ?? 'An error has occurred',
    ...(typeof errorCode === 'number' ? [`errorCode : ${String(errorCode)}`] : []),
    `${method} ${withoutQuery(uri)}`,
    ...(trackingId === undefined ? [] : [`WEBEX_TRACKING_ID: ${trackingId}`]),
  ].join('\n');
}
const withoutQuery = (uri = ''): string => uri.split(/[?#]/)[0] ?? '';

/** @source protocol/identity-and-services.md §5.7 */
function wordsOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body === '' ? undefined : body.slice(0, 500);
  if (typeof body !== 'object' || body === null) return undefined;
  for (const key of ['error', 'errorString', 'response', 'errorResponse', 'message', 'msg']) {
    const value = (body as Record<string, unknown>)[key];
    const words = value === undefined ? undefined : wordsOf(value);
    if (words !== undefined) return words;
  }
  return undefined;
}

/** Whatever a call below failed with, as the official client would have it; not ours at all: as it is. */
export function toOfficial(error: unknown, options: ShownOptions = {}): unknown {
  if (!isSdkError(error) || error instanceof WebexHttpError) return error;
  const carried = error.cause;
  if (carried instanceof WebexHttpError) return carried;
  const status =
    error.status ?? (error.code === 'ERR_NETWORK' || error.code === 'ERR_TIMEOUT' ? 0 : undefined);
  if (error.code === 'ERR_AUTH_EXPIRED')
    return new (WebexHttpError.select(401))({
      statusCode: 401,
      message: error.message,
      options,
      cause: error,
    });
  // what the key service refuses has a status too, and is not a HTTP error
  if (status !== undefined && error.code.startsWith('ERR_K')) return withKmsStatus(error, status);
  if (status === undefined) return error;
  return new (WebexHttpError.select(status))({
    statusCode: status,
    message: error.message,
    body: { message: error.message, errorCode: error.errorCode },
    options,
    cause: error,
    ...(error.retryAfterMs !== undefined && {
      headers: { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) },
    }),
  });
}
/** The official client's errors of the key service have its response as `body`. */
const withKmsStatus = (error: SdkError, status: number): SdkError =>
  Object.defineProperties(error, {
    statusCode: { value: status, configurable: true },
    body: { value: { status, reason: error.message, errorCode: error.errorCode }, configurable: true },
  });
/** `work`, rejecting as the official client does. */
export async function official<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw toOfficial(error);
  }
}
