import {
  cardContentType,
  encodeId,
  isTooDeep,
  maxCardDepth,
  type Message,
  type WireActivity,
} from '@trunkline/wire';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
const uuids = /data-object-id="([\da-f]{8}-[\da-f-]{27})"/g;

/**
 * The message a readable `post` or `share` stands for; an edit stands for the message it edits. Runs once per message
 * that arrives: no promise, nothing copied twice.
 *
 * @param hydraUrl base of the public REST service, without which files have no address
 * @source protocol/hydra-rest.md §3, protocol/conversation.md §6
 */
export function toMessage(activity: WireActivity, cluster: string, hydraUrl?: string): Message {
  const { actor, object, parent, target } = activity;
  const isEdit = parent?.type === 'edit';
  const personUuid = uuidOfActor(activity);
  const id = isEdit ? parent.id : activity.id;
  const message: Mutable<Message> = {
    id: encodeId('MESSAGE', id, cluster),
    roomId: encodeId('ROOM', target?.id ?? '', cluster),
    roomType: target?.tags?.includes('ONE_ON_ONE') === true ? 'direct' : 'group',
    personId: encodeId('PEOPLE', personUuid),
    personEmail: actor.emailAddress ?? actor.entryEmail ?? personUuid,
    created: isEdit ? (parent.published ?? activity.published) : activity.published,
  };
  if (object.displayName !== undefined) message.text = object.displayName;
  if (object.content !== undefined) message.html = object.content;
  if (typeof object['markdown'] === 'string') message.markdown = object['markdown'];
  if (isEdit) message.updated = activity.published;
  else if (parent?.type === 'reply') message.parentId = encodeId('MESSAGE', parent.id, cluster);

  const mentions = object.mentions?.items;
  if (mentions?.length) {
    message.mentionedPeople = mentions.map(({ id }) => encodeId('PEOPLE', id));
    // uuids inside, public ids outside, as in the message itself
    if (message.html !== undefined)
      message.html = message.html.replace(
        uuids,
        (_, id: string) => `data-object-id="${encodeId('PEOPLE', id)}"`,
      );
  }
  const groups = object.groupMentions?.items;
  if (groups?.length) message.mentionedGroups = groups.map(({ groupType }) => groupType);
  const cards = object.cards;
  if (cards?.length) {
    const attachments = cards.flatMap(attachmentOf);
    if (attachments.length > 0) message.attachments = attachments;
  }
  const files = object.files?.items;
  if (files?.length && hydraUrl !== undefined)
    message.files = files.map(
      (_, index) => `${hydraUrl}/contents/${encodeId('CONTENT', `${id}/${String(index)}`, cluster)}`,
    );
  return message;
}

/** A card; what is none is left out, its sender may have encrypted anything. */
function attachmentOf(json: string): NonNullable<Message['attachments']>[number] | [] {
  if (isTooDeep(json, maxCardDepth)) return [];
  try {
    const content = JSON.parse(json) as unknown;
    if (typeof content === 'object' && content !== null && !Array.isArray(content))
      return { contentType: cardContentType, content };
  } catch {
    // said above
  }
  return [];
}

// the types say entryUUID is always there; other services leave it out now and then
const uuidOfActor = ({
  actor,
}: {
  readonly actor: { readonly id: string; readonly entryUUID?: string };
}): string => actor.entryUUID ?? actor.id;
