import { randomUuid } from '@trunkline/core/kit';
import { base64url, fromBase64 } from './base64.js';
import { subtle } from './crypto.js';

/** Makes tokens for `state` that only this key's owner can have made, and a PKCE verifier that belongs to each. */
export interface StateSeal {
  make(nowMs: number): Promise<string>;
  isOurs(csrf: string, nowMs: number): Promise<boolean>;
  verifierOf(csrf: string): Promise<string>;
}

// how long someone may take for the sign-in page
const LIFE_MS = 10 * 60_000;

/**
 * Nothing is remembered between the way there and the way back, so that a server can be asked for any number of sign-ins,
 * and several processes with one key can share the work.
 *
 * @param secret left out: random, so that only this object knows what it made
 */
export function createStateSeal(secret?: string): StateSeal {
  let key: Promise<CryptoKey> | undefined;
  const bytes = (): Uint8Array<ArrayBuffer> =>
    secret === undefined ? crypto.getRandomValues(new Uint8Array(32)) : new TextEncoder().encode(secret);
  const theKey = (): Promise<CryptoKey> =>
    (key ??= subtle().importKey('raw', bytes(), { name: 'HMAC', hash: 'SHA-256' }, false, [
      'sign',
      'verify',
    ]));
  const data = (use: string, text: string) => new TextEncoder().encode(`${use}:${text}`);
  const sign = async (use: string, text: string): Promise<string> =>
    base64url(new Uint8Array(await subtle().sign('HMAC', await theKey(), data(use, text))));

  return {
    make: async (nowMs) => {
      const made = `${nowMs.toString(36)}.${randomUuid()}`;
      return `${made}.${await sign('state', made)}`;
    },
    isOurs: async (csrf, nowMs) => {
      const [, made = '', atText = '', seal = ''] = /^(([0-9a-z]+)\.[0-9a-f-]+)\.([\w-]+)$/.exec(csrf) ?? [];
      if (made === '') return false;
      const ageMs = nowMs - Number.parseInt(atText, 36);
      // a clock that was put back is not a reason to refuse
      if (!(ageMs <= LIFE_MS)) return false;
      return subtle().verify('HMAC', await theKey(), fromBase64(seal), data('state', made));
    },
    verifierOf: (csrf) => sign('verifier', csrf),
  };
}
