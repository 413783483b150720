import type { Bounds } from './types.js';

/** Of what a call is given, only what bounds it. */
export const boundsOf = ({ signal, timeoutMs }: Bounds = {}): Bounds => ({
  ...(signal && { signal }),
  ...(timeoutMs !== undefined && { timeoutMs }),
});
