// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { people, type Person } from '../../src/index.js';

declare const createClient: CreateClient;
const withIt = createClient({ token: 't', plugins: [people()] });
const without = createClient({ token: 't', plugins: [] });

// @ts-expect-error it was not given
export const none: unknown = without.people;
export const later = without.use(people()).people;

export const several: Promise<readonly Person[]> = withIt.people.list(['a', 'b']);
for await (const person of withIt.people.list({ email: 'ana@example.com' })) person.displayName.trim();
people({ showAllTypes: true });

// @ts-expect-error people cannot be made here
void withIt.people.create({});
// @ts-expect-error a list by ids is not an iterable of pages
withIt.people.list(['a']).page();
// @ts-expect-error it is yes or no
people({ showAllTypes: 1 });
