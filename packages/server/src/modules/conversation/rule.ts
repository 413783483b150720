import type { WireObject, WireParent } from '@trunkline/wire';
import { contentHeader, isTooDeep, joseHeader } from '@trunkline/wire';
import { ApiError, badRequest, forbidden } from '../../kernel/http/errors.js';
import type { Write } from '../../kernel/store/index.js';
import type { FileReferences } from '../files/api.js';
import type { Caller, Identity } from '../identity/api.js';
import type { Kms } from '../kms/api.js';
import type { NewActivity, Participant, StoredActivity } from './api.js';
import { type ConversationChange, type ConversationRecord, hasModerator, isDirect } from './store.js';

/** Everything a verb's rule may look at: who does what, where, within which write. */
export interface RuleContext {
  readonly write: Write;
  readonly caller: Caller;
  readonly me: Participant;
  readonly conversation: ConversationRecord;
  readonly activity: NewActivity;
  readonly nowMs: number;
  readonly kms: Kms;
  readonly identity: Identity;
  readonly files: FileReferences;
}

/** What a rule decided; nothing of it has happened yet, except what the rule itself wrote. */
export interface Decision {
  /** as stored and as announced: content is ciphertext */
  readonly object: WireObject;
  readonly parent?: WireParent;
  readonly keyUrl?: string;
  /** part of the history; else it is only announced */
  readonly kept: boolean;
  /** who is notified; `none` when nothing changed */
  readonly audience: 'members' | 'self' | 'none';
  readonly change?: ConversationChange;
  /** a user's own tags changed: what sockets know of them is old */
  readonly tagsChanged?: boolean;
  /** what the same person does in other conversations by this, in the same write */
  readonly also?: readonly { readonly conversationId: string; readonly activity: NewActivity }[];
  /** who is in changes: runs once the event has its position */
  readonly afterEvent?: (pos: number) => Promise<void>;
  /** what else is written once the activity is: rows that it is found by */
  readonly index?: (stored: StoredActivity) => Promise<void>;
}
export type Rule = (context: RuleContext) => Promise<Decision>;

/**
 * In a locked conversation its moderators decide. One that is locked and has no moderator (data from before 0.2, or a
 * moderator whose account was removed) is treated as unlocked, so that it can still be managed.
 *
 * @throws ApiError 403
 */
export async function requireModerator({
  conversation,
  me,
  write,
}: Pick<RuleContext, 'conversation' | 'me' | 'write'>): Promise<void> {
  if (!conversation.tags.includes('LOCKED') || me.isModerator) return;
  if (await hasModerator(write.tx, conversation.id))
    throw forbidden('Only a moderator may do this in a locked space.');
}
export function requireGroup({ conversation }: RuleContext): void {
  if (isDirect(conversation)) throw forbidden('This cannot be done in a space of two people.');
}

/** Clients fetch the space, encrypt again and send again. @source protocol/conversation.md §3 */
export const staleKey = (): ApiError =>
  new ApiError(409, 'The key of this space has changed: encrypt under its new key.', { errorCode: 1409004 });

type Claimed = Pick<RuleContext, 'caller' | 'conversation' | 'kms' | 'write'>;

/** Whether the key may be used; `retired`: a user who left could have it. @throws ApiError 400 for a key of elsewhere */
async function claim({ caller, conversation, kms, write }: Claimed, keyUrl: string) {
  const answer = await kms.claim(write, caller.user.id, keyUrl, conversation.kroUrl);
  if (answer === 'foreign') throw badRequest('The encryption key does not belong to this space.');
  return answer;
}

/** @throws ApiError 400 for a key of elsewhere; 409 with errorCode 1409004 for one that a user who left could have */
export async function claimNew(context: Claimed, keyUrl: string): Promise<void> {
  if ((await claim(context, keyUrl)) === 'retired') throw staleKey();
}

/** What a text of an object may be, before it is encrypted. */
export interface TextRule {
  /** as it is called in an error */
  readonly name: string;
  readonly maxBytes: number;
  /** it is JSON: levels of arrays and objects */
  readonly maxDepth?: number;
}

// what nearly all ciphertext begins with
const usualHead = `${Buffer.from(JSON.stringify(contentHeader)).toString('base64url')}.`;
const isJwe = (text: string): boolean =>
  text.startsWith(usualHead) ? text.split('.').length === 5 : joseHeader(text)?.parts === 5;

/** Turns the texts of an object into ciphertext under the activity's key, or checks those that the client encrypted. */
export interface TextEncrypter {
  readonly keyUrl: string;
  /** @throws ApiError 400 when the text breaks the rule; it is decrypted to find out */
  text(given: string, rule: TextRule): Promise<string>;
}

// base64 of the text, and what a compact JWE has besides
const maxCiphertext = (maxBytes: number): number => Math.ceil((maxBytes * 4) / 3) + 2_048;

function checkText(plain: string, { maxBytes, maxDepth, name }: TextRule): void {
  if (Buffer.byteLength(plain) > maxBytes)
    throw badRequest(`${name} must not have more than ${String(maxBytes)} bytes before it is encrypted.`);
  if (maxDepth !== undefined && isTooDeep(plain, maxDepth))
    throw badRequest(`${name} must not be nested deeper than ${String(maxDepth)} levels.`);
}

export async function textEncrypter(context: RuleContext): Promise<TextEncrypter> {
  const { activity, conversation, kms } = context;
  const given = activity.encryptionKeyUrl;
  const { keyUrl } = conversation;
  if (given === undefined)
    return {
      keyUrl,
      text: (plain, rule) => {
        checkText(plain, rule);
        return kms.encrypt(keyUrl, plain);
      },
    };
  const retired = (await claim(context, given)) === 'retired';
  return {
    keyUrl: retired ? keyUrl : given,
    async text(ciphertext, rule) {
      if (ciphertext.length > maxCiphertext(rule.maxBytes))
        throw badRequest(`${rule.name} must not have more than ${String(rule.maxBytes)} bytes.`);
      if (!isJwe(ciphertext)) throw badRequest('With an encryptionKeyUrl every text must be encrypted.');
      // a text is shorter than its ciphertext: most need not be read to know that they are short enough
      if (!retired && rule.maxDepth === undefined && ciphertext.length <= rule.maxBytes) return ciphertext;
      // what cannot be read here stays as it is: readers leave it out
      const plain = await kms.decrypt(given, ciphertext).catch(() => undefined);
      if (plain !== undefined) checkText(plain, rule);
      if (!retired) return ciphertext;
      // a client that has not seen the new key yet is served: nothing under the old one is kept or sent on
      if (plain === undefined) throw staleKey();
      return kms.encrypt(keyUrl, plain);
    },
  };
}
