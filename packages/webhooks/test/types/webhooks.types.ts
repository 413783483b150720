// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { verifyWebhook, webhooks } from '../../src/index.js';
import type { Webhook, Webhooks } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;
declare const fetched: Webhook;

// both ways to have it
export const given: Webhooks = createClient({ token: 't', plugins: [webhooks()] }).webhooks;
export const registered: Webhooks = createClient({ token: 't' }).webhooks;

// what was fetched can be handed back
export const updated: Promise<Webhook> = given.update({ ...fetched, status: 'active' });
for await (const { status } of given.list({ max: 10, ownedBy: 'org' })) status.trim();
export const good: Promise<boolean> = verifyWebhook(new Uint8Array(), undefined, 'secret');

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).webhooks;
// @ts-expect-error a target is needed
void given.create({ name: 'n', resource: 'messages', event: 'created' });
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error no such query
given.list({ min: 1 });
