import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  hkdfSync,
  randomBytes,
  timingSafeEqual,
} from 'node:crypto';

/** Keys at rest: AES-256-GCM under the master key, tied to their name, so that two cannot be swapped in the table. */
export interface Vault {
  wrap(name: string, secret: Uint8Array): Buffer;
  /** @throws when the master key is another one, or the row was altered */
  unwrap(name: string, wrapped: Uint8Array): Buffer;
  /** Signatures for what is handed out and comes back (capabilities, cursors). */
  signer(purpose: string): Signer;
}

export interface Signer {
  sign(text: string): string;
  verify(text: string, signature: string): boolean;
}

export function createVault(masterKey: Uint8Array): Vault {
  return {
    wrap: (name, secret) => {
      const iv = randomBytes(12);
      const cipher = createCipheriv('aes-256-gcm', masterKey, iv);
      cipher.setAAD(Buffer.from(name));
      const body = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), body]);
    },
    unwrap: (name, wrapped) => {
      const bytes = Buffer.from(wrapped);
      const decipher = createDecipheriv('aes-256-gcm', masterKey, bytes.subarray(0, 12), {
        authTagLength: 16,
      });
      decipher.setAAD(Buffer.from(name));
      decipher.setAuthTag(bytes.subarray(12, 28));
      return Buffer.concat([decipher.update(bytes.subarray(28)), decipher.final()]);
    },
    signer: (purpose) => {
      const key = Buffer.from(hkdfSync('sha256', masterKey, '', `trunkline/${purpose}`, 32));
      const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest();
      return {
        sign: (text) => sign(text).toString('base64url'),
        verify: (text, signature) => {
          const given = Buffer.from(signature, 'base64url');
          const right = sign(text);
          return given.length === right.length && timingSafeEqual(given, right);
        },
      };
    },
  };
}
