import { decodeBase64UrlBytes, type KmsKey } from '@trunkline/wire';
import { isSdkError, race, sdkError, type CallInit, type Clock } from '@trunkline/core';
import type { ContentCrypto } from './content-crypto.js';
import { redirected, type KmsClient } from './kms-client.js';
import { kmsNonsense } from './kms-errors.js';
import type { KmsOperation } from './types.js';

export interface StoredKey<Key> {
  readonly kms: KmsKey;
  /** ready for this platform's crypto */
  readonly key: Key;
}

/** `fresh`: the key service is asked, whatever is known here. */
export type KeyInit = CallInit & { readonly fresh?: boolean };

export interface KeyStore<Key> {
  /** What is here already. Asked on the way of every message: one look-up, nothing else. */
  ready(keyUrl: string): Key | undefined;
  /** @throws {SdkError} `ERR_KEY_DENIED` and what the key service says */
  get(keyUrl: string, init?: KeyInit): Promise<StoredKey<Key>>;
  /** Takes a key of an answer. @throws {SdkError} `ERR_KMS_INVALID` when it is none */
  add(value: unknown, operation: KmsOperation, keyUrl?: string): Promise<StoredKey<Key>>;
}

const deniedForMs = 30_000;
const maxDenied = 1_000;
// some 200 bytes each; beyond that the oldest are asked for again
const maxKeys = 20_000;

/** Keys of one client, in memory only. */
export function createKeyStore<Key>(kms: KmsClient, crypto: ContentCrypto<Key>, clock: Clock): KeyStore<Key> {
  const keys = new Map<string, StoredKey<Key>>();
  const asked = new Map<string, Promise<StoredKey<Key>>>();
  // so that a flood of messages one may not read is no flood of requests
  const denied = new Map<string, { readonly error: unknown; readonly untilMs: number }>();

  async function retrieve(keyUrl: string): Promise<StoredKey<Key>> {
    const operation = { method: 'retrieve', uri: keyUrl } as const;
    try {
      let response = await kms.request(operation);
      const { redirectUri } = response;
      if (response.errorCode === redirected) {
        if (redirectUri === undefined || !isKmsUri(redirectUri))
          throw kmsNonsense(operation, 'redirects to nowhere');
        response = await kms.request({ method: 'retrieve', uri: redirectUri });
      }
      return await add(response.key, operation, keyUrl);
    } catch (error) {
      // a refused token (401) may be better in a moment
      if (isSdkError(error) && error.code === 'ERR_KEY_DENIED' && error.status !== 401)
        remember(denied, keyUrl, { error, untilMs: clock.now() + deniedForMs }, maxDenied);
      throw error;
    }
  }

  async function add(value: unknown, operation: KmsOperation, keyUrl?: string): Promise<StoredKey<Key>> {
    const found = value as Partial<KmsKey> | undefined | null;
    const k: unknown = found?.jwk?.k;
    if (typeof found?.uri !== 'string' || typeof k !== 'string') throw kmsNonsense(operation, 'holds no key');
    const bytes = bytesOf(k);
    if (bytes?.length !== 32) throw kmsNonsense(operation, 'holds a key that is not 256 bits long');
    const stored = { kms: found as KmsKey, key: await crypto.importKey(bytes) };
    remember(keys, keyUrl ?? found.uri, stored, maxKeys);
    denied.delete(keyUrl ?? found.uri);
    return stored;
  }

  return {
    ready: (keyUrl) => keys.get(keyUrl)?.key,
    add,
    async get(keyUrl, init = {}) {
      const { fresh = false } = init;
      const here = keys.get(keyUrl);
      if (here && !fresh) return here;
      if (!isKmsUri(keyUrl))
        throw sdkError('ERR_ARGUMENT', 'a key URL has the form kms://HOST/keys/ID; this one has not');
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

function remember<T>(map: Map<string, T>, key: string, value: T, max: number): void {
  map.set(key, value);
  if (map.size <= max) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
