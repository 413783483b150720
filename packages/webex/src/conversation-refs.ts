import { sdkError } from '@trunkline/core';
import type { ReadableActivity, ReadableConversation } from '@trunkline/conversation';
import type { WireFile, ActivityContent } from '@trunkline/wire';

/** A conversation, or what one knows of it. */
export interface Ref {
  readonly url?: string | undefined;
  readonly id?: string | undefined;
  readonly user?: string | undefined;
  readonly cluster?: string | undefined;
}
/** Plain text, or words as they stand in an activity. */
export type Message =
  | string
  | {
      readonly displayName?: string;
      readonly content?: string;
      readonly mentions?: { readonly items?: readonly { readonly id: string }[] };
      readonly groupMentions?: { readonly items?: readonly unknown[] };
      readonly cards?: readonly string[];
    };
export interface PostOptions {
  readonly parentActivityId?: string;
  readonly activityType?: string;
  readonly parent?: { readonly id: string; readonly type: string };
  readonly clientTempId?: string;
}
export type PersonRef = string | { readonly id?: string; readonly entryUUID?: string };
export type Identified = string | { readonly id: string };

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

export function idOf(conversation: Ref | string | undefined): string {
  const { id, url }: Ref =
    typeof conversation === 'string'
      ? conversation.includes('/')
        ? { url: conversation }
        : { id: conversation }
      : (conversation ?? {});
  const found = id ?? uuid.exec(url?.split('/conversations/')[1] ?? '')?.[0];
  if (found === undefined) throw sdkError('ERR_ARGUMENT', 'The space needs a `url` property');
  return found;
}
export const activityIdOf = (activity: Identified): string =>
  typeof activity === 'string' ? activity : activity.id;

export function wordsOf(message: Message): ActivityContent {
  if (typeof message === 'string') return { text: message };
  const { displayName } = message;
  if (displayName === undefined)
    throw sdkError('ERR_ARGUMENT', 'a message needs a displayName: its plain text');
  return { ...moreWords(message), text: displayName };
}
/** The same where the text may be missing. */
export function moreWords(message: Exclude<Message, string>): Partial<ActivityContent> {
  const { displayName, content, mentions, groupMentions, cards } = message;
  return {
    ...(displayName !== undefined && { text: displayName }),
    ...(content !== undefined && { html: content }),
    ...(mentions?.items?.length && { mentionedPeople: mentions.items.map(({ id }) => id) }),
    ...(groupMentions?.items?.length && { mentionsAll: true }),
    ...(cards?.length && { cards }),
  };
}

/** There, the parameters of a file are an object; the engine has them as text. */
const scrOf = (scr: unknown): unknown => {
  if (typeof scr !== 'string' || scr === '') return scr;
  try {
    return JSON.parse(scr) as unknown;
  } catch {
    return scr;
  }
};
const shownFile = (file: WireFile): WireFile =>
  ({
    ...file,
    ...(file.scr !== undefined && { scr: scrOf(file.scr) }),
    ...(file.image && { image: { ...file.image, scr: scrOf(file.image.scr) } }),
  }) as WireFile;

/** An activity as the official client hands it out. */
export function shown<T extends ReadableActivity>(activity: T): T {
  const items = activity.object.files?.items;
  if (items === undefined) return activity;
  return { ...activity, object: { ...activity.object, files: { items: items.map(shownFile) } } };
}
export function shownConversation(conversation: ReadableConversation): ReadableConversation {
  const { activities, participants, avatar } = conversation;
  const pictures = avatar?.files?.items;
  return {
    ...conversation,
    activities: { items: (activities?.items ?? []).map(shown) },
    participants: participants ?? { items: [] },
    ...(avatar && {
      avatar: { ...avatar, ...(pictures && { files: { items: pictures.map(shownFile) } }) },
    }),
  };
}
/** The other way, for what goes back into the engine. */
export const engineFile = (file: object): WireFile => {
  const { scr } = file as { readonly scr?: unknown };
  return { ...file, ...(typeof scr === 'object' && { scr: JSON.stringify(scr) }) } as WireFile;
};
