import { sdkError } from '@trunkline/core';
import { randomUuid } from '@trunkline/core/kit';
import { base64url, fromBase64 } from './base64.js';
import { subtle } from './crypto.js';
import { needText } from './endpoints.js';

export interface GuestJwtOptions {
  /** The guest issuer's id. */
  readonly issuer: string;
  /** The guest issuer's secret, base64 as it was given out. Keep it on a server. */
  readonly secret: string;
  /** What others see. */
  readonly displayName: string;
  /** Who the guest is: the same text is the same person next time. Default `guest-user-<uuid>`. */
  readonly subject?: string;
  /** How long the JWT can be used to sign in, in seconds. Default 3600. */
  readonly expiresInS?: number;
  /** epoch ms; default `Date.now` */
  readonly now?: () => number;
}

/**
 * A signed statement (HS256) with which a guest signs in, see `guest()`. To be made on a server, for those who have no
 * account.
 *
 * @throws {SdkError} `ERR_ARGUMENT`; `ERR_ENVIRONMENT` without WebCrypto
 * @example response.end(await createGuestJwt({ issuer, secret, displayName: 'Visitor' }));
 * @source protocol/identity-and-services.md §3.4
 */
export async function createGuestJwt(options: GuestJwtOptions): Promise<string> {
  needText({ ...options }, 'issuer', 'secret', 'displayName');
  const { issuer, secret, displayName, subject = newGuest(), expiresInS = 3600, now = Date.now } = options;
  if (!(Number.isFinite(expiresInS) && expiresInS > 0))
    throw sdkError('ERR_ARGUMENT', 'expiresInS must be a number of seconds above 0');
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = fromBase64(secret);
  } catch {
    // without the cause: it may hold the secret
    throw sdkError('ERR_ARGUMENT', 'secret is not a base64; give it as the guest issuer showed it');
  }
  const iat = Math.floor(now() / 1000);
  const payload = {
    sub: subject,
    iss: issuer,
    name: displayName,
    iat,
    exp: iat + Math.ceil(expiresInS),
  };
  const signed = [{ alg: 'HS256', typ: 'JWT' }, payload]
    .map((part) => base64url(JSON.stringify(part)))
    .join('.');
  const key = await subtle().importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const signature = await subtle().sign('HMAC', key, new TextEncoder().encode(signed));
  return `${signed}.${base64url(new Uint8Array(signature))}`;
}

export const newGuest = (): string => `guest-user-${randomUuid()}`;
