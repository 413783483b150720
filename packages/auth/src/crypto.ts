import { sdkError } from '@trunkline/core';
import { base64url } from './base64.js';

/** @throws {SdkError} `ERR_ENVIRONMENT` on plain http pages, which have no WebCrypto */
export function subtle(): typeof globalThis.crypto.subtle {
  const found = (globalThis.crypto as Crypto | undefined)?.subtle;
  if (found === undefined)
    throw sdkError(
      'ERR_ENVIRONMENT',
      'there is no WebCrypto here; serve the page over https (localhost counts), or use the implicit flow',
    );
  return found;
}

export const sha256 = async (text: string): Promise<Uint8Array> =>
  new Uint8Array(await subtle().digest('SHA-256', new TextEncoder().encode(text)));

/** Lower-cased, as catalogs have it: the same person however the address was typed. @source protocol/identity-and-services.md §4.1 */
export const emailHashOf = async (email: string): Promise<string> =>
  Array.from(await sha256(email.trim().toLowerCase()), (byte) => byte.toString(16).padStart(2, '0')).join('');

/** PKCE: 128 characters of the base64url alphabet, the most that RFC 7636 allows. @source protocol/identity-and-services.md §3.3 */
export const newVerifier = (): string => base64url(crypto.getRandomValues(new Uint8Array(96)));

/** The S256 challenge of a verifier. */
export const challengeOf = async (verifier: string): Promise<string> => base64url(await sha256(verifier));
