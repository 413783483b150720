// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { memberships } from '../../src/index.js';

declare const createClient: CreateClient;
const withIt = createClient({ token: 't', plugins: [memberships()] });
const without = createClient({ token: 't', plugins: [] });

// @ts-expect-error it was not given
export const none: unknown = without.memberships;
export const later = without.use(memberships()).memberships;

export const item: Promise<string> = withIt.memberships.get('id').then(({ personId }) => personId);
withIt.memberships.on('seen', ({ lastSeenId }) => lastSeenId?.length);
void withIt.memberships.updateLastSeen({ id: 'm', roomId: 'r' });

// @ts-expect-error both ids are needed
void withIt.memberships.updateLastSeen({ id: 'm' });
// @ts-expect-error a room is needed
void withIt.memberships.create({ personId: 'p' });
// @ts-expect-error there is no such event
withIt.memberships.on('read', () => undefined);
