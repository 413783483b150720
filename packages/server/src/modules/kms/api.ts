import type { Write } from '../../kernel/store/index.js';
import type { Caller } from '../identity/api.js';

/** Key service, as other services on this machine use it. Callers have checked membership. */
export interface Kms {
  /** A new key bound to a new resource that these people may use. */
  createConversationKey(
    write: Write,
    creatorId: string,
    userIds: readonly string[],
  ): Promise<{ readonly keyUrl: string; readonly kroUrl: string }>;
  authorize(write: Write, kroUrl: string, userIds: readonly string[]): Promise<void>;
  revoke(write: Write, kroUrl: string, userId: string): Promise<void>;
  /** Text → compact JWE under the key (REST in clear arrives here and is stored as ciphertext). */
  encrypt(keyUrl: string, plaintext: string): Promise<string>;
  /** @throws when the key is gone or the text was altered */
  decrypt(keyUrl: string, jwe: string): Promise<string>;
  /**
   * A `kmsMessage` embedded in another service's request: unwrapped, checked against the caller, carried out within
   * `write`. Returns what it did (and the wrapped answer, which may be handed back).
   */
  embedded(
    write: Write,
    caller: Caller,
    jwe: string,
  ): Promise<{
    readonly keyUris: readonly string[];
    readonly kroUrl: string | undefined;
    readonly answer: string;
  }>;

  /**
   * Whether new content of this resource may be under this key; an unbound key of that person is bound to it. `retired`:
   * it could once, until a user who could have the key left.
   */
  claim(
    write: Write,
    userId: string,
    keyUrl: string,
    kroUrl: string,
  ): Promise<'usable' | 'retired' | 'foreign'>;
  /** From now on nothing new may be under the keys of this resource; what is under them stays readable for its members. */
  retireKeys(write: Write, kroUrl: string): Promise<void>;
  /** Several texts at once, in this order; undefined for each that cannot be read (any more). */
  decryptAll(
    sealed: readonly { readonly keyUrl: string; readonly jwe: string }[],
  ): Promise<readonly (string | undefined)[]>;
  /** What this person wrote under a key that they may use; undefined when they may not, or it cannot be read. */
  decryptFor(userId: string, keyUrl: string, jwe: string): Promise<string | undefined>;
  /** One key more for a resource. */
  createKey(write: Write, creatorId: string, kroUrl: string): Promise<string>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly kms: Kms;
  }
}
