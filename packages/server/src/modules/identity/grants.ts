import { removalTime } from '../../kernel/clock.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Tokens } from './tokens.js';

/** A client that may act for a person. */
export interface HeldGrant {
  readonly clientId: string;
  readonly name: string;
  /** space separated, sorted */
  readonly scope: string;
  /** whether it holds tokens now */
  readonly active: boolean;
}

/** What clients may do for a person, as the person sees it: what they allowed, and the tokens that came of it. */
export function createGrants(kernel: Kernel, tokens: Tokens) {
  const { store } = kernel;
  return {
    async of(userId: string): Promise<readonly HeldGrant[]> {
      const consents = await store.db
        .selectFrom('consents')
        .select(['client_id', 'scope'])
        .where('user_id', '=', userId)
        .execute();
      const held = await store.db
        .selectFrom('tokens')
        .select(['client_id', 'scope'])
        .distinct()
        .where('user_id', '=', userId)
        .where('client_id', 'is not', null)
        .where('expires_ms', '>', removalTime(kernel))
        .execute();
      const found = new Map<string, { scopes: Set<string>; active: boolean }>();
      const add = (clientId: string, scope: string, active: boolean): void => {
        const before = found.get(clientId) ?? { scopes: new Set<string>(), active: false };
        for (const part of scope.split(' ')) before.scopes.add(part);
        found.set(clientId, { scopes: before.scopes, active: active || before.active });
      };
      for (const { client_id, scope } of consents) add(client_id, scope, false);
      for (const { client_id, scope } of held) if (client_id !== null) add(client_id, scope, true);
      const names = new Map<string, string>();
      if (found.size > 0)
        for (const { id, name } of await store.db
          .selectFrom('clients')
          .select(['id', 'name'])
          .where('id', 'in', [...found.keys()].slice(0, 1000))
          .execute())
          names.set(id, name);
      return [...found]
        .map(([clientId, { scopes, active }]) => ({
          clientId,
          name: names.get(clientId) ?? clientId,
          scope: [...scopes].sort().join(' '),
          active,
        }))
        .sort((a, b) => a.name.localeCompare(b.name));
    },
    /** The client is asked about again, and what it holds of this person falls. */
    withdraw: (userId: string, clientId: string): Promise<void> =>
      store.write(async (write) => {
        await write.tx
          .deleteFrom('consents')
          .where('user_id', '=', userId)
          .where('client_id', '=', clientId)
          .execute();
        // codes under way would give new tokens
        await write.tx
          .deleteFrom('codes')
          .where('user_id', '=', userId)
          .where('client_id', '=', clientId)
          .execute();
        await write.tx
          .deleteFrom('device_codes')
          .where('user_id', '=', userId)
          .where('client_id', '=', clientId)
          .execute();
        await tokens.removeHeld(write, { clientId, userId });
      }),
  };
}
export type Grants = ReturnType<typeof createGrants>;
