// compiled, never run
import type { CreateClient } from '@trunkline/core';
import type { Memberships } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

export const registered: Memberships = createClient({ token: 't' }).memberships;
// @ts-expect-error plugins were given, memberships was not among them
createClient({ token: 't', plugins: [] }).memberships;
// @ts-expect-error no one registered it
createClient({ token: 't' }).polls;
// @ts-expect-error no such method
createClient({ token: 't' }).memberships.nothing();
