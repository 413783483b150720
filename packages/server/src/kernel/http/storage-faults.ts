import { ApiError } from './errors.js';

/** seconds: room is made by people */
const retryAfterS = 10;

const codes = /^(?:SQLITE_FULL|SQLITE_IOERR(?:_\w+)?|SQLITE_CANTOPEN|ENOSPC|EDQUOT)$/;

/**
 * What is answered when the disk is full or broken: 503, which clients know and try again, with the number of the HTTP
 * status that means just this. Nothing was stored; what had been is not touched. undefined for any other error.
 */
export function storageFault(error: unknown): ApiError | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  if (typeof error.code !== 'string' || !codes.test(error.code)) return undefined;
  return new ApiError(503, 'The service has no room to store this now; nothing of it was stored.', {
    errorCode: 507,
    retryAfterS,
  });
}
