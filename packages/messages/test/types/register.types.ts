// compiled, never run
import type { CreateClient } from '@trunkline/core';
import type { Messages } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

export const registered: Messages = createClient({ token: 't' }).messages;
// @ts-expect-error plugins were given, messages was not among them
createClient({ token: 't', plugins: [] }).messages;
// @ts-expect-error no one registered it
createClient({ token: 't' }).polls;
// @ts-expect-error no such method
createClient({ token: 't' }).messages.nothing();
