import type { Message } from '@trunkline/messages';

export interface Reader {
  readonly personId: string;
  readonly name: string;
  readonly lastSeenId?: string | undefined;
  /** ISO 8601 */
  readonly lastSeenDate?: string | undefined;
}

/**
 * Who has read how far: message id → those whose newest read message it is. The author of a message has read it; no one
 * is shown at a message of their own.
 *
 * @param messages oldest first
 */
export function readersOf(
  messages: readonly Message[],
  readers: readonly Reader[],
): ReadonlyMap<string, readonly Reader[]> {
  const places = new Map(messages.map(({ id }, index) => [id, index]));
  const result = new Map<string, Reader[]>();
  for (const reader of readers) {
    const { lastSeenDate, lastSeenId, personId } = reader;
    const exact = lastSeenId === undefined ? undefined : places.get(lastSeenId);
    // what was seen last may be no message, such as someone's coming
    const byDate =
      lastSeenDate === undefined ? -1 : messages.findLastIndex(({ created }) => created <= lastSeenDate);
    const written = messages.findLastIndex((message) => message.personId === personId);
    const message = messages[Math.max(exact ?? byDate, written)];
    if (message === undefined || message.personId === personId) continue;
    result.set(message.id, [...(result.get(message.id) ?? []), reader]);
  }
  return result;
}
