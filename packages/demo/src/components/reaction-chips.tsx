import { emojiOf, whoReacted } from '../lib/reactions.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { attempt } from '../stores/toasts.js';

/** How people reacted; a click adds one's own, or takes it back. */
export function ReactionChips({ messageId, chat }: { readonly messageId: string; readonly chat: Chat }) {
  const { me, names } = useApp();
  const reactions = chat.reactions.of(messageId);
  if (reactions.length === 0) return null;
  const emailOf = (id: string): string =>
    chat.members.value?.find(({ personId }) => personId === id)?.email ?? 'someone';
  return (
    <div class="reactions" role="group" aria-label="Reactions">
      {reactions.map(({ name, count, mine }) => {
        const others = chat.reactions.who(messageId, name).filter((id) => id !== me.id);
        const known = [
          ...(mine === undefined ? [] : ['You']),
          ...others.map((id) => names.of(id, emailOf(id))),
        ];
        const words = whoReacted(name, count, known.slice(0, count));
        return (
          <button
            key={name}
            type="button"
            class="reaction"
            aria-pressed={mine !== undefined}
            aria-label={words}
            title={words}
            data-testid="reaction"
            onClick={() => {
              attempt('The reaction was not changed', () => chat.reactions.toggle(messageId, name));
            }}
          >
            <span aria-hidden="true">{emojiOf(name)}</span> {count}
          </button>
        );
      })}
    </div>
  );
}
