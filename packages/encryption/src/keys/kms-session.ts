import { encodeBase64Url, type EcJwk, type KmsResponse } from '@trunkline/wire';
import { sdkError } from '@trunkline/core';
import { importAesKey, openDirect, sealDirect, sealFor, verified } from '../content/compact.js';
import type { TrustedKms } from '../trust/kms-info.js';
import { subtle } from '../content/web-crypto.js';

/** What both sides know after the key exchange. */
export interface KmsSession {
  readonly kms: TrustedKms;
  /** names the key: `kms://HOST/ecdhe/ID` */
  readonly uri: string;
  readonly secret: CryptoKey;
  /** device URL it was made for */
  readonly clientId: string;
  /** epoch ms by our own clock; not used from 30 s before */
  readonly expiresAtMs: number;
}

const enc = 'A256GCM';
const marginMs = 30_000;
const hourMs = 3_600_000;
// an answer's text, or undefined when it is not one object of JSON
function parse(plaintext: string): KmsResponse | undefined {
  const value: unknown = JSON.parse(plaintext);
  return typeof value === 'object' && value !== null && 'requestId' in value
    ? (value as KmsResponse)
    : undefined;
}

export const isFresh = (session: KmsSession, nowMs: number): boolean =>
  nowMs < session.expiresAtMs - marginMs;

/** Our half of a key exchange. @source protocol/kms-and-encryption.md §4 */
export interface Exchange {
  readonly jwk: EcJwk;
  finish(response: KmsResponse, kms: TrustedKms, clientId: string, nowMs: number): Promise<KmsSession>;
}
export async function beginExchange(): Promise<Exchange> {
  const curve = { name: 'ECDH', namedCurve: 'P-256' };
  const pair = await subtle().generateKey(curve, false, ['deriveBits']);
  const { x = '', y = '' } = await subtle().exportKey('jwk', pair.publicKey);
  const own = { kty: 'EC', crv: 'P-256', x, y } as const;
  return {
    jwk: { ...own, kid: await thumbprint(own) },
    async finish(response, kms, clientId, nowMs) {
      const key = response.key as Partial<ExchangeKey> | undefined;
      const other = key?.jwk;
      if (typeof key?.uri !== 'string' || other?.kty !== 'EC') throw nonsense('holds no key of its own');
      let secret: CryptoKey;
      try {
        const { kty, crv, x: otherX, y: otherY } = other;
        const theirs = await subtle().importKey('jwk', { kty, crv, x: otherX, y: otherY }, curve, false, []);
        const shared = await subtle().deriveBits({ name: 'ECDH', public: theirs }, pair.privateKey, 256);
        const base = await subtle().importKey('raw', shared, 'HKDF', false, ['deriveBits']);
        const none = new Uint8Array();
        secret = await importAesKey(
          await subtle().deriveBits({ name: 'HKDF', hash: 'SHA-256', salt: none, info: none }, base, 256),
        );
      } catch (cause) {
        throw nonsense('holds a key that does not lie on the curve', cause);
      }
      return { kms, uri: key.uri, secret, clientId, expiresAtMs: nowMs + lifetimeMs(key) };
    },
  };
}
interface ExchangeKey {
  readonly uri: string;
  readonly jwk: EcJwk;
  readonly createDate: string;
  readonly expirationDate: string;
}
const nonsense = (what: string, cause?: unknown): Error =>
  sdkError('ERR_KMS_INVALID', `the key service's answer to the key exchange ${what}; nothing was encrypted`, {
    retryable: true,
    cause,
  });

// counted from the service's own creation date, so that our clock may be wrong
function lifetimeMs({ createDate, expirationDate }: Partial<ExchangeKey>): number {
  const span = Date.parse(expirationDate ?? '') - Date.parse(createDate ?? '');
  return span > 0 ? span : hourMs;
}

/** RFC 7638. */
async function thumbprint({ crv, x, y }: EcJwk): Promise<string> {
  const text = JSON.stringify({ crv, kty: 'EC', x, y });
  return encodeBase64Url(new Uint8Array(await subtle().digest('SHA-256', new TextEncoder().encode(text))));
}

/** For the key service's eyes only, before there is a session. @source §3.3 */
export const sealForExchange = ({ rsa, kid }: TrustedKms, request: object): Promise<string> =>
  sealFor(rsa, { enc, alg: 'RSA-OAEP', kid }, JSON.stringify(request));

/** A request under the session's key. */
export const sealForSession = ({ secret, uri }: KmsSession, request: object): Promise<string> =>
  sealDirect(secret, { enc, alg: 'dir', kid: uri }, JSON.stringify(request));

/** The answer in a JWS of the key service. Rejects when it was signed by anybody else. */
export const openExchangeAnswer = async (kms: TrustedKms, jws: string): Promise<KmsResponse | undefined> =>
  parse(await verified(kms.rsa, jws));

/** The answer in a JWE under the session's key. Rejects when it was altered. */
export const openSessionAnswer = async (
  { secret }: KmsSession,
  jwe: string,
): Promise<KmsResponse | undefined> => parse(await openDirect(secret, jwe));
