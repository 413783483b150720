// What is said to the key service inside JWE. @source protocol/kms-and-encryption.md
import type { OctJwk } from './jose.js';

/** `GET <encryption>/kms/<userId>`. @source §2 */
export interface KmsInfo {
  /** `kms://HOST` */
  readonly kmsCluster: string;
  /** JSON text of an {@link RsaJwk} */
  readonly rsaPublicKey: string;
}
export interface RsaJwk {
  readonly kty: 'RSA';
  /** `kms://HOST/keys/ID` */
  readonly kid: string;
  readonly n: string;
  readonly e: string;
  /** base64 DER, leaf first */
  readonly x5c: readonly string[];
}
export interface EcJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly kid?: string;
}
/** `POST <encryption>/kms/messages`. @source §3.1 */
export interface KmsSubmission {
  readonly destination: string;
  readonly kmsMessages: readonly string[];
}
/** Plaintext of every request. @source §3.3, §5 */
export interface KmsRequest {
  readonly method: 'create' | 'retrieve' | 'update' | 'delete';
  /** `/keys`, `/resources`, `/authorizations`, a key URI, `<cluster>/ecdhe`, … */
  readonly uri: string;
  readonly requestId: string;
  readonly client: {
    /** device URL */
    readonly clientId: string;
    readonly credential: {
      readonly userId: string;
      readonly bearer: string;
      /** a compliance officer's request: the same as `userId`. @source §3.3 */
      readonly onBehalfOf?: string;
    };
  };
  readonly count?: number;
  readonly jwk?: EcJwk;
  readonly resourceUri?: string;
  readonly userIds?: readonly string[];
  readonly authIds?: readonly string[];
  readonly keyUris?: readonly string[];
}
/** @source §5 */
export interface KmsKey {
  readonly uri: string;
  readonly jwk: OctJwk;
  readonly userId?: string;
  readonly clientId?: string;
  readonly createDate?: string;
  readonly expirationDate?: string;
  readonly bindDate?: string;
  readonly resourceUri?: string;
}
export interface KmsResource {
  readonly uri: string;
  readonly keyUris: readonly string[];
  readonly authorizationUris: readonly string[];
}
export interface KmsAuthorization {
  readonly uri: string;
  readonly authId: string;
  readonly resourceUri: string;
}
/** Plaintext of every answer. `status` ≥ 400 is a refusal with `reason`. @source §3.3 */
export interface KmsResponse {
  readonly status: number;
  readonly requestId: string;
  readonly reason?: string;
  readonly errorCode?: number;
  readonly key?: KmsKey | { readonly uri: string; readonly jwk: EcJwk; readonly expirationDate: string };
  readonly keys?: readonly KmsKey[];
  readonly resource?: KmsResource;
  readonly authorizations?: readonly KmsAuthorization[];
  readonly redirectUri?: string;
}
/** Parameters of an encrypted file, kept as JWE beside it. @source §7 */
export interface Scr {
  readonly enc: 'A256GCM';
  /** 32 bytes, base64url */
  readonly key: string;
  /** 12 bytes, base64url */
  readonly iv: string;
  /** ISO 8601, its UTF-8 bytes are the additional data */
  readonly aad: string;
  readonly loc: string;
  /** 16 bytes, base64url */
  readonly tag: string;
}
