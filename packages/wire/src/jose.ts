import { decodeBase64Url } from './base64url.js';

/** Protected headers that travel here. */
export interface JoseHeader {
  readonly alg: string;
  readonly enc?: string;
  readonly kid?: string;
}

/** A symmetric content key. @source protocol/kms-and-encryption.md §5 */
export interface OctJwk {
  readonly kty: 'oct';
  readonly kid: string;
  readonly alg: 'A256GCM';
  /** 32 bytes, base64url */
  readonly k: string;
}

/**
 * The protected header of a compact JWE (five parts) or JWS (three); undefined for anything else.
 * It is read before anything is verified: use it to choose a key, for nothing more.
 *
 * @source protocol/kms-and-encryption.md §3.3
 */
export function joseHeader(compact: string): (JoseHeader & { readonly parts: 3 | 5 }) | undefined {
  const parts = compact.split('.');
  if (parts.length !== 3 && parts.length !== 5) return undefined;
  try {
    const header: unknown = JSON.parse(decodeBase64Url(parts[0] ?? ''));
    if (typeof header !== 'object' || header === null || !('alg' in header)) return undefined;
    return { ...(header as JoseHeader), parts: parts.length };
  } catch {
    return undefined;
  }
}

/** Protected header of all content: `{"enc":"A256GCM","alg":"dir"}`. @source protocol/kms-and-encryption.md §6 */
export const contentHeader = { enc: 'A256GCM', alg: 'dir' } as const;
