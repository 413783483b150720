import { sdkError } from '@trunkline/core';
import { expectText } from '@trunkline/core/kit';
import type { Encryption as Engine } from '@trunkline/encryption';
import type { KmsAuthorization, KmsKey, KmsResource, Scr } from '@trunkline/wire';
import { bufferOf } from './files.js';
import { official } from './http-error.js';
import { notSupported, refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

type KeyOrUri = string | { readonly uri: string; readonly jwk?: KmsKey['jwk'] };
/** `onBehalfOf`: uuid of the person for whom a compliance officer asks. */
interface OnBehalf {
  readonly onBehalfOf?: string;
}
type FileScr = Omit<Scr, 'loc'> & { loc?: string };
interface DownloadOptions {
  readonly useFileService?: boolean;
  readonly params?: { readonly allow?: string };
}
interface OfResource {
  readonly kro?: { readonly uri: string };
  readonly kroUri?: string;
}
const isKey = (key: KeyOrUri): key is KmsKey => typeof key === 'object' && key.jwk !== undefined;
/** A key is used as it is; of what only names one, the name. */
const keyOf = (key: KeyOrUri): string | KmsKey => (isKey(key) ? key : uriOf(key));
const uriOf = (key: KeyOrUri): string => (typeof key === 'string' ? key : key.uri);
const resourceOf = ({ kro, kroUri }: OfResource): string => {
  const uri = kroUri ?? kro?.uri;
  if (uri === undefined) throw sdkError('ERR_ARGUMENT', 'a kro or its kroUri is needed');
  return uri;
};

/** `webex.internal.encryption.kms` */
export class Kms extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Encryption' };
  private get engine(): Engine {
    return this.webex.linkage.get().client.encryption;
  }
  createUnboundKeys({ count = 1 }: { readonly count?: number } = {}): Promise<readonly KmsKey[]> {
    return official(this.engine.createKeys(count));
  }
  /** Asks each time: whether one may have the key now. */
  fetchKey({ uri, ...behalf }: { readonly uri: string } & OnBehalf): Promise<KmsKey> {
    return official(this.engine.getKey(uri, { ...onBehalf(behalf), fresh: true }));
  }
  createResource(given: {
    readonly userIds?: readonly string[];
    readonly keyUris?: readonly string[];
    readonly key?: KeyOrUri;
    readonly keys?: readonly KeyOrUri[];
  }): Promise<KmsResource> {
    const { userIds = [], keyUris = [], key, keys = [] } = given;
    const all = [...keyUris, ...(key === undefined ? [] : [key]), ...keys].map(uriOf);
    return official(this.engine.createResource({ userIds, keyUris: all }));
  }
  async bindKey({
    key,
    keyUri,
    ...of
  }: OfResource & { readonly key?: KeyOrUri; readonly keyUri?: string }): Promise<KmsKey> {
    const uri = keyUri ?? (key === undefined ? '' : uriOf(key));
    const resourceUri = resourceOf(of);
    await official(this.engine.bindKey(uri, resourceUri));
    return { ...(await official(this.engine.getKey(uri, { fresh: true }))), resourceUri };
  }
  async addAuthorization(
    given: OfResource & { readonly userIds?: readonly string[]; readonly authIds?: readonly string[] },
  ): Promise<readonly KmsAuthorization[]> {
    return official(
      this.engine.addAuthorization(resourceOf(given), [...(given.userIds ?? []), ...(given.authIds ?? [])]),
    );
  }
  removeAuthorization(
    given: OfResource & { readonly authId?: string; readonly userId?: string },
  ): Promise<readonly KmsAuthorization[]> {
    return official(this.engine.removeAuthorization(resourceOf(given), given.authId ?? given.userId ?? ''));
  }
  async listAuthorizations(given: OfResource): Promise<readonly KmsAuthorization[]> {
    return official(this.engine.listAuthorizations(resourceOf(given)));
  }
  ping(): ReturnType<Engine['ping']> {
    return official(this.engine.ping());
  }
  override request(): Promise<never> {
    return Promise.reject(notSupported('kms.request()', 'use the other calls of kms'));
  }
  readonly prepareRequest = refuses('kms.prepareRequest()', 'use the other calls of kms');
  readonly asKey = refuses('kms.asKey()', 'keys come as objects');
  readonly decryptKmsMessage = refuses('kms.decryptKmsMessage()', 'answers are taken by themselves');
  readonly processKmsMessageEvent = refuses(
    'kms.processKmsMessageEvent()',
    'answers are taken by themselves',
  );
  readonly fetchPublicKey = refuses('kms.fetchPublicKey()');
  readonly uploadCustomerMasterKey = refuses('kms.uploadCustomerMasterKey()');
  readonly listAllCustomerMasterKey = refuses('kms.listAllCustomerMasterKey()');
  readonly changeCustomerMasterKeyState = refuses('kms.changeCustomerMasterKeyState()');
  readonly useGlobalMasterKey = refuses('kms.useGlobalMasterKey()');
  readonly deleteAllCustomerMasterKeys = refuses('kms.deleteAllCustomerMasterKeys()');
}

/** `webex.internal.encryption` */
export class Encryption extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Encryption', children: { kms: Kms } };
  declare readonly kms: Kms;
  private get engine(): Engine {
    return this.webex.linkage.get().client.encryption;
  }
  getKey(key: KeyOrUri, options?: OnBehalf): Promise<KmsKey> {
    return isKey(key) ? Promise.resolve(key) : official(this.engine.getKey(uriOf(key), onBehalf(options)));
  }
  encryptText(key: KeyOrUri, plaintext: string, options?: OnBehalf): Promise<string> {
    return official(Promise.resolve(this.engine.encryptText(keyOf(key), plaintext, onBehalf(options))));
  }
  decryptText(key: KeyOrUri, cipher: string, options?: OnBehalf): Promise<string> {
    return official(Promise.resolve(this.engine.decryptText(keyOf(key), cipher, onBehalf(options))));
  }
  /** A file, unreadable, and what reads it: set `scr.loc` after the upload. */
  async encryptBinary(
    bytes: Uint8Array | ArrayBuffer,
  ): Promise<{ readonly scr: FileScr; readonly cdata: Uint8Array }> {
    const { cipher, scr } = await this.engine.encryptFile(bytesIn(bytes));
    return { scr: { ...scr }, cdata: bufferOf(cipher) };
  }
  async decryptBinary(scr: FileScr, bytes: Uint8Array | ArrayBuffer): Promise<Uint8Array> {
    return bufferOf(await official(this.engine.decryptFile(bytesIn(bytes), scr)));
  }
  encryptScr(key: KeyOrUri, scr: FileScr, options?: OnBehalf): Promise<string> {
    return official(this.engine.wrapScr(keyOf(key), { ...scr, loc: scr.loc ?? '' }, onBehalf(options)));
  }
  decryptScr(key: KeyOrUri, cipher: string, options?: OnBehalf): Promise<Scr> {
    return official(this.engine.unwrapScr(keyOf(key), cipher, onBehalf(options)));
  }
  /** Downloads a file and makes it readable. What is neither https nor of this service is not fetched. */
  async download(
    fileUrl: string,
    scr: Scr,
    { useFileService = true, params }: DownloadOptions = {},
  ): Promise<Uint8Array> {
    const allow = params?.allow;
    const file = await official(
      this.engine.download(fileUrl, scr, { useFileService, ...(allow !== undefined && { allow }) }),
    );
    const bytes = await file.bytes();
    if (bytes.length === 0) throw sdkError('ERR_BAD_RESPONSE', 'the file came empty');
    return bufferOf(bytes);
  }
  /** Bytes as JWE, as `encryptText` does it with text. */
  encryptBinaryData(key: KeyOrUri, bytes: Uint8Array | ArrayBuffer, options?: OnBehalf): Promise<string> {
    return official(this.engine.encryptBinary(keyOf(key), bytesIn(bytes), onBehalf(options)));
  }
  async decryptBinaryData(key: KeyOrUri, cipher: string, options?: OnBehalf): Promise<Uint8Array> {
    return bufferOf(await official(this.engine.decryptBinary(keyOf(key), cipher, onBehalf(options))));
  }
  readonly processKmsMessageEvent = refuses(
    'encryption.processKmsMessageEvent()',
    'answers are taken by themselves',
  );
}
const onBehalf = ({ onBehalfOf }: OnBehalf = {}): OnBehalf =>
  onBehalfOf === undefined ? {} : { onBehalfOf };
const bytesIn = (bytes: Uint8Array | ArrayBuffer): Uint8Array =>
  bytes instanceof Uint8Array ? bytes : new Uint8Array(bytes);

/** `webex.cypher` */
export class Cypher extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Cypher' };
  /** Whether there is a device. */
  get registered(): boolean {
    return this.webex.internal.device.registered;
  }
  register(): Promise<void> {
    return this.webex.internal.device.register();
  }
  deregister(): Promise<void> {
    return this.webex.internal.device.unregister();
  }
  /** The bytes of an encrypted file. `JWE` and `keyUri` are in its URL, or are given; `signal` ends the download. */
  async downloadAndDecryptFile(
    fileUri: string,
    options: {
      readonly useFileService?: boolean;
      readonly jwe?: string;
      readonly keyUri?: string;
      readonly signal?: AbortSignal;
    } = {},
  ): Promise<ArrayBuffer> {
    expectText(fileUri, 'cypher.downloadAndDecryptFile: fileUri');
    const { encryption } = this.webex.linkage.get().client;
    const bytes = await official(encryption.downloadAndDecryptFile(fileUri, options));
    return bytes.slice().buffer;
  }
}
