import type { Token, TokenContext, TokenFunction } from '@trunkline/core';
import { bare, isFresh } from './session.js';
import { singleFlight } from './single-flight.js';

/** A token function for grants that need no memory: one token for all clients that share the function. */
export function sharedToken(
  get: (context: TokenContext, signal: AbortSignal) => Promise<Token>,
): TokenFunction {
  let last: Token | undefined;
  const getOnce = singleFlight(async (context: TokenContext, signal) => (last = await get(context, signal)));
  return async (context) => {
    const nowMs = context.now?.() ?? Date.now();
    // another client had it renewed already
    if (last !== undefined && last.accessToken !== context.previous?.accessToken && isFresh(last, nowMs))
      return bare(last);
    return bare(await getOnce(context, context.signal));
  };
}
