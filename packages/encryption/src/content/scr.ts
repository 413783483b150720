import type { Scr } from '@trunkline/wire';
import { decryptError } from './content-crypto.js';

/** @throws {SdkError} `ERR_DECRYPT` */
export function parseScr(json: string): Scr {
  let scr: Partial<Record<keyof Scr, unknown>>;
  try {
    scr = JSON.parse(json) as typeof scr;
  } catch (cause) {
    throw decryptError(cause);
  }
  const { enc, key, iv, aad, loc, tag } = scr;
  if (enc !== 'A256GCM' || [key, iv, aad, loc, tag].some((value) => typeof value !== 'string'))
    throw decryptError();
  return scr as Scr;
}
