import { sdkError, type SdkError } from '@trunkline/core';

/** What the umbrella does not have: said at once, never pretended. */
export const notSupported = (what: string, instead?: string): SdkError =>
  sdkError('ERR_NOT_SUPPORTED', `${what} is not supported${instead === undefined ? '' : `; ${instead}`}`);
/** A method that only says so. */
export const refuses =
  (what: string, instead?: string): (() => Promise<never>) =>
  () =>
    Promise.reject(notSupported(what, instead));
