import { decodeBase64UrlBytes, type KmsKey } from '@trunkline/wire';
import { isSdkError, sdkError, type Clock } from '@trunkline/core';
import { createLru, race, type Lru } from '@trunkline/core/kit';
import type { ContentCrypto } from '../content/content-crypto.js';
import { redirected, type BehalfInit, type KmsClient } from './kms-client.js';
import { kmsNonsense } from './kms-errors.js';
import type { KmsOperation } from '../types.js';

export interface StoredKey<Key> {
  readonly kms: KmsKey;
  /** ready for this platform's crypto */
  readonly key: Key;
}

/** Keys that are known. It is looked up for every message, so it is there before this module is loaded. */
export type KeyCache<Key> = Lru<StoredKey<Key>>;

/** `fresh`: the key service is asked, whatever is known here. Keys for someone else are never kept. */
export type KeyInit = BehalfInit & { readonly fresh?: boolean };

export interface KeyStore<Key> {
  /** A key that the caller holds. It is not kept: a later call with its URL asks the key service. */
  given(key: KmsKey): Promise<StoredKey<Key>>;
  /** @throws {SdkError} `ERR_KEY_DENIED` and what the key service says */
  get(keyUrl: string, init?: KeyInit): Promise<StoredKey<Key>>;
  /** Takes a key of an answer. @throws {SdkError} `ERR_KMS_INVALID` when it is none */
  add(value: unknown, operation: KmsOperation, keyUrl?: string): Promise<StoredKey<Key>>;
}

const deniedForMs = 30_000;
const maxDenied = 1_000;

/** Asks for keys, once each, and keeps them in memory only. */
export function createKeyStore<Key>(
  kms: KmsClient,
  crypto: ContentCrypto<Key>,
  clock: Clock,
  keys: KeyCache<Key>,
): KeyStore<Key> {
  const asked = new Map<string, Promise<StoredKey<Key>>>();
  // of callers, for as long as they hold them
  const held = new WeakMap<KmsKey, Promise<StoredKey<Key>>>();
  // so that a flood of messages one may not read is not a flood of requests
  const denied = createLru<{ readonly error: unknown; readonly untilMs: number }>(maxDenied);

  async function answered(operation: KmsOperation, init?: BehalfInit): Promise<unknown> {
    const response = await kms.request(operation, init);
    const { redirectUri } = response;
    if (response.errorCode !== redirected) return response.key;
    if (redirectUri === undefined || !isKmsUri(redirectUri))
      throw kmsNonsense(operation, 'redirects to nowhere');
    return (await kms.request({ method: 'retrieve', uri: redirectUri }, init)).key;
  }

  async function retrieve(keyUrl: string): Promise<StoredKey<Key>> {
    const operation = { method: 'retrieve', uri: keyUrl } as const;
    try {
      return await add(await answered(operation), operation, keyUrl);
    } catch (error) {
      // a refused token (401) may be better in a moment
      if (isSdkError(error) && error.code === 'ERR_KEY_DENIED' && error.status !== 401)
        denied.set(keyUrl, { error, untilMs: clock.now() + deniedForMs });
      throw error;
    }
  }

  async function read(value: unknown, operation: KmsOperation): Promise<StoredKey<Key>> {
    const found = value as Partial<KmsKey> | undefined | null;
    const k: unknown = found?.jwk?.k;
    if (typeof found?.uri !== 'string' || typeof k !== 'string') throw kmsNonsense(operation, 'holds no key');
    const bytes = bytesOf(k);
    if (bytes?.length !== 32) throw kmsNonsense(operation, 'holds a key that is not 256 bits long');
    return { kms: found as KmsKey, key: await crypto.importKey(bytes) };
  }

  async function add(value: unknown, operation: KmsOperation, keyUrl?: string): Promise<StoredKey<Key>> {
    const stored = await read(value, operation);
    keys.set(keyUrl ?? stored.kms.uri, stored);
    denied.delete(keyUrl ?? stored.kms.uri);
    return stored;
  }

  return {
    add,
    async given(key) {
      let imported = held.get(key);
      if (!imported) {
        imported = read(key, { method: 'retrieve', uri: key.uri }).catch(() => {
          throw sdkError(
            'ERR_ARGUMENT',
            'a key has a uri and, as jwk.k, 256 bits in base64url; this one has not. Give a key as the key service returned it, or its URL.',
          );
        });
        held.set(key, imported);
      }
      return imported;
    },
    async get(keyUrl, init = {}) {
      const { fresh = false, onBehalfOf, ...rest } = init;
      const here = keys.get(keyUrl);
      if (here && !fresh && onBehalfOf === undefined) return here;
      if (!isKmsUri(keyUrl))
        throw sdkError('ERR_ARGUMENT', 'a key URL has the form kms://HOST/keys/ID; this one has not');
      if (onBehalfOf !== undefined) {
        const operation = { method: 'retrieve', uri: keyUrl } as const;
        return read(await answered(operation, { ...rest, onBehalfOf }), operation);
      }
      const refused = denied.get(keyUrl);
      const leftMs = (refused?.untilMs ?? 0) - clock.now();
      // more than there was: the clock was set back
      if (refused && !fresh && leftMs > 0 && leftMs <= deniedForMs) throw refused.error as Error;
      let retrieval = asked.get(keyUrl);
      if (!retrieval) {
        retrieval = retrieve(keyUrl).finally(() => asked.delete(keyUrl));
        asked.set(keyUrl, retrieval);
        // every caller may have gone away before it fails
        retrieval.catch(() => undefined);
      }
      return race(retrieval, init.signal);
    },
  };
}

/** Activities name their keys: what they name must not become a request for anything else. */
const isKmsUri = (uri: string): boolean => /^kms:\/\/[^/?#]+\/keys\/[^/?#]+$/i.test(uri);

function bytesOf(base64Url: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return decodeBase64UrlBytes(base64Url);
  } catch {
    return undefined;
  }
}
