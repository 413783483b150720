import { isSdkError, type ErrorCode } from '@trunkline/core';

const advice: Partial<Record<ErrorCode, string>> = {
  ERR_AUTH_EXPIRED: 'Your sign-in has ended. Sign in again.',
  ERR_CONFLICT: 'That is so already.',
  ERR_DECRYPT: 'It could not be decrypted. Ask the sender to send it again.',
  ERR_FORBIDDEN: 'You are not allowed to do this here. A moderator may.',
  ERR_KEY_DENIED: 'The key service does not give you this key. Ask a member to add you to the room again.',
  ERR_KMS_TIMEOUT: 'The key service does not answer. Try again in a minute.',
  ERR_LOCKED: 'This room is locked. Ask a moderator.',
  ERR_NETWORK: 'The service cannot be reached. Check your connection, then try again.',
  ERR_NOT_FOUND: 'It is no longer there, or you are not a member any more.',
  ERR_RATE_LIMITED: 'That was too fast for the service. Wait a moment, then try again.',
  ERR_SERVER: 'The service had a problem of its own. Try again.',
  ERR_TIMEOUT: 'The service took too long to answer. Try again.',
  ERR_TOO_LARGE: 'That is too large for the service. Send something smaller.',
  ERR_UNAUTHORIZED: 'The service does not accept your sign-in. Sign in again.',
  ERR_UNAVAILABLE: 'The service is not available just now. Try again in a moment.',
};

/** What to do about it, in a sentence. */
export function explain(error: unknown): string {
  if (isSdkError(error)) return advice[error.code] ?? `${error.message}.`;
  if (error instanceof TypeError) return 'The server of this page does not answer. Is it still running?';
  return error instanceof Error ? error.message : 'Something went wrong. Try again.';
}
