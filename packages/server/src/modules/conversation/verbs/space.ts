// The space itself: title, key, lock.
import { maxTextBytes } from '@trunkline/wire';
import { badRequest } from '../../../kernel/http/errors.js';
import { fields, text } from '../../../kernel/http/untrusted.js';
import { keyChange, underKey } from '../rotation.js';
import type { Rule, RuleContext } from '../rule.js';
import { claimNew, requireGroup, requireModerator, staleKey, textEncrypter } from '../rule.js';
import { changeParticipant, hasModerator } from '../store.js';
import { unlocked } from '../succession.js';
import { isByTeam, isGeneral, requireNoTeam } from '../team-rooms.js';

/** Ciphertext under one key → under another. */
const reencrypt = async (
  { kms }: RuleContext,
  from: string,
  to: string,
  ciphertext: string,
): Promise<string> => (from === to ? ciphertext : kms.encrypt(to, await kms.decrypt(from, ciphertext)));

/** What REST may change besides the title; clients of the conversation service cannot say it. */
export interface SpaceDetails {
  readonly extra?: Readonly<Record<string, unknown>>;
  readonly tags?: readonly string[];
  readonly teamId?: string | null;
  /** epoch ms; null: not public any more */
  readonly publicMs?: number | null;
}

const update: Rule = async (context) => {
  const { activity, conversation } = context;
  const { object } = activity;
  const isTeam = object.objectType === 'team' && isGeneral(conversation);
  if (object.objectType !== 'conversation' && !isTeam)
    throw badRequest('Only the space itself can be updated.');
  requireGroup(context);
  if (!isByTeam(context)) await requireModerator(context);
  const seal = await textEncrypter(context);
  const title = text(object.displayName);
  const ciphertext =
    title === undefined ? undefined : await seal.text(title, { name: 'The title', maxBytes: maxTextBytes });
  const details = fields(object['details']) as SpaceDetails;
  // anyone who came in would be in the team
  if (typeof details.publicMs === 'number') requireNoTeam(context);
  const summary = isTeam ? text(object['summary']) : undefined;
  const sealedSummary =
    summary === undefined ? undefined : await seal.text(summary, { name: 'The summary', maxBytes: 16_000 });
  let kept: string | undefined;
  let about: string | undefined;
  try {
    // the title is kept under the space's own key
    kept = ciphertext && (await reencrypt(context, seal.keyUrl, conversation.keyUrl, ciphertext));
    about = sealedSummary && (await reencrypt(context, seal.keyUrl, conversation.keyUrl, sealedSummary));
  } catch {
    throw badRequest('The title or summary cannot be read with its encryption key.');
  }
  // REST encrypted it before this write began: the key may have changed in between
  const description = text(details.extra?.['description']);
  if (description !== undefined)
    await context.kms.decrypt(conversation.keyUrl, description).catch(() => {
      throw staleKey();
    });
  return {
    object: {
      objectType: isTeam ? 'team' : 'conversation',
      id: conversation.id,
      ...(ciphertext === undefined ? {} : { displayName: ciphertext, encryptionKeyUrl: seal.keyUrl }),
      ...(sealedSummary === undefined ? {} : { summary: sealedSummary, encryptionKeyUrl: seal.keyUrl }),
    },
    keyUrl: seal.keyUrl,
    kept: true,
    audience: 'members',
    change: {
      ...(kept === undefined ? {} : { title: kept }),
      ...(details.tags === undefined ? {} : { tags: details.tags }),
      ...(details.teamId === undefined ? {} : { teamId: details.teamId }),
      ...(details.publicMs === undefined ? {} : { publicMs: details.publicMs }),
      ...(details.extra === undefined && about === undefined
        ? {}
        : {
            extra: {
              ...conversation.extra,
              ...details.extra,
              ...(about === undefined ? {} : { description: about }),
            },
          }),
    },
  };
};

const updateKey: Rule = async (context) => {
  const { activity, conversation, kms } = context;
  const keyUrl = text(activity.object['defaultActivityEncryptionKeyUrl']);
  if (keyUrl === undefined) throw badRequest('The new key is missing.');
  await claimNew(context, keyUrl);
  return {
    object: keyChange(conversation, keyUrl),
    kept: true,
    audience: 'members',
    change: await underKey(kms, conversation, keyUrl),
  };
};

const setLock =
  (locked: boolean): Rule =>
  async (context) => {
    const { caller, conversation, write } = context;
    requireGroup(context);
    if (!locked) requireNoTeam(context);
    const was = conversation.tags.includes('LOCKED');
    await requireModerator(context);
    // the caller can unlock it again, and its creator does not lose the right to manage it
    if (locked && !was && !(await hasModerator(write.tx, conversation.id)))
      for (const id of new Set([caller.user.id, conversation.creatorId]))
        await changeParticipant(write.tx, conversation.id, id, { is_moderator: 1 });
    return {
      object: { objectType: 'conversation', id: conversation.id },
      kept: was !== locked,
      audience: was === locked ? 'none' : 'members',
      change: {
        tags: locked
          ? [...conversation.tags.filter((tag) => tag !== 'LOCKED'), 'LOCKED']
          : unlocked(conversation),
      },
    };
  };

export const spaceRules: Readonly<Record<string, Rule>> = {
  update,
  updateKey,
  lock: setLock(true),
  unlock: setLock(false),
};
