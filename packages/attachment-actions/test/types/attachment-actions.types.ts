// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { attachmentActions } from '../../src/index.js';
import type { AttachmentActions } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have it
export const given: AttachmentActions = createClient({
  token: 't',
  plugins: [attachmentActions()],
}).attachmentActions;
export const registered: Pick<AttachmentActions, keyof AttachmentActions> = createClient({
  token: 't',
}).attachmentActions;

export const titles: Promise<string> = given.get('id').then(({ title }) => title);
for await (const one of given.list({ max: 10 })) one.id.trim();

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).attachmentActions;
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error no such query
given.list({ min: 1 });
