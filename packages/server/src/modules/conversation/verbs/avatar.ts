// The picture of a space, and what else its members set for all of them.
import { badRequest } from '../../../kernel/http/errors.js';
import { fields, items, text, texts } from '../../../kernel/http/untrusted.js';
import { requireGroup, requireModerator, type Rule, textEncrypter } from '../rule.js';
import { avatarOf, type KeptAvatar, relativeUrl } from '../shapes.js';
import { sealFile } from './content.js';

/** bytes. @source protocol/conversation.md §3 */
export const maxAvatarBytes = 1024 * 1024;

const assign: Rule = async (context) => {
  const { activity, conversation, files, write } = context;
  requireGroup(context);
  await requireModerator(context);
  const [given, ...others] = items(activity.object.files);
  const url = text(fields(given)['url']);
  if (url === undefined || others.length > 0) throw badRequest('An avatar is one file.');
  const size = await files.sizeOf(write, relativeUrl(url), conversation.id);
  if (size === undefined) throw badRequest('The avatar was not uploaded to this space.');
  if (size >= maxAvatarBytes) throw badRequest('An avatar must be smaller than 1 MiB.');
  const seal = await textEncrypter(context);
  const file = await sealFile(context, given, seal);
  const before = avatarOf(conversation.extra);
  const extra = { ...conversation.extra };
  return {
    object: { objectType: 'content', files: { items: [file] }, contentCategory: 'images' },
    keyUrl: seal.keyUrl,
    kept: true,
    audience: 'members',
    // the same object: its `extra` is written after the note
    change: { extra },
    index: async (stored) => {
      const avatar: KeptAvatar = { activityId: stored.id, keyUrl: seal.keyUrl, file };
      Object.assign(extra, { avatar });
      await files.show(write, conversation.id, stored.id, [file.url]);
      if (before !== undefined) await files.drop(write, conversation.id, [before.activityId]);
    },
  };
};

const unassign: Rule = async (context) => {
  const { conversation, files, write } = context;
  requireGroup(context);
  await requireModerator(context);
  const { avatar, ...extra } = conversation.extra;
  const before = avatarOf({ avatar });
  if (before !== undefined) await files.drop(write, conversation.id, [before.activityId]);
  return {
    object: { objectType: 'content', files: { items: [] } },
    kept: before !== undefined,
    audience: before === undefined ? 'none' : 'members',
    change: { extra },
  };
};

// those have verbs of their own, or may not be given by members
const reserved = new Set([
  'ONE_ON_ONE',
  'LOCKED',
  'PUBLIC',
  'TEAM',
  'OPEN',
  'NOT_JOINED',
  'ARCHIVED',
  'HIDDEN',
  'MUTED',
  'FAVORITE',
]);
export const maxTags = 50;
/** A tag that a space may have for everybody, besides those with verbs of their own. */
export const isSpaceTag = (tag: string): boolean => !reserved.has(tag) && /^[A-Z][A-Z0-9_]{0,63}$/.test(tag);

/** `set` and `unset` of a `spaceProperty`: tags of the space, for everybody. */
const property =
  (on: boolean): Rule =>
  async (context) => {
    const { activity, conversation } = context;
    if (activity.object.objectType !== 'spaceProperty')
      throw badRequest('The object must be of type spaceProperty.');
    requireGroup(context);
    await requireModerator(context);
    const named = [...new Set(texts(activity.object.tags))];
    if (named.length === 0 || !named.every(isSpaceTag)) throw badRequest('These tags cannot be set here.');
    if (on && named.includes('ANNOUNCEMENT') && !conversation.tags.includes('LOCKED'))
      throw badRequest('Only a locked space can be for announcements only.');
    const others = conversation.tags.filter((tag) => !named.includes(tag));
    const tags = on
      ? [...conversation.tags, ...named.filter((tag) => !conversation.tags.includes(tag))]
      : others;
    if (tags.length > maxTags) throw badRequest(`A space has at most ${String(maxTags)} tags.`);
    const changed = tags.length !== conversation.tags.length;
    return {
      object: { objectType: 'spaceProperty', tags: named },
      kept: changed,
      audience: changed ? 'members' : 'none',
      change: { tags },
    };
  };

export const avatarRules: Readonly<Record<string, Rule>> = {
  assign,
  unassign,
  set: property(true),
  unset: property(false),
};
