// What a meeting refuses, with the numbers that clients switch on. @source protocol/meetings-signalling.md §4.1
import { ApiError, forbidden } from '../../kernel/http/errors.js';

export const meetingEnded = (): ApiError =>
  new ApiError(409, 'The meeting has ended. Start a new one.', { errorCode: 2409021 });
export const meetingFull = (most: number): ApiError =>
  new ApiError(423, `The meeting is full: it takes ${String(most)} people.`, { errorCode: 2423021 });
export const notModerator = (): ApiError =>
  forbidden('Only the host or a co-host of the meeting may do this.');
export const notIn = (): ApiError =>
  forbidden('Only participants of the meeting may do this. Join it first.');
