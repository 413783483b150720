import type { Message } from '@trunkline/messages';

/**
 * Messages of other people that are newer than the last one that was seen. Writing in a room counts as having read it up to
 * there, as in every messenger, whatever the read receipt says.
 *
 * @param messages in any order
 * @param lastSeen ISO 8601, or '' when nothing was seen
 */
export function unreadOf(messages: readonly Message[], myId: string, lastSeen: string): readonly Message[] {
  const written = messages.filter(({ personId }) => personId === myId).map(({ created }) => created);
  const read = [lastSeen, ...written].reduce((newest, each) => (each > newest ? each : newest));
  return messages.filter(({ created, personId }) => personId !== myId && created > read);
}
