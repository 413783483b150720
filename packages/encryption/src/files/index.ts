import { sdkError, type Host } from '@trunkline/core';
import type { ContentCrypto } from '../content/content-crypto.js';
import type { KeyInit, StoredKey } from '../keys/key-store.js';
import type { Encryption, KeyOrUrl } from '../types.js';
import { openBinary, sealBinary } from './binary.js';
import { createDownload } from './download.js';
import { isOnDisk } from './file-bytes.js';
import type { MakeFileCrypto } from './file-crypto.js';
import { decryptFile, encryptFile } from './whole-file.js';
import { parseScr } from '../content/scr.js';

type Files = Pick<
  Encryption,
  | 'encryptBinary'
  | 'decryptBinary'
  | 'encryptFile'
  | 'decryptFile'
  | 'sealFile'
  | 'download'
  | 'downloadAndDecryptFile'
> & { readonly fileAt: (...file: Parameters<Encryption['fileAt']>) => Promise<Blob | undefined> };

/** Bytes and files. Loaded with the first of these calls. */
export function createFiles<Key>(
  host: Host,
  crypto: ContentCrypto<Key>,
  makeFiles: MakeFileCrypto,
  stored: (key: KeyOrUrl, init?: KeyInit) => Promise<StoredKey<Key>>,
  unwrapScr: Encryption['unwrapScr'],
): Files {
  const platform = makeFiles(host);
  const fetchFile = createDownload(host, platform);
  return {
    encryptBinary: async (key, bytes, init) => sealBinary(crypto, (await stored(key, init)).key, bytes),
    decryptBinary: async (key, jwe, init) => openBinary(crypto, (await stored(key, init)).key, jwe),
    encryptFile: (bytes) => encryptFile(crypto, host.clock, bytes),
    decryptFile: (cipher, scr) => decryptFile(crypto, cipher, scr),
    fileAt: async (file) => platform.fileAt(file),
    async sealFile(data, init = {}) {
      if (!isOnDisk(data)) return platform.seal(data, init);
      const found = await platform.fileAt(data);
      if (found === undefined) throw sdkError('ERR_ARGUMENT', 'there are no files by path here; give a Blob');
      return platform.seal(found, init);
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
  };
}
