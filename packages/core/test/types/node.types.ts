// Compiled, never run.
import { Agent } from 'node:https';
import { createClient, type NodeClientOptions } from '../../src/kernel/create-client.node.js';
import { createClient as createInBrowser } from '../../src/kernel/create-client.web.js';
import { definePlugin } from '../../src/kernel/plugin.js';

const token = 'A_B_C';
const polls = definePlugin({ name: 'polls', setup: () => ({ max: 1 }) });
const dispatcher = { dispatch: (): boolean => true };

createClient({ token, dispatcher, agent: new Agent(), ca: 'PEM', plugins: [polls()] }).polls
  .max satisfies number;
createClient({ token, ca: [new Uint8Array(), 'PEM'] });
({ token, agent: new Agent() }) satisfies NodeClientOptions;
// @ts-expect-error nothing that could dispatch
createClient({ token, dispatcher: 'http://proxy' });
// @ts-expect-error browsers choose their proxy themselves
createInBrowser({ token, dispatcher });
