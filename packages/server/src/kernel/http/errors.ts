/** A refusal with a status; its message goes to the caller as it is, so it reveals nothing to strangers. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  constructor(
    readonly status: number,
    message: string,
    readonly options: {
      /** the service's own number for the cause, where clients switch on it */
      readonly errorCode?: number;
      readonly retryAfterS?: number;
      /** instead of the hydra shape */
      readonly body?: object;
    } = {},
  ) {
    super(message);
  }
}
/** One text for what does not exist and what is not visible to the caller: neither can be distinguished from the other. */
export const notFound = (what = 'The requested resource could not be found.'): ApiError =>
  new ApiError(404, what);
export const badRequest = (message: string): ApiError => new ApiError(400, message);
export const forbidden = (message = 'You are not allowed to do this.'): ApiError =>
  new ApiError(403, message);
export const unauthorized = (): ApiError =>
  new ApiError(401, 'The request requires a valid access token set in the Authorization request header.');
