import { sdkError, type ErrorCode, type SdkError } from '../errors.js';

/** What a refusal's body said, as far as it is understood. */
export interface Refusal {
  readonly text?: string;
  readonly errorCode?: number;
  /** of a 404 that says where the thing went. @source protocol/identity-and-services.md §5.5 */
  readonly location?: string;
  /** the whole of it */
  readonly body?: object;
}

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'ERR_BAD_REQUEST',
  401: 'ERR_UNAUTHORIZED',
  403: 'ERR_FORBIDDEN',
  404: 'ERR_NOT_FOUND',
  409: 'ERR_CONFLICT',
  410: 'ERR_GONE',
  413: 'ERR_TOO_LARGE',
  414: 'ERR_TOO_LARGE',
  422: 'ERR_BAD_REQUEST',
  423: 'ERR_LOCKED',
  428: 'ERR_UNSCANNABLE',
  429: 'ERR_RATE_LIMITED',
  431: 'ERR_TOO_LARGE',
  451: 'ERR_EMBARGOED',
  502: 'ERR_UNAVAILABLE',
  503: 'ERR_UNAVAILABLE',
  504: 'ERR_UNAVAILABLE',
};

/** The text of such an error is ciphertext. @source protocol/kms-and-encryption.md §5.2 */
const proxiedRefusal = 1900000;

/** The typed error of an answer with status ≥ 400. */
export function answerError(
  what: string,
  status: number,
  refusal: Refusal,
  fields: { readonly trackingId?: string | undefined; readonly retryAfterMs?: number | undefined },
): SdkError {
  const code = codes[status] ?? (status >= 500 ? 'ERR_SERVER' : 'ERR_HTTP');
  const said = refusal.errorCode === proxiedRefusal ? 'the key service refused its kmsMessage' : refusal.text;
  const text = said === undefined ? '' : `: ${said}`;
  const error = sdkError(code, `${what} answered ${String(status)}${text}`, {
    status,
    errorCode: refusal.errorCode,
    retryable: status >= 500 || status === 429 || status === 423,
    ...fields,
  });
  // not in logs: no one knows what is in it
  if (refusal.body !== undefined)
    Object.defineProperty(error, 'body', { value: refusal.body, enumerable: false });
  return error;
}

/** Reads the body of a refusal; anything that is not understood says nothing. Never throws. */
export async function readRefusal(response: Response): Promise<Refusal> {
  try {
    const text = await response.text();
    if (text === '' || text.length > 1_000_000) return {};
    const body: unknown = JSON.parse(text);
    if (typeof body !== 'object' || body === null) return {};
    const { errorCode, location } = body as Record<string, unknown>;
    const said = wordsOf(body);
    return {
      body,
      ...(said !== undefined && { text: said.slice(0, 500) }),
      ...(typeof errorCode === 'number' && { errorCode }),
      ...(typeof location === 'string' && { location }),
    };
  } catch {
    return {};
  }
}

/** `message`, else the first of `errors[].description`, else what other services call it. */
function wordsOf(body: object): string | undefined {
  const { message, errors, error, error_description } = body as Record<string, unknown>;
  return [
    message,
    (errors as readonly ({ readonly description?: unknown } | null)[] | undefined)?.[0]?.description,
    typeof error === 'object' && error !== null ? wordsOf(error) : undefined,
    error_description,
    error,
  ].find((words) => typeof words === 'string' && words !== '') as string | undefined;
}
