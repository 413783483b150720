// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { messages } from '../../src/index.js';

declare const createClient: CreateClient;
const withIt = createClient({ token: 't', plugins: [messages()] });
const without = createClient({ token: 't', plugins: [] });

// @ts-expect-error it was not given
export const none: unknown = without.messages;
export const later = without.use(messages()).messages;

export const text: Promise<string | undefined> = withIt.messages.get('id').then((message) => message.text);
void withIt.messages.create({ roomId: 'r', files: [new Uint8Array(1), 'https://example.com/a.png'] });
withIt.messages.on('deleted', ({ personId }) => personId.length);

// @ts-expect-error a number is not a file
void withIt.messages.create({ roomId: 'r', files: [1] });
// @ts-expect-error a room is needed
withIt.messages.list({});
// @ts-expect-error what was deleted has no text any more
withIt.messages.on('deleted', ({ text }: { text: string }) => text.length);
// @ts-expect-error bytes are a number
messages({ maxFileBytes: 'many' });
