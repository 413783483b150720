import { fromEnv } from './env.js';

/** `import webex from '@trunkline/webex/env'`: signed in with `WEBEX_ACCESS_TOKEN`. */
const webex = fromEnv(
  (globalThis as { readonly process?: { readonly env: Readonly<Record<string, string>> } }).process?.env ??
    {},
);
export { webex, webex as default };
