// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { webhooks } from '../../src/index.js';
import type { Webhooks } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have it
export const given: Webhooks = createClient({ token: 't', plugins: [webhooks()] }).webhooks;
export const registered: Pick<Webhooks, keyof Webhooks> = createClient({ token: 't' }).webhooks;

export const titles: Promise<string> = given.get('id').then(({ title }) => title);
for await (const one of given.list({ max: 10 })) one.id.trim();

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).webhooks;
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error no such query
given.list({ min: 1 });
