import {
  memoryStorage,
  namespaced,
  silentLogger,
  systemClock,
  type Clock,
  type Logger,
  type Storage,
  type TokenFunction,
} from '@trunkline/core';
import type { Endpoints } from './endpoints.js';
import type { Granted, OAuthClient } from './grant.js';
import { createSession, inTurn, type Session } from './session.js';
import type { SignInState } from './state-object.js';

/** Someone's tokens. */
export interface SignedIn {
  /** For `createClient({ token })`, also for several clients. Renews before the end and after a refusal. */
  readonly token: TokenFunction;
  /** What was handed to `authorizeUrl`. */
  readonly state: SignInState | undefined;
  /** Forgets and revokes. @throws {SdkError} when the service could not be reached; the tokens are forgotten all the same */
  readonly signOut: () => Promise<void>;
}

interface KeptOptions extends OAuthClient {
  readonly storage?: Storage;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  readonly logger?: Logger;
}

/** The sign-ins of one client, by a name for each person, outside of a browser. */
export function createSignIns(options: KeptOptions, endpoints: Endpoints, redirectUri?: string) {
  const { clientId, clientSecret, storage = memoryStorage(), clock = systemClock } = options;
  const { logger: log = silentLogger } = options;
  const fetcher: typeof fetch = (input, init) => (options.fetch ?? globalThis.fetch)(input, init);
  const turns = inTurn();
  const name = `${clientId}@${new URL(endpoints.token).host}`;
  const mine = namespaced(namespaced(storage, 'auth'), name);

  const sessionOf = (user: string): Session =>
    createSession({
      client: { clientId, clientSecret },
      ...(redirectUri !== undefined && { redirectUri }),
      endpoints,
      storage: namespaced(mine, user),
      exclusive: (run) => turns(user, run),
      fetch: fetcher,
      clock,
      log,
    });
  const signedIn = (session: Session, state?: SignInState): SignedIn => ({
    token: session.token,
    state,
    signOut: async () => {
      const kept = await session.forget();
      if (kept !== undefined) await session.revoke(kept);
    },
  });
  return {
    keep: async (user: string, granted: Granted, state?: SignInState): Promise<SignedIn> => {
      const session = sessionOf(user);
      await session.keep(granted);
      return signedIn(session, state);
    },
    restore: async (user: string): Promise<SignedIn | undefined> => {
      const session = sessionOf(user);
      return (await session.current()) === undefined ? undefined : signedIn(session);
    },
  };
}
