import { isSdkError, type ErrorCode } from '@trunkline/core';

const advice: Partial<Record<ErrorCode, string>> = {
  ERR_AUTH_EXPIRED: 'Your sign-in has ended. Sign in again.',
  ERR_CONFLICT: 'That is so already.',
  ERR_DECRYPT: 'It could not be decrypted. Ask the sender to send it again.',
  ERR_FORBIDDEN: 'You are not allowed to do this here. A moderator may.',
  ERR_KEY_DENIED: 'The key service does not give you this key. Ask a member to add you to the room again.',
  ERR_KMS_TIMEOUT: 'The key service does not answer. Try again in a minute.',
  ERR_LOCKED: 'This room is locked. Ask a moderator.',
  ERR_MEDIA_BUSY: 'Another program uses this device. Close it or choose another device, then try again.',
  ERR_MEDIA_CANCELLED: 'Nothing was chosen, so nothing is shared.',
  ERR_MEDIA_CODEC:
    'Your browser and the service have no video format in common. You can join with sound only.',
  ERR_MEDIA_CONSTRAINTS: 'No device can do what was asked for. Choose another device.',
  ERR_MEDIA_DENIED:
    'The browser may not use this device. Allow it in the settings of this site, then try again.',
  ERR_MEDIA_ENDED: 'The device or the connection was closed. Turn it on again.',
  ERR_MEDIA_NO_DEVICE: 'No such camera or microphone was found. Plug one in, or join without it.',
  ERR_MEDIA_PATH: 'Sound and picture do not get through. A firewall may block them: try another network.',
  ERR_MEDIA_REFUSED: 'The service refused the connection for sound and picture. Try again.',
  ERR_MEDIA_SDP: 'The connection for sound and picture could not be set up. An extension may block WebRTC.',
  ERR_MEDIA_TIMEOUT: 'The service did not answer with sound and picture in time. Try again.',
  ERR_MEDIA_UNMUTE_REFUSED: 'A host has muted you. Raise your hand to ask for the microphone.',
  ERR_MEETING_CAPTCHA: 'There were too many wrong passwords. Solve the captcha, then try again.',
  ERR_MEETING_ENDED: 'This meeting is over. Start a new one.',
  ERR_MEETING_FULL: 'This meeting is full. Try again when someone has left.',
  ERR_MEETING_NOT_FOUND: 'This meeting was not found, or you are not a member of its room.',
  ERR_MEETING_NOT_JOINED: 'You are not in this meeting. Join it first.',
  ERR_MEETING_PASSWORD: 'This meeting needs its password. Enter it, then join.',
  ERR_MEETING_PIN: 'This is not the host key of this meeting. Correct it, or join without it.',
  ERR_MEETING_STATE: 'That does not fit what the meeting does just now. Try again in a moment.',
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
