import { isSdkError, type SdkError } from '../kernel/errors.js';

const HIDDEN = '[hidden]';
// who proves who he is, and what people say or are called
const secret =
  /authorization|cookie|token|secret|passw|credential|assertion|^code$|^(jwe|jwk|jwt|keys?|text|markdown|html|words|content|body|comment|title|subject|displayName|firstName|lastName|nickName|avatar|files?|fileName|email.*|.*email)$/i;
const inText: readonly (readonly [RegExp, string])[] = [
  [/\b(bearer|basic)\s+[^\s"',;]+/gi, `$1 ${HIDDEN}`],
  // what a query says is no one's business; a name and password in an address neither
  [/(\b[a-z][a-z\d+.-]*:\/\/)[^\s/?#@]*@/gi, '$1'],
  [/(\b[a-z][a-z\d+.-]*:\/\/[^\s?#"']*)[?#][^\s"']*/gi, `$1?${HIDDEN}`],
  // JOSE, then the tokens of the service: two parts and a uuid
  [/\beyJ[\w-]+(\.[\w-]*){1,4}/g, HIDDEN],
  [/\b[A-Za-z\d-]{8,}_[A-Za-z\d-]+_[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\b/g, HIDDEN],
];
const MAX_CHARS = 1_000;
const MAX_ITEMS = 50;
const MAX_DEPTH = 5;

/**
 * A copy that may be shown to others: tokens, authorization, addresses of people, queries of URLs and every field that
 * holds what people say are gone, whatever hides them. Of errors that are not the SDK's own only name, code and place
 * stay, since their message may quote anything. Plain data comes out; it never throws.
 */
export function redact(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') {
    let text = value.slice(0, MAX_CHARS);
    for (const [pattern, instead] of inText) text = text.replace(pattern, instead);
    return text.replace(/[^\s/:"'<>()]+/g, withoutAddress);
  }
  if (typeof value === 'bigint' || typeof value === 'symbol') return value.toString();
  if (typeof value === 'function') return '[function]';
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= MAX_DEPTH) return '[…]';
  try {
    if (isSdkError(value)) return ofOurs(value, depth);
    if (value instanceof Error) return ofOther(value, depth);
    if (Array.isArray(value)) return value.slice(0, MAX_ITEMS).map((item) => redact(item, depth + 1));
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) return Object.prototype.toString.call(value);
    const copy: Record<string, unknown> = {};
    for (const [name, inner] of Object.entries(value).slice(0, MAX_ITEMS))
      copy[name] = isSecret(name, inner) ? HIDDEN : redact(inner, depth + 1);
    return copy;
  } catch {
    return '[unreadable]';
  }
}

/**
 * `.+@.+\.\w+` gone from its beginning. As one pattern it would be tried from each character to the end of what has no
 * gap, which for long ones takes longer than what was logged.
 */
function withoutAddress(word: string): string {
  const [upTo = ''] = /^.+\.\w+/.exec(word) ?? [];
  return upTo.slice(1, upTo.lastIndexOf('.') - 1).includes('@') ? HIDDEN + word.slice(upTo.length) : word;
}

/** Numbers and truth values hide nothing; a code of ours is none that buys a token. */
const isSecret = (name: string, value: unknown): boolean =>
  secret.test(name) &&
  typeof value !== 'number' &&
  typeof value !== 'boolean' &&
  !(name === 'code' && typeof value === 'string' && /^E[A-Z\d_]+$/.test(value));

function ofOurs(error: SdkError, depth: number): object {
  const { name, code, message, cause, ...fields } = error;
  return {
    // by name only: the mark of our errors stays behind
    ...(redact(Object.fromEntries(Object.entries(fields)), depth) as object),
    name,
    code,
    message: redact(message),
    ...(cause !== undefined && { cause: redact(cause, depth + 1) }),
  };
}

function ofOther(error: Error, depth: number): object {
  const { name, code, stack, cause } = error as Error & { readonly code?: unknown };
  // "at f (file:1:2)" in Node and Chromium, "f@file:1:2" elsewhere
  const at = /^\s*(?:at )?(\S.*:\d+:\d+\)?)$/m.exec(stack?.replace(error.message, '') ?? '')?.[1];
  return {
    name,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(at !== undefined && { at }),
    ...(cause !== undefined && { cause: redact(cause, depth + 1) }),
  };
}
