// compiled, never run
import type { CreateClient } from '@trunkline/core';
import type { People } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

export const registered: People = createClient({ token: 't' }).people;
// @ts-expect-error plugins were given, people was not among them
createClient({ token: 't', plugins: [] }).people;
// @ts-expect-error no one registered it
createClient({ token: 't' }).polls;
// @ts-expect-error no such method
createClient({ token: 't' }).people.nothing();
