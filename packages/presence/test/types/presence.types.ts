// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { presence } from '../../src/index.js';
import type { Presence } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have it
export const given: Presence = createClient({ token: 't', plugins: [presence({ batchSize: 50 })] }).presence;
export const registered: Pick<Presence, keyof Presence> = createClient({ token: 't' }).presence;

export const status: Promise<string> = given.get('id').then((one) => one.status);
export const times: Promise<readonly (string | undefined)[]> = given
  .list(['id'])
  .then((all) => all.map((one) => one.lastActive));
given.on('updated', (update) => {
  if (update.type === 'delete') update.payload.map((id) => id.trim());
  else if (update.type === 'presence') update.payload.statusList.map(({ subject }) => subject);
  else update.payload.subject.trim();
});
const ben = given.watch('id');
ben.on('change:status', (now) => now.trim());
ben.on('change:isOnline', (online) => !online);
export const online: boolean = ben.isOnline;
ben.close();

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [] }).presence;
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error no such status
void given.setStatus('dancing');
// @ts-expect-error nothing of that name is watched
ben.on('change:mood', () => undefined);
// @ts-expect-error a model is moved by presence alone
ben.status = 'active';
