import type { Call } from './call.js';

/**
 * Whether a call may be sent again after this. What the service may have done already is repeated only when doing it
 * twice is the same as once. (401 and 429 are other matters: there the service refused.)
 */
export function mayRepeat(
  { method, options, once }: Call,
  what: number | 'network',
  hasRetryAfter = false,
): boolean {
  if (once) return false;
  const reads = method === 'GET' || method === 'HEAD';
  const replaces = method === 'PUT' || method === 'DELETE';
  if (!reads && !replaces && options.idempotent !== true) return false;
  switch (what) {
    case 'network':
    case 503:
      return true;
    case 502:
    case 504:
      return !replaces || options.idempotent === true;
    case 500:
      return reads;
    case 423:
      return hasRetryAfter;
    default:
      return false;
  }
}
