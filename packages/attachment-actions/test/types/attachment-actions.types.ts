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

export const answer: Promise<unknown> = given.get('id').then(({ inputs }) => inputs?.['name']);
void given.create({ type: 'submit', messageId: 'm', inputs: { name: 'Ben', count: 2 } });
given.on('created', ({ messageId }) => messageId.trim());

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).attachmentActions;
// @ts-expect-error there is no other kind
void given.create({ type: 'execute', messageId: 'm' });
// @ts-expect-error of which message
void given.create({ type: 'submit' });
// @ts-expect-error no such event
given.on('deleted', () => undefined);
