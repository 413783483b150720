// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { rooms } from '../../src/index.js';

declare const createClient: CreateClient;
const withIt = createClient({ token: 't', plugins: [rooms()] });
const without = createClient({ token: 't', plugins: [] });

// @ts-expect-error it was not given
export const none: unknown = without.rooms;
export const later = without.use(rooms()).rooms;

export const plain: Promise<string | undefined> = withIt.rooms.get('id').then(({ title }) => title);
for await (const room of withIt.rooms.list({ type: 'direct' })) room.title?.trim();
withIt.rooms.on('updated', ({ id }) => id.length, { signal: new AbortController().signal });

// @ts-expect-error a title is needed
void withIt.rooms.create({});
// @ts-expect-error there is no such type of room
withIt.rooms.list({ type: 'crowd' });
// @ts-expect-error rooms are not deleted by event
withIt.rooms.on('deleted', () => undefined);
