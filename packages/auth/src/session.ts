import {
  isSdkError,
  sdkError,
  type Clock,
  type Logger,
  type Storage,
  type Token,
  type TokenContext,
  type TokenFunction,
} from '@trunkline/core';
import { createKeyedQueue } from '@trunkline/core/kit';
import type { Endpoints } from './endpoints.js';
import { grant, revokeAt, type Call, type Granted, type OAuthClient } from './grant.js';
import { parseKept } from './kept.js';
import { singleFlight } from './single-flight.js';

/** Runs alone among all who share the tokens, as far as they can be reached. */
export type Exclusive = <T>(run: () => Promise<T>) => Promise<T>;

export interface SessionParts {
  readonly client: OAuthClient;
  /** left out: a sign-in that came by no address, such as a device's */
  readonly redirectUri?: string;
  readonly endpoints: Endpoints;
  /** of these tokens alone */
  readonly storage: Storage;
  readonly exclusive: Exclusive;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly log: Logger;
}

/** One person's tokens: kept, renewed, ended. */
export interface Session {
  /** What is kept and may still work. */
  current(): Promise<Granted | undefined>;
  keep(granted: Granted): Promise<void>;
  readonly token: TokenFunction;
  /** Forgets, here and in storage; answers what there was. */
  forget(): Promise<Granted | undefined>;
  /** Revokes these tokens at the service. @throws {SdkError} as `revoke` */
  revoke(granted: Granted): Promise<void>;
}

const KEY = 'tokens';

export function createSession(parts: SessionParts): Session {
  const { client, redirectUri, endpoints, storage, exclusive, clock, log } = parts;
  let memory: Granted | undefined; // what storage should hold
  let unstored = false; // it does not: memory is the truth
  let previous: string | undefined; // the access token before the present one

  const keep = async (granted: Granted): Promise<void> => {
    memory = granted;
    try {
      await storage.set(KEY, JSON.stringify(granted));
      unstored = false;
    } catch (error) {
      unstored = true;
      log.warn({ error }, 'the tokens could not be stored; they last as long as this page or process');
    }
  };
  const forget = async (): Promise<void> => {
    memory = undefined;
    unstored = false;
    try {
      await storage.remove(KEY);
    } catch (error) {
      log.warn({ error }, 'the tokens could not be removed from storage');
    }
  };
  const read = async (): Promise<Granted | undefined> => {
    if (unstored) return memory;
    let text: string | undefined;
    try {
      text = await storage.get(KEY);
    } catch (error) {
      log.warn({ error }, 'the tokens could not be read from storage');
      return memory;
    }
    const kept = text === undefined ? undefined : parseKept(text);
    if (text !== undefined && kept === undefined) {
      log.warn({}, 'what was stored as tokens is not readable, and was dropped');
      await forget();
    }
    return (memory = kept);
  };
  const isGood = (kept: Granted): boolean => isFresh(kept, clock.now());

  // nothing is dropped because of our own clock, which may be wrong: the service is the judge of a refresh token
  const current = async (): Promise<Granted | undefined> => {
    const kept = await read();
    if (kept === undefined || isGood(kept)) return kept;
    const { refreshToken, refreshExpiresAtMs = Number.POSITIVE_INFINITY } = kept;
    return refreshToken !== undefined && refreshExpiresAtMs > clock.now() ? kept : undefined;
  };
  /** Someone else renewed it already: another tab, another client. */
  const newer = (kept: Granted | undefined, { previous }: TokenContext): Granted | undefined =>
    kept !== undefined && kept.accessToken !== previous?.accessToken && isGood(kept) ? kept : undefined;

  const renew = (context: TokenContext): Promise<Granted> =>
    exclusive(async () => {
      const kept = await read();
      const done = newer(kept, context);
      if (done !== undefined) return done;
      if (kept === undefined)
        throw sdkError('ERR_AUTH_EXPIRED', 'no one is signed in, or not any more; sign in again');
      const { refreshToken } = kept;
      if (refreshToken === undefined)
        throw sdkError('ERR_TOKEN_INVALID', 'the token has ended and cannot be renewed; sign in again');
      const fields = { grant_type: 'refresh_token', redirect_uri: redirectUri, refresh_token: refreshToken };
      // not aborted with the client that asked: a rotated refresh token on its way must not be lost
      const call = { fetch: context.fetch, now: () => clock.now() };
      try {
        const granted = await grant(endpoints.token, client, fields, call);
        const { scope, refreshExpiresAtMs } = kept;
        const rotated = granted.refreshToken !== undefined;
        const merged: Granted = {
          ...(scope !== undefined && { scope }),
          ...(!rotated && { refreshToken, ...(refreshExpiresAtMs !== undefined && { refreshExpiresAtMs }) }),
          ...granted,
        };
        await keep(merged); // before anyone uses it
        if (previous !== undefined) revokeOld(previous, call);
        previous = kept.accessToken;
        return merged;
      } catch (error) {
        if (!isSdkError(error) || error.code !== 'ERR_TOKEN_INVALID') throw error;
        // another tab was first, and its tokens reached this tab's storage only now: Web Locks do not wait for localStorage
        const theirs = newer(await read(), { ...context, previous: kept });
        if (theirs !== undefined) return theirs;
        await forget();
        throw error;
      }
    });
  /** An access token that was replaced twice: no request can be under way with it any more. */
  const revokeOld = (token: string, call: Call): void => {
    revokeAt(endpoints.revoke, client, token, 'access_token', call).catch((error: unknown) => {
      log.debug({ error }, 'the access token before the last refresh could not be revoked');
    });
  };
  const renewOnce = singleFlight((context: TokenContext) => renew(context));

  return {
    current,
    keep: (granted) => exclusive(() => keep(granted)),
    token: async (context) =>
      bare(newer(await read(), context) ?? (await renewOnce(context, context.signal))),
    forget: () =>
      exclusive(async () => {
        const last = await read();
        await forget();
        return last;
      }),
    revoke: async ({ accessToken, refreshToken }) => {
      const call = { fetch: parts.fetch, now: () => clock.now() };
      // the refresh token first: with it the service ends everything of this sign-in
      if (refreshToken !== undefined)
        await revokeAt(endpoints.revoke, client, refreshToken, 'refresh_token', call);
      await revokeAt(endpoints.revoke, client, accessToken, 'access_token', call);
    },
  };
}

// clocks run differently, and a request takes its time
const SKEW_MS = 10_000;
/** Whether a token may be handed out. */
export const isFresh = ({ expiresAtMs }: Token, nowMs: number): boolean =>
  expiresAtMs === undefined || expiresAtMs - SKEW_MS > nowMs;

/** What a client is given of a grant. */
export const bare = ({ accessToken, expiresAtMs }: Token): Token => ({
  accessToken,
  ...(expiresAtMs !== undefined && { expiresAtMs }),
});

/** One after the other for each key, within this program. */
export function inTurn(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const queue = createKeyedQueue();
  return (key, run) =>
    new Promise((resolve, reject) => {
      void queue.run(key, () => run().then(resolve, reject));
    });
}
