import { sdkError, type SdkError } from '@trunkline/core';

/** What the umbrella does not have: said at once, never pretended. */
export const notSupported = (what: string, instead?: string): SdkError =>
  sdkError('ERR_NOT_SUPPORTED', `${what} is not supported${instead === undefined ? '' : `; ${instead}`}`, {
    status: 501, // as a service would say it
  });
/** A method that only says so. */
export function refuses(what: string, instead?: string): () => Promise<never> {
  // by its name one can tell it from what works
  const refused = (): Promise<never> => Promise.reject(notSupported(what, instead));
  return refused;
}
