// Reactions: the same one of the same person to the same message only once.
import { createHash } from 'node:crypto';
import { ApiError, badRequest } from '../../../kernel/http/errors.js';
import { text } from '../../../kernel/http/untrusted.js';
import { insertReaction, kindsOfReactions, reactionsBy } from '../related.js';
import { type Decision, type RuleContext, textEncrypter } from '../rule.js';
import { parentOf, sealFields } from './content.js';

/** different reactions of one person to one message, … */
const maxPerPerson = 20;
/** … and of all people */
const maxKinds = 100;
const longestHmac = 128;

/** By what the same reactions are known as the same: clients send it, for their words are ciphertext. */
async function kindOf({ activity, kms }: RuleContext, keyUrl: string, displayName: string): Promise<string> {
  const hmac = text(activity.object['hmac']);
  if (hmac !== undefined && hmac !== '') return hmac.slice(0, longestHmac);
  let name: string;
  try {
    name = await kms.decrypt(keyUrl, displayName);
  } catch {
    throw badRequest('The reaction cannot be read with its encryption key.');
  }
  return createHash('sha256')
    .update(`${activity.parent?.id ?? ''} ${name}`)
    .digest('hex');
}

/** `add` of a `reaction2`. */
export async function react(context: RuleContext): Promise<Decision> {
  const { activity, caller, write } = context;
  const parent = await parentOf(context);
  if (parent?.type !== 'reaction') throw badRequest('A reaction needs the message it belongs to.');
  const seal = await textEncrypter(context);
  const { displayName } = await sealFields(activity.object, ['displayName'], seal);
  if (displayName === undefined) throw badRequest('A reaction needs its displayName.');
  const hmac = await kindOf(context, seal.keyUrl, displayName);
  const own = await reactionsBy(write.tx, parent.id, caller.user.id);
  if (own.includes(hmac)) throw new ApiError(409, 'You have reacted to this message in this way already.');
  if (own.length >= maxPerPerson)
    throw badRequest(`At most ${String(maxPerPerson)} reactions of one person to one message.`);
  const kinds = await kindsOfReactions(write.tx, parent.id);
  if (!kinds.has(hmac) && kinds.size >= maxKinds)
    throw badRequest(`At most ${String(maxKinds)} different reactions to one message.`);
  return {
    object: { objectType: 'reaction2', displayName, hmac },
    parent,
    keyUrl: seal.keyUrl,
    kept: true,
    audience: 'members',
    index: (stored) => insertReaction(write.tx, stored, hmac),
  };
}
