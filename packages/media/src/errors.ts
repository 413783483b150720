import { sdkError, type ErrorCode, type SdkError, type SdkErrorFields } from './kit.js';

/** How far media came before it failed. */
export type MediaPhase = 'device' | 'offer' | 'answer' | 'ice' | 'dtls' | 'first-media';

export type MediaErrorCode = Extract<ErrorCode, `ERR_MEDIA_${string}` | 'ERR_ENVIRONMENT'>;

/** An error of cameras, microphones, screens and media connections. */
export interface MediaError extends SdkError {
  readonly code: MediaErrorCode;
  readonly phase: MediaPhase;
}

/** Makes an error of this package. */
export const mediaError = (
  code: MediaErrorCode,
  phase: MediaPhase,
  message: string,
  fields: SdkErrorFields = {},
): MediaError => Object.assign(sdkError(code, message, fields), { code, phase });

/** True for an error of this package. */
export const isMediaError = (error: unknown): error is MediaError =>
  error instanceof Error && 'phase' in error && 'code' in error;

/** The name of a DOMException, or of anything that looks like one. */
const nameOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'name' in error ? String(error.name) : '';
const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Says why `getUserMedia` failed.
 *
 * @param what such as `the camera`
 */
export function deviceError(error: unknown, what: string): MediaError {
  if (isMediaError(error)) return error;
  const make = (code: MediaErrorCode, message: string, retryable = false): MediaError =>
    mediaError(code, 'device', message, { cause: error, retryable });
  switch (nameOf(error)) {
    case 'NotAllowedError':
    case 'SecurityError':
    case 'PermissionDeniedError':
      return make(
        'ERR_MEDIA_DENIED',
        `${what} is not allowed (${textOf(error)}). Allow it in the browser's site settings, then try again.`,
      );
    case 'NotFoundError':
    case 'DevicesNotFoundError':
      return make('ERR_MEDIA_NO_DEVICE', `${what} was not found. Plug one in, or go on without it.`);
    case 'NotReadableError':
    case 'AbortError':
    case 'TrackStartError':
      return make(
        'ERR_MEDIA_BUSY',
        `${what} cannot be opened (${textOf(error)}). Close other programs that use it, then try again.`,
        true,
      );
    case 'OverconstrainedError': {
      const { constraint } = error as { readonly constraint?: unknown };
      return constraint === 'deviceId'
        ? make('ERR_MEDIA_NO_DEVICE', `${what} that was chosen was not found. Choose another one.`)
        : make(
            'ERR_MEDIA_CONSTRAINTS',
            `${what} cannot satisfy the constraint ${typeof constraint === 'string' ? constraint : ''}. Relax it.`,
          );
    }
    default:
      return make('ERR_MEDIA_BUSY', `${what} could not be opened: ${textOf(error)}`, true);
  }
}

/** Says why `getDisplayMedia` failed: a closed picker is `ERR_MEDIA_CANCELLED`. */
export function displayError(error: unknown): MediaError {
  if (isMediaError(error)) return error;
  const bySystem = /system|policy/i.test(textOf(error));
  if (nameOf(error) === 'NotAllowedError' && !bySystem)
    return mediaError('ERR_MEDIA_CANCELLED', 'device', 'screen share was cancelled: no screen was chosen.', {
      cause: error,
      retryable: true,
    });
  if (nameOf(error) === 'InvalidStateError')
    return mediaError(
      'ERR_MEDIA_DENIED',
      'device',
      `screen share needs a click (${textOf(error)}). Call start() inside a click handler.`,
      { cause: error },
    );
  return deviceError(error, 'the screen');
}
