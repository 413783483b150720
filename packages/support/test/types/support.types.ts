// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { support } from '../../src/index.js';
import type { Support } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have it
export const given: Support = createClient({ token: 't', plugins: [support()] }).support;
export const registered: Pick<Support, keyof Support> = createClient({ token: 't' }).support;

export const titles: Promise<string> = given.get('id').then(({ title }) => title);
for await (const one of given.list({ max: 10 })) one.id.trim();

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).support;
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error no such query
given.list({ min: 1 });
