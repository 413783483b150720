import { isSdkError, sdkError, type ErrorCode, type SdkError, type SdkErrorFields } from '@trunkline/core';

/** How far joining came before it failed. Media has phases of its own, see `MediaPhase` of `@trunkline/media`. */
export type MeetingPhase = 'info' | 'join' | 'meeting';

export type MeetingErrorCode = Extract<ErrorCode, `ERR_MEETING_${string}`>;

/** An error of meetings. */
export interface MeetingError extends SdkError {
  readonly code: MeetingErrorCode;
  readonly phase: MeetingPhase;
}

export const meetingError = (
  code: MeetingErrorCode,
  phase: MeetingPhase,
  message: string,
  fields: SdkErrorFields = {},
): MeetingError => Object.assign(sdkError(code, message, fields), { code, phase });

/** True for an error of this package. */
export const isMeetingError = (error: unknown): error is MeetingError =>
  isSdkError(error) && error.code.startsWith('ERR_MEETING_');

/** Numbers of the service that ask for a host key or a decision to join as guest. @source protocol/meetings-signalling.md §4.1 */
const pinNumbers: ReadonlySet<number> = new Set([2423005, 2423006, 2423016, 2423017, 2423018]);

/** Gives a refused join its name; other errors stay as they are. */
export function joinError(error: unknown): unknown {
  if (!isSdkError(error) || error.status === undefined) return error;
  const { status, errorCode } = error;
  const named = (code: MeetingErrorCode, message: string): MeetingError =>
    meetingError(code, 'join', message, { cause: error, status, errorCode });
  if (errorCode !== undefined && pinNumbers.has(errorCode))
    return named('ERR_MEETING_PIN', 'join: the PIN is not right. Give the host key, or join without a PIN.');
  if (errorCode === 2423021) return named('ERR_MEETING_FULL', 'join: the meeting is full. Try again later.');
  if (errorCode === 403004)
    return named(
      'ERR_MEETING_PASSWORD',
      'join: the meeting needs its password. Call verifyPassword() first, then join again.',
    );
  if (status === 409) return named('ERR_MEETING_ENDED', 'join: the meeting has ended.');
  if (status === 404) return named('ERR_MEETING_NOT_FOUND', 'join: no one and no meeting has this address.');
  return error;
}
