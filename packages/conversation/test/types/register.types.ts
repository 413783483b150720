// compiled, never run
import type { CreateClient } from '@trunkline/core';
import type { Conversation } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

export const registered: Conversation = createClient({ token: 't' }).conversation;
// @ts-expect-error plugins were given, conversation was not among them
createClient({ token: 't', plugins: [] }).conversation;
// @ts-expect-error no one registered it
createClient({ token: 't' }).polls;
// @ts-expect-error no such method
createClient({ token: 't' }).conversation.nothing();
