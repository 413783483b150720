import type { Message } from '@trunkline/messages';
import { sameDay } from './time.js';

/** Messages of one person, close together. */
export interface Group {
  readonly kind: 'group';
  readonly key: string;
  readonly personId: string;
  readonly personEmail: string;
  readonly messages: readonly Message[];
}
export interface DayLine {
  readonly kind: 'day';
  readonly key: string;
  readonly date: string;
}
export interface NewLine {
  readonly kind: 'new';
  readonly key: 'new';
}
export type TimelineItem = Group | DayLine | NewLine;

const togetherMs = 5 * 60_000;

/**
 * What a room shows, top to bottom.
 *
 * @param messages oldest first
 * @param newFromId before this message stands the line that says "New"
 */
export function timelineOf(messages: readonly Message[], newFromId?: string): readonly TimelineItem[] {
  const items: TimelineItem[] = [];
  let open: { group: Group; messages: Message[] } | undefined;
  let before: Message | undefined;
  for (const message of messages) {
    if (before === undefined || !sameDay(before.created, message.created)) {
      items.push({
        kind: 'day',
        key: `day ${message.created.slice(0, 10)} ${message.id}`,
        date: message.created,
      });
      open = undefined;
    }
    if (message.id === newFromId) {
      items.push({ kind: 'new', key: 'new' });
      open = undefined;
    }
    const apartMs = before ? Date.parse(message.created) - Date.parse(before.created) : 0;
    if (open && open.group.personId === message.personId && apartMs < togetherMs) open.messages.push(message);
    else {
      const { id, personId, personEmail } = message;
      const own = [message];
      const group: Group = { kind: 'group', key: id, personId, personEmail, messages: own };
      open = { group, messages: own };
      items.push(group);
    }
    before = message;
  }
  return items;
}

/** Answers go to the message they belong to; those whose beginning is not here yet stay among the others. */
export function threadsOf(messages: readonly Message[]): {
  readonly roots: readonly Message[];
  readonly replies: ReadonlyMap<string, readonly Message[]>;
} {
  const here = new Set(messages.map(({ id }) => id));
  const roots: Message[] = [];
  const replies = new Map<string, Message[]>();
  for (const message of messages) {
    const { parentId } = message;
    if (parentId !== undefined) replies.set(parentId, [...(replies.get(parentId) ?? []), message]);
    if (parentId === undefined || !here.has(parentId)) roots.push(message);
  }
  return { roots, replies };
}

/** Puts messages in where they belong by time, each once; the newer version of one wins. */
export function mergeMessages(old: readonly Message[], come: readonly Message[]): readonly Message[] {
  if (come.length === 0) return old;
  const byId = new Map(old.map((message) => [message.id, message]));
  for (const message of come) {
    const known = byId.get(message.id);
    if ((known?.updated ?? '') <= (message.updated ?? '')) byId.set(message.id, { ...known, ...message });
  }
  return [...byId.values()].sort((a, b) => a.created.localeCompare(b.created));
}
