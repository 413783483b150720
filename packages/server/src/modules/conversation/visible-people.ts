import type { User } from '../identity/api.js';
import type { ConversationReads } from './reads.js';

export const isGuest = ({ roles }: Pick<User, 'roles'>): boolean => roles.includes('guest');

/**
 * Whom a person may look up: members of an organisation everyone, guests only people with whom they share a conversation,
 * and themselves.
 *
 * @returns those of the ids that may be shown
 */
export async function visiblePeople(
  reads: Pick<ConversationReads, 'sharing'>,
  caller: User,
  ids: readonly string[],
): Promise<ReadonlySet<string>> {
  if (!isGuest(caller)) return new Set(ids);
  const shared = ids.length === 0 ? new Set<string>() : await reads.sharing(caller.id, ids);
  return new Set(ids.filter((id) => id === caller.id || shared.has(id)));
}
