import type { RsaJwk } from '@trunkline/wire';
import { compactDecrypt, CompactSign } from 'jose';
import { createPrivateKey, type KeyObject, randomUUID, X509Certificate } from 'node:crypto';
import { generate } from 'selfsigned';
import type { Store } from '../../kernel/store/index.js';
import { oldestSecret } from '../../kernel/vault/open-vault.js';
import type { Vault } from '../../kernel/vault/vault.js';

/** The key service's identity. It is made once and kept: clients pin the host name in every key's URI. */
export interface StaticKey {
  /** `kms.….trunkline.local`: a name, not an address; it does not follow where the service runs */
  readonly host: string;
  /** public, with its certificate. @source protocol/kms-and-encryption.md §2 */
  readonly jwk: RsaJwk;
  /** @throws unless it is RSA-OAEP under this key */
  decrypt(jwe: string): Promise<string>;
  /** compact JWS, RS256. @source §3.3 */
  sign(plaintext: string): Promise<string>;
}

interface Kept {
  readonly host: string;
  readonly keyId: string;
  readonly privateKey: string;
  readonly certificate: string;
}

const name = oldestSecret;
const centuryMs = 100 * 365.25 * 86_400_000;

async function make(nowMs: number): Promise<Kept> {
  const host = `kms.${randomUUID()}.trunkline.local`;
  const made = await generate([{ name: 'commonName', value: host }], {
    keySize: 2048,
    algorithm: 'sha256',
    notBeforeDate: new Date(nowMs - 86_400_000),
    // clients that ever looked at it would all fail on the same day
    notAfterDate: new Date(nowMs + centuryMs),
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: host }] }],
  });
  return { host, keyId: randomUUID(), privateKey: made.private, certificate: made.cert };
}

export async function loadStaticKey(store: Store, vault: Vault, nowMs: number): Promise<StaticKey> {
  const row = await store.db.selectFrom('meta').select('value').where('key', '=', name).executeTakeFirst();
  let kept: Kept;
  if (row === undefined) {
    kept = await make(nowMs);
    const value = vault.wrap(name, Buffer.from(JSON.stringify(kept))).toString('base64');
    await store.write(({ tx }) => tx.insertInto('meta').values({ key: name, value }).execute());
  } else {
    const opened = vault.unwrap(name, Buffer.from(row.value, 'base64'));
    kept = JSON.parse(opened.toString('utf8')) as Kept;
  }
  const key: KeyObject = createPrivateKey(kept.privateKey);
  const certificate = new X509Certificate(kept.certificate);
  const { n = '', e = '' } = certificate.publicKey.export({ format: 'jwk' });
  const kid = `kms://${kept.host}/keys/${kept.keyId}`;
  return {
    host: kept.host,
    jwk: { kty: 'RSA', kid, n, e, x5c: [certificate.raw.toString('base64')] },
    decrypt: async (jwe) => {
      const { plaintext } = await compactDecrypt(jwe, key, {
        keyManagementAlgorithms: ['RSA-OAEP'],
        contentEncryptionAlgorithms: ['A256GCM'],
      });
      return Buffer.from(plaintext).toString('utf8');
    },
    sign: (plaintext) =>
      new CompactSign(Buffer.from(plaintext)).setProtectedHeader({ alg: 'RS256', kid }).sign(key),
  };
}
