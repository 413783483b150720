import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

/** Keys at rest: AES-256-GCM under the master key, tied to their name, so that two cannot be swapped in the table. */
export interface Vault {
  wrap(name: string, secret: Uint8Array): Buffer;
  /** @throws when the master key is another one, or the row was altered */
  unwrap(name: string, wrapped: Uint8Array): Buffer;
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
  };
}
