import { ApiError } from '../../kernel/http/errors.js';

/** A refusal in the shape of the meeting info service, which clients switch on by `code`. */
export const refusedWith = (status: number, code: number, message: string, more: object = {}): ApiError =>
  new ApiError(status, message, { body: { code, message, ...more } });
