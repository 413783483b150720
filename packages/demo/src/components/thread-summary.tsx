import { shortWhen } from '../lib/time.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { Avatar } from './avatar.js';

/** Below a message: how many answers it has, and who gave the last ones. */
export function ThreadSummary({ messageId, chat }: { readonly messageId: string; readonly chat: Chat }) {
  const { names } = useApp();
  const replies = chat.replies.value.get(messageId);
  const last = replies?.at(-1);
  if (replies === undefined || last === undefined) return null;
  const people = new Map(replies.map(({ personId, personEmail }) => [personId, personEmail]));
  return (
    <button
      type="button"
      class="thread-summary"
      data-testid="thread-summary"
      onClick={() => (chat.thread.value = messageId)}
    >
      <span class="stack" aria-hidden="true">
        {[...people].slice(-3).map(([id, email]) => (
          <Avatar key={id} name={names.of(id, email)} size="small" />
        ))}
      </span>
      <strong>{replies.length === 1 ? '1 answer' : `${String(replies.length)} answers`}</strong>
      <span class="quiet">{shortWhen(last.created)}</span>
    </button>
  );
}
