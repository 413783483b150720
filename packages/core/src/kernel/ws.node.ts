import * as ws from 'ws';

/**
 * `ws`, whose import costs a program more than all the rest of this package. The build for Node itself replaces this
 * module by one that requires it at the first call (tools/build/node.mjs).
 */
export const load = (): typeof ws => ws;
