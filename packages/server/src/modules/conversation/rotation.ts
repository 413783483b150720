import type { WireObject } from '@trunkline/wire';
import { text } from '../../kernel/http/untrusted.js';
import type { Write } from '../../kernel/store/index.js';
import type { Caller } from '../identity/api.js';
import type { Kms } from '../kms/api.js';
import type { Decision } from './rule.js';
import { type ConversationChange, type ConversationRecord, hasMembers } from './store.js';

/**
 * A conversation's own texts under another key. What cannot be read under the old one was never readable: it is dropped
 * rather than standing in the way of everything else.
 */
export async function underKey(
  kms: Kms,
  conversation: ConversationRecord,
  keyUrl: string,
): Promise<ConversationChange> {
  const move = async (ciphertext: string): Promise<string | undefined> => {
    try {
      return await kms.encrypt(keyUrl, await kms.decrypt(conversation.keyUrl, ciphertext));
    } catch {
      return undefined;
    }
  };
  const title = conversation.title === null ? null : ((await move(conversation.title)) ?? null);
  const description = text(conversation.extra['description']);
  if (description === undefined) return { keyUrl, title };
  const moved = await move(description);
  return { keyUrl, title, extra: { ...conversation.extra, description: moved } };
}

export const keyChange = (conversation: ConversationRecord, keyUrl: string): WireObject => ({
  objectType: 'conversation',
  id: conversation.id,
  defaultActivityEncryptionKeyUrl: keyUrl,
});

/**
 * What follows when a user left: a key that they never had, for everything from now on. Undefined when nothing is to
 * be done, or no one is there to write. See decision 0015.
 */
export async function rotation(
  write: Write,
  caller: Caller,
  conversation: ConversationRecord,
  kms: Kms,
): Promise<Decision | undefined> {
  if (!conversation.keyRetired || !(await hasMembers(write.tx, conversation.id))) return undefined;
  const keyUrl = await kms.createKey(write, caller.user.id, conversation.kroUrl);
  return {
    object: keyChange(conversation, keyUrl),
    kept: true,
    audience: 'members',
    change: { ...(await underKey(kms, conversation, keyUrl)), keyRetired: false },
  };
}
