import { createHash, randomUUID } from 'node:crypto';
import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import { sortScope } from './scopes.js';
import { type Granted, hashToken, opaqueToken, type Tokens } from './tokens.js';

const lifeMs = 5 * 60_000;
/** ms for which a code is remembered after its time, to know it when it is shown again */
const rememberedMs = 86_400_000;

export interface NewCode {
  readonly clientId: string;
  readonly userId: string;
  readonly redirectUri: string;
  readonly scope: string;
  /** PKCE, S256 */
  readonly challenge: string | undefined;
}
export interface Shown {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly verifier: string | undefined;
}

/** Authorization codes: good once, soon, and for the client, address and challenge they were made for. */
export function createCodes(kernel: Kernel, orgId: string, tokens: Tokens) {
  const { store } = kernel;
  return {
    async create(code: NewCode): Promise<string> {
      // the same form as an access token: clients read the organisation out of it
      const text = opaqueToken(orgId);
      await store.write(({ tx }) =>
        tx
          .insertInto('codes')
          .values({
            hash: hashToken(text),
            client_id: code.clientId,
            user_id: code.userId,
            redirect_uri: code.redirectUri,
            scope: code.scope,
            challenge: code.challenge ?? null,
            grant_id: randomUUID(),
            used_ms: null,
            expires_ms: removalTime(kernel) + lifeMs,
          })
          .execute(),
      );
      return text;
    },

    /** What the code gives, or why it gives nothing. A code shown twice was stolen: what it gave falls. */
    redeem: (text: string, shown: Shown): Promise<Granted | string> =>
      store.write(async (write) => {
        const hash = hashToken(text);
        const code = await write.tx
          .selectFrom('codes')
          .selectAll()
          .where('hash', '=', hash)
          .executeTakeFirst();
        if (code === undefined || code.client_id !== shown.clientId)
          return 'The code is not known, or was made for another client.';
        if (code.used_ms !== null) {
          await tokens.removeGrant(write, code.grant_id);
          return 'The code was used before; what it gave is revoked. Sign in again.';
        }
        if (code.expires_ms <= removalTime(kernel)) return 'The code has expired. Sign in again.';
        if (code.redirect_uri !== shown.redirectUri)
          return 'The redirect_uri is not the one that the code was asked for with.';
        if (code.challenge === null && shown.verifier !== undefined)
          return 'The code was asked for without a code_challenge, so there is nothing to verify.';
        if (code.challenge !== null) {
          if (shown.verifier === undefined) return 'The field code_verifier is missing.';
          if (createHash('sha256').update(shown.verifier).digest('base64url') !== code.challenge)
            return 'The code_verifier is not the one of the code_challenge.';
        }
        await write.tx
          .updateTable('codes')
          .set({ used_ms: removalTime(kernel) })
          .where('hash', '=', hash)
          .execute();
        return tokens.grant(
          code.user_id,
          { clientId: code.client_id, scope: code.scope, grantId: code.grant_id },
          write,
        );
      }),

    sweep: (): Promise<unknown> =>
      store.write(({ tx }) =>
        tx
          .deleteFrom('codes')
          .where('expires_ms', '<', removalTime(kernel) - rememberedMs)
          .execute(),
      ),
  };
}
export type Codes = ReturnType<typeof createCodes>;

/** What people allowed clients, so that they are asked once for each right. */
export function createConsents(kernel: Kernel) {
  const { store } = kernel;
  const of = async (userId: string, clientId: string): Promise<string> => {
    const row = await store.db
      .selectFrom('consents')
      .select('scope')
      .where('user_id', '=', userId)
      .where('client_id', '=', clientId)
      .executeTakeFirst();
    return row?.scope ?? '';
  };
  return {
    /** Whether every one of these was allowed by its name: a wide scope does not imply others. */
    async given(userId: string, clientId: string, scope: string): Promise<boolean> {
      const had = new Set((await of(userId, clientId)).split(' '));
      return scope.split(' ').every((part) => had.has(part));
    },
    async give(userId: string, clientId: string, scope: string): Promise<void> {
      const both = sortScope(`${await of(userId, clientId)} ${scope}`);
      const given_ms = kernel.now();
      await store.write(({ tx }) =>
        tx
          .insertInto('consents')
          .values({ user_id: userId, client_id: clientId, scope: both, given_ms })
          .onConflict((conflict) =>
            conflict.columns(['user_id', 'client_id']).doUpdateSet({ scope: both, given_ms }),
          )
          .execute(),
      );
    },
  };
}
export type Consents = ReturnType<typeof createConsents>;
