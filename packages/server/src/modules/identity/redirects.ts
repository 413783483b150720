// Where a client may be returned to. A redirect URI is compared as text: what is never parsed cannot be parsed in two ways.
import { badRequest } from '../../kernel/http/errors.js';

// these run or show something in the browser instead of going somewhere
const dangerous = new Set(['javascript:', 'data:', 'vbscript:', 'blob:', 'file:', 'about:', 'ws:', 'wss:']);
const loopback = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d{1,5})?((?:[/?].*)?)$/;

/**
 * Refuses addresses that codes and tokens must not be sent to.
 *
 * @throws ApiError 400, in words for the administrator
 */
export function checkRedirectUri(uri: string): void {
  const refuse = (why: string): never => {
    throw badRequest(`The redirect URI ${JSON.stringify(uri)} ${why}.`);
  };
  const url = URL.canParse(uri) ? new URL(uri) : refuse('is not an absolute URI');
  // what a header or the address bar would change on its way could not be compared
  if (!/^[\x21-\x7e]+$/.test(uri) || /["<>\\^`{|}]/.test(uri))
    refuse('holds characters that must be percent-encoded');
  if (uri.includes('#')) refuse('has a fragment, which is where the answer goes');
  if (url.username !== '' || url.password !== '') refuse('has a user name in it');
  if (dangerous.has(url.protocol)) refuse(`has a scheme that leads nowhere (${url.protocol})`);
  if (url.protocol === 'http:' && !loopback.test(uri))
    refuse('would send codes and tokens in clear; use https, or http to 127.0.0.1, [::1] or localhost');
  if (uri.includes('*')) refuse('has a wildcard; register each address');
}

const withoutPort = (uri: string): string | undefined => {
  const found = loopback.exec(uri);
  return found === null ? undefined : `${found[1] ?? ''}${found[2] ?? ''}`;
};

/** Exactly one of those registered, save that a program on this machine may listen on any port (RFC 8252 §7.3). */
export function isRegistered(registered: readonly string[], uri: string): boolean {
  if (registered.includes(uri)) return true;
  if (!/^[\x21-\x7e]+$/.test(uri)) return false;
  const bare = withoutPort(uri);
  return bare !== undefined && registered.some((known) => withoutPort(known) === bare);
}

/** The redirect URI with an answer in its query, or behind `#`. */
export function withAnswer(
  uri: string,
  where: 'query' | 'fragment',
  fields: Readonly<Record<string, string | undefined>>,
): string {
  const answer = new URLSearchParams(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  ).toString();
  if (where === 'fragment') return `${uri}#${answer}`;
  return `${uri}${uri.includes('?') ? '&' : '?'}${answer}`;
}
