// compiled, never run
import type { Conversation } from '@trunkline/conversation';
import type { CreateClient } from '@trunkline/core';
import type { Encryption } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// one import brings both
export const encryption: Encryption = createClient({ token: 't' }).encryption;
export const conversation: Conversation = createClient({ token: 't' }).conversation;
// @ts-expect-error plugins were given, encryption was not among them
createClient({ token: 't', plugins: [] }).encryption;
// @ts-expect-error no such method
createClient({ token: 't' }).encryption.nothing();
