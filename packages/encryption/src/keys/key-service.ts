import type { Host } from '@trunkline/core';
import type { ContentCrypto } from '../content/content-crypto.js';
import type { Encryption, KmsOperation } from '../types.js';
import { createKeyStore, type KeyCache, type KeyStore } from './key-store.js';
import { createKmsClient } from './kms-client.js';
import { kmsNonsense } from './kms-errors.js';

/** What the key service does. Loaded when a key is needed that is not known. */
export interface KeyService<Key> extends Pick<
  Encryption,
  | 'getKey'
  | 'createKeys'
  | 'createResource'
  | 'bindKey'
  | 'addAuthorization'
  | 'removeAuthorization'
  | 'listAuthorizations'
  | 'ping'
  | 'wrap'
  | 'unwrap'
> {
  readonly store: KeyStore<Key>;
}

export function createKeyService<Key>(
  host: Host,
  crypto: ContentCrypto<Key>,
  cache: KeyCache<Key>,
): KeyService<Key> {
  const kms = createKmsClient(host);
  const keys = createKeyStore(kms, crypto, host.clock, cache);
  return {
    store: keys,
    getKey: async (keyUrl, init) => (await keys.get(keyUrl, init)).kms,
    async createKeys(count, init) {
      const operation: KmsOperation = { method: 'create', uri: '/keys', count };
      const response = await kms.request(operation, init);
      if (!Array.isArray(response.keys) || response.keys.length !== count)
        throw kmsNonsense(operation, `does not hold ${String(count)} keys`);
      // kept, so that the first encryption need not ask for what was just given
      const made = await Promise.all(response.keys.map((key) => keys.add(key, operation)));
      return made.map((key) => key.kms);
    },
    async createResource({ userIds, keyUris }, init) {
      const operation: KmsOperation = { method: 'create', uri: '/resources', userIds, keyUris };
      const { resource } = await kms.request(operation, init);
      if (typeof resource?.uri !== 'string') throw kmsNonsense(operation, 'holds no resource');
      return resource;
    },
    async bindKey(uri, resourceUri, init) {
      await kms.request({ method: 'update', uri, resourceUri }, init);
    },
    addAuthorization: async (resourceUri, userIds, init) =>
      (await kms.request({ method: 'create', uri: '/authorizations', resourceUri, userIds }, init))
        .authorizations ?? [],
    async removeAuthorization(resourceUri, userId, init) {
      const uri = `${resourceUri}/authorizations?authId=${encodeURIComponent(userId)}`;
      return (await kms.request({ method: 'delete', uri }, init)).authorizations ?? [];
    },
    listAuthorizations: async (resourceUri, init) =>
      (await kms.request({ method: 'retrieve', uri: `${resourceUri}/authorizations` }, init))
        .authorizations ?? [],
    async ping(init) {
      const { status, requestId } = await kms.request({ method: 'update', uri: '/ping' }, init);
      return { status, requestId };
    },
    wrap: (request, init) => kms.wrap(request, init),
    unwrap: (message) => kms.unwrap(message),
  };
}
