import type { Cursors } from '../kernel/http/cursor.js';
import { notFound } from '../kernel/http/errors.js';
import type { Kernel } from '../kernel/kernel.js';
import type { Needs } from '../kernel/module.js';
import type { Conversations } from '../modules/conversation/api.js';
import type { Caller, User } from '../modules/identity/api.js';
import type { Teams } from './teams/team-rooms.js';

export type RestNeeds = Needs<'conversation' | 'files' | 'identity' | 'kms' | 'mercury' | 'presence'>;
/** What the routes of every resource are made from. */
export interface Rest extends Omit<RestNeeds, 'conversation'> {
  readonly conversations: Conversations;
  readonly kernel: Kernel;
  readonly cursors: Cursors;
  readonly teams: Teams;
}
export async function membershipIn(rest: Rest, caller: Caller, id: string, message?: string) {
  const found = await rest.conversations.reads.membership(id, caller.user.id);
  if (found === undefined) throw notFound(message);
  return found;
}

/** One person, by id or by address. */
export async function findPerson(
  { identity }: Rest,
  { id, email }: { readonly id: string | undefined; readonly email: string | undefined },
): Promise<User | undefined> {
  if (id !== undefined) return identity.userById(id);
  return email === undefined ? undefined : identity.userByEmail(email.trim().toLowerCase());
}

/** Words in clear; undefined when no one here can read them (any more). */
export async function readable(
  { kms }: Rest,
  keyUrl: string | null,
  ciphertext: string | undefined,
): Promise<string | undefined> {
  if (ciphertext === undefined || keyUrl === null) return undefined;
  try {
    return await kms.decrypt(keyUrl, ciphertext);
  } catch {
    return undefined;
  }
}
