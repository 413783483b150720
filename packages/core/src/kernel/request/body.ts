import { sdkError } from '../errors.js';
import type { RequestBody } from '../host.js';

/** Plain data travels as JSON, everything fetch knows by itself as it is. */
export interface Encoded {
  readonly body: RequestBody | null;
  readonly json: boolean;
  /** a stream can be read once only, so it cannot be sent again */
  readonly once: boolean;
}

const none: Encoded = { body: null, json: false, once: false };
// by tag, not instanceof: bodies come from other realms and from polyfills
const passed = new Set(['FormData', 'Blob', 'File', 'ArrayBuffer', 'SharedArrayBuffer', 'URLSearchParams']);

/** @throws {SdkError} `ERR_ARGUMENT` when it cannot become JSON */
export function encodeBody(value: unknown): Encoded {
  if (value === undefined || value === null) return none;
  if (typeof value === 'string') return { body: value, json: false, once: false };
  if (typeof value === 'object') {
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null && !Array.isArray(value)) {
      if (typeof (value as { getReader?: unknown }).getReader === 'function')
        return { body: value as ReadableStream, json: false, once: true };
      if (ArrayBuffer.isView(value) || passed.has(Object.prototype.toString.call(value).slice(8, -1)))
        return { body: value as RequestBody, json: false, once: false };
    }
  }
  let cause: unknown;
  try {
    const text = stringify(value);
    if (text !== undefined) return { body: text, json: true, once: false };
  } catch (error) {
    cause = error;
  }
  throw sdkError('ERR_ARGUMENT', 'the body cannot become JSON; give plain data, without circles or BigInt', {
    cause,
  });
}

// functions and symbols come out as undefined, which its type does not say
const stringify: (value: unknown) => string | undefined = JSON.stringify;

/** The answer's body as it was asked for. @throws {SdkError} `ERR_BAD_RESPONSE` */
export async function decodeBody(
  response: Response,
  as: 'json' | 'text' | 'bytes' | 'response',
  what: string,
): Promise<unknown> {
  if (as === 'response') return response;
  if (as === 'bytes') return new Uint8Array(await response.arrayBuffer());
  const text = await response.text();
  if (as === 'text') return text;
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // the parser's own message quotes the text: left out
    throw sdkError(
      'ERR_BAD_RESPONSE',
      `${what} answered ${String(response.status)} with something that is not JSON`,
      {
        status: response.status,
        trackingId: response.headers.get('trackingid') ?? undefined,
      },
    );
  }
}
