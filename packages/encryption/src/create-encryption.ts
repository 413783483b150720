import { sdkError, type Host } from '@trunkline/core';
import { checkArguments, type ParameterRules } from '@trunkline/core/kit';
import type { ContentCrypto } from './content-crypto.js';
import { openBinary, sealBinary } from './binary.js';
import { createDownload } from './download.js';
import { isOnDisk } from './file-bytes.js';
import type { MakeFileCrypto } from './file-crypto.js';
import { decryptFile, encryptFile, parseScr } from './files.js';
import { createKeyStore, type KeyInit, type StoredKey } from './key-store.js';
import { createKmsClient } from './kms-client.js';
import { kmsNonsense } from './kms-errors.js';
import type { Encryption, KeyOrUrl, KmsOperation } from './types.js';

/** What each call takes before `init`. */
const rules: ParameterRules<Encryption> = {
  encryptText: 'key:holder plaintext:string',
  decryptText: 'key:holder jwe:string',
  getKey: 'keyUrl:text',
  createKeys: 'count:number',
  createResource: 'resource:object(userIds:texts keyUris:texts)',
  bindKey: 'keyUrl:text resourceUri:text',
  addAuthorization: 'resourceUri:text userIds:texts',
  removeAuthorization: 'resourceUri:text userId:text',
  listAuthorizations: 'resourceUri:text',
  ping: '',
  wrap: 'request:object(method:string uri:string)',
  encryptBinary: 'key:holder bytes:bytes',
  decryptBinary: 'key:holder jwe:string',
  encryptFile: 'bytes:bytes',
  decryptFile: 'cipher:bytes scr:object(enc:string key:string iv:string aad:string loc?:string tag:string)',
  wrapScr: 'key:holder scr:object(enc:string key:string iv:string aad:string loc?:string tag:string)',
  unwrapScr: 'key:holder jwe:string',
  fileAt: 'file:object',
  sealFile: 'data:object',
  download: 'url:text scr:holder init?:object(useFileService?:boolean)',
  downloadAndDecryptFile: 'fileUri:text init?:object(useFileService?:boolean jwe?:text keyUri?:holder)',
};

/** The engine on one client, with this platform's crypto. */
export function createEncryption<Key>(
  host: Host,
  crypto: ContentCrypto<Key>,
  makeFiles: MakeFileCrypto,
): Encryption {
  const files = makeFiles(host);
  const fetchFile = createDownload(host, files);
  const kms = createKmsClient(host);
  const keys = createKeyStore(kms, crypto, host.clock);

  const stored = (key: KeyOrUrl, init?: KeyInit): Promise<StoredKey<Key>> =>
    typeof key === 'string' ? keys.get(key, init) : keys.given(key);
  const ready = (key: KeyOrUrl, init?: KeyInit): Key | undefined =>
    typeof key === 'string' && init?.onBehalfOf === undefined ? keys.ready(key) : undefined;
  const encryptText: Encryption['encryptText'] = (keyOrUrl, plaintext, init) => {
    const key = ready(keyOrUrl, init);
    if (key !== undefined) return crypto.encryptText(key, plaintext);
    return stored(keyOrUrl, init).then((found) => crypto.encryptText(found.key, plaintext));
  };
  const decryptText: Encryption['decryptText'] = (keyOrUrl, jwe, init) => {
    const key = ready(keyOrUrl, init);
    if (key !== undefined) return crypto.decryptText(key, jwe);
    return stored(keyOrUrl, init).then((found) => crypto.decryptText(found.key, jwe));
  };

  const unwrapScr: Encryption['unwrapScr'] = async (keyUrl, jwe, init) =>
    parseScr(await decryptText(keyUrl, jwe, init));

  return checkArguments('encryption', rules, {
    encryptText,
    decryptText,
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
    encryptBinary: async (key, bytes, init) => sealBinary(crypto, (await stored(key, init)).key, bytes),
    decryptBinary: async (key, jwe, init) => openBinary(crypto, (await stored(key, init)).key, jwe),
    encryptFile: (bytes) => encryptFile(crypto, host.clock, bytes),
    decryptFile: (cipher, scr) => decryptFile(crypto, cipher, scr),
    async wrapScr(keyUrl, scr, init) {
      if (scr.loc === '')
        throw sdkError('ERR_ARGUMENT', 'the file has no location yet: upload it, then set scr.loc');
      return encryptText(keyUrl, JSON.stringify(scr), init);
    },
    unwrapScr,
    fileAt: (file) => files.fileAt(file),
    async sealFile(data, init = {}) {
      if (!isOnDisk(data)) return files.seal(data, init);
      const found = await files.fileAt(data);
      if (found === undefined) throw sdkError('ERR_ARGUMENT', 'there are no files by path here; give a Blob');
      return files.seal(found, init);
    },
    download: async (url, scr, init) => fetchFile(url, typeof scr === 'string' ? parseScr(scr) : scr, init),
    async downloadAndDecryptFile(fileUri, init = {}) {
      const { jwe, keyUri, useFileService = false, ...rest } = init;
      const query = URL.canParse(fileUri) ? new URL(fileUri).searchParams : undefined;
      const [inJwe, inKey] = [query?.get('JWE'), query?.get('keyUri')];
      const [wrapped, key] = inJwe && inKey ? [inJwe, inKey] : [jwe, keyUri];
      if (!wrapped || !key)
        throw sdkError(
          'ERR_ARGUMENT',
          'the file needs its parameters and their key: JWE and keyUri in its URL, or jwe and keyUri beside it',
        );
      const file = await fetchFile(fileUri, await unwrapScr(key, wrapped, rest), { ...rest, useFileService });
      return file.bytes();
    },
  });
}
