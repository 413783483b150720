// What people write: comments, files, reactions, and taking them back.
import {
  isUuid,
  maxCardBytes,
  maxCardDepth,
  maxHtmlBytes,
  maxInputsBytes,
  maxTextBytes,
  type WireFile,
  type WireObject,
  type WireParent,
} from '@trunkline/wire';
import { badRequest, forbidden, notFound } from '../../../kernel/http/errors.js';
import { fields, type Fields, isFields, items, list, text, texts } from '../../../kernel/http/untrusted.js';
import { editsOf, emptyActivity, findActivity } from '../activity-store.js';
import type { StoredActivity } from '../api.js';
import { forgetMentions, forgetReaction, noteMentions } from '../related.js';
import type { Rule, RuleContext, TextEncrypter } from '../rule.js';
import { textEncrypter } from '../rule.js';
import { relativeUrl } from '../shapes.js';
import { changeParticipant, findParticipant, isDirect, participantsOf } from '../store.js';
import { forgetInThread } from '../threads.js';
import { withKept } from './edit.js';

const maxFiles = 50;
const maxCards = 1;
const maxMentions = 1_000;
const maxActions = 10;
const longestUrl = 2_048;
/** edits of one message */
const maxEdits = 100;

/** Texts of objects, and their most bytes before they are encrypted. */
const textLimits = {
  displayName: maxTextBytes,
  content: maxHtmlBytes,
  markdown: maxTextBytes,
  scr: 8_192,
} as const;

type Sealed = { readonly [name in keyof typeof textLimits]?: string };

export async function sealFields(
  from: Fields,
  names: readonly (keyof typeof textLimits)[],
  seal: TextEncrypter,
): Promise<Sealed> {
  const sealed: { -readonly [name in keyof Sealed]: Sealed[name] } = {};
  for (const name of names) {
    const value = text(from[name]);
    if (value !== undefined) sealed[name] = await seal.text(value, { name, maxBytes: textLimits[name] });
  }
  return sealed;
}

/** What can be done with a file elsewhere, such as editing a whiteboard. */
function actionsOf(file: Fields): { readonly actions?: readonly object[] } {
  const given = list(file['actions']).filter(isFields);
  if (given.length === 0) return {};
  if (given.length > maxActions) throw badRequest(`At most ${String(maxActions)} actions of a file.`);
  const names = ['type', 'mimeType', 'url'];
  const actions = given.map((action) =>
    Object.fromEntries(
      names.flatMap((name) => {
        const value = text(action[name]);
        if (value !== undefined && value.length > longestUrl)
          throw badRequest('An action of a file is too long.');
        return value === undefined ? [] : [[name, value]];
      }),
    ),
  );
  return { actions };
}

const number = (from: Fields, name: string): Record<string, number> => {
  const value = from[name];
  return typeof value === 'number' && Number.isFinite(value) ? { [name]: value } : {};
};

/**
 * The URL as it is stored. A file stays in the conversation it was uploaded to: knowing the address of another
 * conversation's file must not make it readable here, nor keep it on disk. Pictures from elsewhere on the web may be named.
 *
 * @throws ApiError 400 for a file of this service that was not uploaded to this conversation
 */
async function fileUrl({ conversation, files, write }: RuleContext, url: string): Promise<string> {
  const relative = relativeUrl(url);
  const isOurs = relative.startsWith('/') || files.isOurs(url);
  if (isOurs && (await files.sizeOf(write, relative, conversation.id)) === undefined)
    throw badRequest('The file was not uploaded to this space.');
  return relative;
}

export async function sealFile(context: RuleContext, value: unknown, seal: TextEncrypter): Promise<WireFile> {
  const file = fields(value);
  const url = text(file['url']);
  if (url === undefined) throw badRequest('A file needs its url.');
  const image = fields(file['image']);
  const imageUrl = text(image['url']);
  return {
    objectType: 'file',
    url: await fileUrl(context, url),
    ...(await sealFields(file, ['displayName', 'content', 'scr'], seal)),
    ...number(file, 'fileSize'),
    ...number(file, 'width'),
    ...number(file, 'height'),
    ...(text(file['mimeType']) === undefined ? {} : { mimeType: text(file['mimeType']) ?? '' }),
    ...actionsOf(file),
    ...(imageUrl === undefined
      ? {}
      : {
          image: {
            url: await fileUrl(context, imageUrl),
            ...(await sealFields(image, ['scr'], seal)),
            ...number(image, 'width'),
            ...number(image, 'height'),
            ...(text(image['mimeType']) === undefined ? {} : { mimeType: text(image['mimeType']) }),
          },
        }),
  };
}

const cardRule = { name: 'A card', maxBytes: maxCardBytes, maxDepth: maxCardDepth };

async function sealComment(context: RuleContext, seal: TextEncrypter): Promise<WireObject> {
  const { object, parent } = context.activity;
  const isEdit = parent?.type === 'edit';
  const named = items(object.mentions)
    .map((entry) => text(fields(entry)['id']) ?? '')
    .filter(isUuid);
  const groups = items(object.groupMentions)
    .map((entry) => text(fields(entry)['groupType']))
    .filter((group) => group !== undefined);
  const files = items(object.files);
  if (files.length > maxFiles) throw badRequest(`At most ${String(maxFiles)} files.`);
  if (named.length > maxMentions) throw badRequest(`At most ${String(maxMentions)} mentions.`);
  if (groups.length > 10) throw badRequest('At most 10 groups can be mentioned.');
  if (texts(object.cards).length > maxCards) throw badRequest('A message has at most one card.');
  // only members can be mentioned
  const mentions: string[] = [];
  for (const id of new Set(named))
    if ((await findParticipant(context.write.tx, context.conversation.id, id)) !== undefined)
      mentions.push(id);
  const cards: string[] = [];
  for (const card of texts(object.cards)) cards.push(await seal.text(card, cardRule));
  const sealedFiles: WireFile[] = [];
  for (const file of files) sealedFiles.push(await sealFile(context, file, seal));
  return {
    objectType: object.objectType,
    ...(await sealFields(object, ['displayName', 'content', 'markdown'], seal)),
    ...(mentions.length === 0
      ? {}
      : { mentions: { items: mentions.map((id) => ({ id, objectType: 'person' as const })) } }),
    ...(groups.length === 0
      ? {}
      : { groupMentions: { items: groups.map((groupType) => ({ groupType, objectType: 'groupMention' })) } }),
    // of an edit: an empty list takes the cards away
    ...(cards.length > 0 || (isEdit && Array.isArray(object.cards)) ? { cards } : {}),
    ...(sealedFiles.length === 0 ? {} : { files: { items: sealedFiles } }),
    ...(object.contentCategory === undefined ? {} : { contentCategory: object.contentCategory }),
  };
}

/** Addresses of files, and of the pictures of them. */
const urlsOf = (files: readonly WireFile[]): readonly string[] =>
  files.flatMap((file) => [file.url, text(fields(fields(file)['image'])['url']) ?? []].flat());

const isMessage = (activity: StoredActivity | undefined): activity is StoredActivity =>
  activity !== undefined && (activity.verb === 'post' || activity.verb === 'share');

/** What this refers to, in the same conversation. */
async function referred(context: RuleContext, id: string | undefined): Promise<StoredActivity> {
  const found = id === undefined ? undefined : await findActivity(context.write.tx, id);
  if (found?.conversationId !== context.conversation.id) throw notFound();
  return found;
}

export async function parentOf(context: RuleContext): Promise<WireParent | undefined> {
  const { parent } = context.activity;
  if (parent === undefined) return undefined;
  const target = await referred(context, parent.id);
  const published = new Date(target.publishedMs).toISOString();
  if (!isMessage(target) || target.parent?.type === 'edit') throw badRequest('The parent must be a message.');
  switch (parent.type) {
    case 'reply':
      if (target.parent !== undefined) throw badRequest('The parent must not be a reply itself.');
      break;
    case 'edit':
      if (target.deletedMs !== null) throw badRequest('The message was deleted.');
      if (target.actorId !== context.caller.user.id) throw forbidden('Only its author may edit a message.');
      if ((await editsOf(context.write.tx, target.id)).length >= maxEdits)
        throw badRequest(`A message can be edited ${String(maxEdits)} times.`);
      break;
    case 'reaction':
      if (target.deletedMs !== null) throw badRequest('The message was deleted.');
      break;
    case 'cardAction':
      if (target.deletedMs !== null) throw badRequest('The message was deleted.');
      if (texts(target.object.cards).length === 0) throw badRequest('The message has no card.');
      break;
    default:
      throw badRequest('This kind of parent is not known.');
  }
  return { id: parent.id, type: parent.type, published };
}

/** A hidden space of two comes back when a user writes. True when it did. */
async function unhide({ conversation, write }: RuleContext): Promise<boolean> {
  if (!isDirect(conversation)) return false;
  const hidden = (await participantsOf(write.tx, conversation.id)).filter(({ tags }) =>
    tags.includes('HIDDEN'),
  );
  for (const { userId, tags } of hidden)
    await changeParticipant(write.tx, conversation.id, userId, {
      tags: JSON.stringify(tags.filter((tag) => tag !== 'HIDDEN')),
    });
  return hidden.length > 0;
}

const message =
  (objectType: 'comment' | 'content'): Rule =>
  async (context) => {
    const { activity, conversation, files: port, me, write } = context;
    if (conversation.tags.includes('ANNOUNCEMENT') && !me.isModerator)
      throw forbidden('Only moderators may write in this space.');
    if (conversation.tags.includes('ARCHIVED')) throw forbidden('This space is archived.');
    if (conversation.tags.includes('READ_ONLY')) throw forbidden('No one may write in this space now.');
    if (activity.object.objectType !== objectType)
      throw badRequest(`The object must be of type ${objectType}.`);
    const parent = await parentOf(context);
    const seal = await textEncrypter(context);
    const isEdit = parent?.type === 'edit';
    const given = await sealComment(context, seal);
    const object = isEdit ? await withKept(context, given, parent.id, seal.keyUrl) : given;
    const { displayName, content, files, cards } = object;
    if (displayName === undefined && content === undefined && files === undefined && !cards?.length)
      throw badRequest('The message is empty.');
    if (objectType === 'content' && files === undefined) throw badRequest('A share needs files.');
    const shown = !isEdit && (await unhide(context));
    return {
      object,
      ...(parent && { parent }),
      keyUrl: seal.keyUrl,
      kept: true,
      audience: 'members',
      ...(isEdit ? {} : { change: { lastReadableMs: Infinity } }),
      tagsChanged: shown,
      index: async (stored) => {
        if (isEdit || object.mentions !== undefined || object.groupMentions !== undefined)
          await noteMentions(write.tx, stored);
        if (files !== undefined) await port.show(write, conversation.id, stored.id, urlsOf(files.items));
      },
    };
  };

const inputsRule = { name: 'inputs', maxBytes: maxInputsBytes, maxDepth: maxCardDepth };

/** A card's `Action.Submit` was pressed: what was filled in travels as one text of JSON. */
const cardAction: Rule = async (context) => {
  const { activity } = context;
  if (activity.object.objectType !== 'submit') throw badRequest('The object must be of type submit.');
  const given: unknown = activity.object.inputs;
  const inputs = text(given) ?? (isFields(given) ? JSON.stringify(given) : '{}');
  const parent = await parentOf(context);
  if (parent?.type !== 'cardAction') throw badRequest('A card action needs the message of the card.');
  const seal = await textEncrypter(context);
  return {
    object: { objectType: 'submit', inputs: await seal.text(inputs, inputsRule) },
    parent,
    keyUrl: seal.keyUrl,
    kept: true,
    audience: 'members',
  };
};

const remove: Rule = async (context) => {
  const { activity, caller, conversation, files, me, nowMs, write } = context;
  const target = await referred(context, activity.object.id);
  const isReaction = target.object.objectType === 'reaction2';
  if (!isMessage(target) && !isReaction) throw badRequest('Only messages and reactions can be deleted.');
  if (target.actorId !== caller.user.id && (isReaction || !me.isModerator))
    throw forbidden('Only its author or a moderator may delete a message.');
  const gone = target.deletedMs !== null;
  if (!gone) {
    // what was found by it goes, and so do files that no other message shows
    const ids = isReaction ? [target.id] : [target.id, ...(await editsOf(write.tx, target.id))];
    await emptyActivity(write.tx, target, nowMs);
    if (isReaction) await forgetReaction(write.tx, target.id);
    else {
      await forgetMentions(write.tx, target.id);
      await forgetInThread(write.tx, target);
      await files.drop(write, conversation.id, ids);
    }
  }
  return {
    object: {
      objectType: 'activity',
      id: target.id,
      verb: 'tombstone',
      ...(target.parent && { parent: target.parent }),
    },
    // to listeners it is a deletion like any other: this says that no message went
    ...(isReaction && target.parent && { parent: target.parent }),
    kept: !gone,
    audience: gone ? 'none' : 'members',
  };
};

export const contentRules: Readonly<Record<string, Rule>> = {
  post: message('comment'),
  share: message('content'),
  delete: remove,
  cardAction,
};
