// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { presence } from '../../src/index.js';
import type { Presence } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have it
export const given: Presence = createClient({ token: 't', plugins: [presence()] }).presence;
export const registered: Pick<Presence, keyof Presence> = createClient({ token: 't' }).presence;

export const titles: Promise<string> = given.get('id').then(({ title }) => title);
for await (const one of given.list({ max: 10 })) one.id.trim();

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).presence;
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error no such query
given.list({ min: 1 });
