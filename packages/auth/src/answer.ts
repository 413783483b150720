import { sdkError, type SdkError } from '@trunkline/core';
import { clientErrors, errorWord } from './grant.js';

/** What the sign-in page sent back, in a query or a fragment. */
export interface Answer {
  readonly state: string | null;
  readonly code?: string;
  readonly error?: string;
  readonly errorDescription?: string;
  /** the implicit flow's tokens */
  readonly tokens?: Readonly<Record<string, string>>;
}

/** Parameters that belong to an answer, and to no one else once one is there. */
const ours = ['code', 'state', 'error', 'error_description', 'error_uri'];

/**
 * Reads the answer out of an address.
 *
 * @returns undefined when there is none; `clean` is the same address without it
 * @source protocol/identity-and-services.md §3.1, §3.2
 */
export function answerIn(
  href: string,
  redirectUri: string,
): { readonly answer: Answer; readonly clean: string } | undefined {
  const [url, home] = [new URL(href), new URL(redirectUri)];
  if (url.origin !== home.origin || url.pathname !== home.pathname) return undefined;
  const fragment = new URLSearchParams(url.hash.slice(1));
  const fromFragment = fragment.has('access_token') || (fragment.has('error') && fragment.has('state'));
  const found = fromFragment ? fragment : url.searchParams;
  const [code, error, state] = [found.get('code'), found.get('error'), found.get('state')];
  if (!fromFragment && code === null && error === null) return undefined;
  const description = found.get('error_description');
  if (fromFragment) url.hash = '';
  else for (const name of ours) url.searchParams.delete(name);
  return {
    clean: url.href,
    answer: {
      state,
      ...(code !== null && { code }),
      ...(error !== null && { error }),
      ...(description !== null && { errorDescription: description }),
      ...(fragment.has('access_token') && fromFragment && { tokens: Object.fromEntries(fragment) }),
    },
  };
}

/** An error that came back instead of a sign-in. */
export function answeredError({
  error,
  errorDescription = '',
}: Pick<Answer, 'error' | 'errorDescription'>): SdkError {
  const word = errorWord(error) ?? 'an error';
  // someone else's text: short, printable, and no place for anything that looks like a token
  const text = errorDescription
    .replace(/[^\p{L}\p{N}\p{P}\p{Zs}]/gu, '')
    .replace(/\S{40,}/g, '…')
    .slice(0, 200)
    .trim();
  const said = `the sign-in page answered ${word}${text === '' ? '' : `: ${text}`}`;
  if (word === 'server_error' || word === 'temporarily_unavailable')
    return sdkError('ERR_UNAVAILABLE', said, { retryable: true });
  return clientErrors.has(word)
    ? sdkError('ERR_AUTH_CLIENT', `${said}; check how the OAuth client is registered`)
    : sdkError('ERR_AUTH_DENIED', said);
}

export const wrongState = (): SdkError =>
  sdkError(
    'ERR_AUTH_STATE',
    'the answer of the sign-in page belongs to no sign-in that was begun here; begin again',
  );
