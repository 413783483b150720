import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import { type Granted, hashPassword, hashToken, type Tokens, verifyPassword } from '../identity/api.js';
import type { OneTimeCodesTable } from './schema.js';

/** ms */
const lifeMs = { password: 10 * 60_000, activation: 24 * 3_600_000 } as const;
/** wrong ones of one code */
const mostTries = 5;
/** ms after signing in by a code within which a new password may be set */
export const freshMs = 30 * 60_000;

export type Kind = OneTimeCodesTable['kind'];
export interface Sent {
  readonly id: string;
  /** eight digits */
  readonly code: string;
  /** the long text that needs no id; of activations */
  readonly token: string;
}
/** What is shown: the code of an id or a person, or the long text. */
export type Proof =
  | { readonly userId: string | undefined; readonly code: string }
  | { readonly id: string; readonly code: string }
  | { readonly token: string };

/** Codes that went to a mailbox. The digits are few, so they are hashed as slowly as passwords and tried five times at most. */
export function createOneTimeCodes(kernel: Kernel, tokens: Tokens) {
  const { store } = kernel;

  // counts the try before it is made: a thousand at the same time are a thousand
  const counted = async (kind: Kind, proof: Proof): Promise<OneTimeCodesTable | undefined> => {
    if ('userId' in proof && proof.userId === undefined) return undefined;
    return store.write(({ tx }) => {
      const update = tx
        .updateTable('one_time_codes')
        .set((each) => ({ tries: each('tries', '+', 1) }))
        .where('kind', '=', kind)
        .where('tries', '<', mostTries)
        .where('expires_ms', '>', removalTime(kernel));
      const mine =
        'token' in proof
          ? update.where('token_hash', '=', hashToken(proof.token))
          : 'id' in proof
            ? update.where('id', '=', proof.id)
            : update.where('user_id', '=', proof.userId ?? '');
      return mine.returningAll().executeTakeFirst();
    });
  };

  return {
    /** A new code, instead of the one before. */
    async create(kind: Kind, userId: string, clientId: string): Promise<Sent> {
      const code = String(randomInt(100_000_000)).padStart(8, '0');
      const token = randomBytes(32).toString('base64url');
      const id = randomUUID();
      const row: OneTimeCodesTable = {
        id,
        kind,
        user_id: userId,
        client_id: clientId,
        token_hash: kind === 'activation' ? hashToken(token) : null,
        code_hash: await hashPassword(code),
        tries: 0,
        expires_ms: removalTime(kernel) + lifeMs[kind],
      };
      await store.write(async ({ tx }) => {
        await tx
          .deleteFrom('one_time_codes')
          .where('user_id', '=', userId)
          .where('kind', '=', kind)
          .execute();
        await tx.insertInto('one_time_codes').values(row).execute();
      });
      return { id, code, token };
    },

    /** Takes as long as a new code, for an unknown address. */
    pretend: async (): Promise<void> => {
      await hashPassword('00000000');
    },

    /** Tokens for a right proof, once; undefined for every wrong one, as slowly. */
    async redeem(
      kind: Kind,
      proof: Proof,
      client: { readonly id: string; readonly scope: string },
    ): Promise<{ readonly userId: string; readonly granted: Granted } | undefined> {
      const row = await counted(kind, proof);
      const right =
        'token' in proof ? row !== undefined : await verifyPassword(proof.code, row?.code_hash ?? null);
      // a code that another client had sent is none of this one's business
      if (row === undefined || !right || row.client_id !== client.id) return undefined;
      return store.write(async (write) => {
        const gone = await write.tx
          .deleteFrom('one_time_codes')
          .where('id', '=', row.id)
          .returning('id')
          .executeTakeFirst();
        if (gone === undefined) return undefined; // another call was first
        const grantId = randomUUID();
        await write.tx
          .insertInto('fresh_grants')
          .values({ grant_id: grantId, user_id: row.user_id, expires_ms: removalTime(kernel) + freshMs })
          .execute();
        const granted = await tokens.grant(
          row.user_id,
          { clientId: client.id, scope: client.scope, grantId },
          write,
        );
        return { userId: row.user_id, granted };
      });
    },

    /** Whether the sign-in behind this access token came of a code a short while ago. */
    async isFresh(tokenHash: string): Promise<boolean> {
      const row = await store.db
        .selectFrom('tokens')
        .innerJoin('fresh_grants', 'fresh_grants.grant_id', 'tokens.grant_id')
        .select('fresh_grants.grant_id')
        .where('tokens.hash', '=', tokenHash)
        .where('fresh_grants.expires_ms', '>', removalTime(kernel))
        .executeTakeFirst();
      return row !== undefined;
    },

    sweep: (): Promise<unknown> =>
      store.write(async ({ tx }) => {
        for (const table of ['one_time_codes', 'fresh_grants'] as const)
          await tx.deleteFrom(table).where('expires_ms', '<', removalTime(kernel)).execute();
      }),
  };
}
export type OneTimeCodes = ReturnType<typeof createOneTimeCodes>;
