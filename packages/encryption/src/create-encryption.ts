import { sdkError, type Host } from '@trunkline/core';
import { checkArguments, createLru, lateMethods, type ParameterRules } from '@trunkline/core/kit';
import type { ContentCrypto } from './content/content-crypto.js';
import { parseScr } from './content/scr.js';
import type { MakeFileCrypto } from './files/file-crypto.js';
import type { KeyInit, StoredKey } from './keys/key-store.js';
import type { Encryption, KeyOrUrl } from './types.js';

// some 200 bytes each; beyond that, those not used for the longest time are asked for again
const maxKeys = 20_000;

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

/**
 * The engine on one client, with this platform's crypto. Text under known keys is always there; the key service and files
 * are modules of their own, loaded with their first call.
 */
export function createEncryption<Key>(
  host: Host,
  crypto: ContentCrypto<Key>,
  loadFiles: () => Promise<MakeFileCrypto>,
): Encryption {
  const known = createLru<StoredKey<Key>>(maxKeys);
  const keys = host.late('keys', async () =>
    (await import('./keys/key-service.js')).createKeyService(host, crypto, known),
  );
  const files = host.late('files', async () => {
    const [{ createFiles }, makeFiles] = await Promise.all([import('./files/index.js'), loadFiles()]);
    return createFiles(host, crypto, makeFiles, stored, unwrapScr);
  });

  const stored = async (key: KeyOrUrl, init?: KeyInit): Promise<StoredKey<Key>> => {
    const { store } = await keys();
    return typeof key === 'string' ? store.get(key, init) : store.given(key);
  };
  const ready = (key: KeyOrUrl, init?: KeyInit): Key | undefined =>
    typeof key === 'string' && init?.onBehalfOf === undefined ? known.get(key)?.key : undefined;
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
    ...lateMethods(keys, [
      'getKey',
      'createKeys',
      'createResource',
      'bindKey',
      'addAuthorization',
      'removeAuthorization',
      'listAuthorizations',
      'ping',
      'wrap',
      'unwrap',
    ]),
    ...lateMethods(files, [
      'encryptBinary',
      'decryptBinary',
      'encryptFile',
      'decryptFile',
      'fileAt',
      'sealFile',
      'download',
      'downloadAndDecryptFile',
    ]),
    async wrapScr(keyUrl, scr, init) {
      if (scr.loc === '')
        throw sdkError('ERR_ARGUMENT', 'the file has no location yet: upload it, then set scr.loc');
      return encryptText(keyUrl, JSON.stringify(scr), init);
    },
    unwrapScr,
  });
}
