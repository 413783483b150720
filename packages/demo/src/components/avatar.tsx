import { isPresenceKnown, presenceWords } from '../lib/presence-words.js';
import { hueOf, initialsOf } from '../lib/text.js';
import { useApp } from '../session/app-context.js';
import { showPerson } from '../stores/ui.js';

interface Look {
  readonly name: string;
  readonly size?: 'small' | 'normal' | 'large';
  readonly title?: string;
}

/** Initials on a colour of one's own. Decoration: the name stands beside it. */
export function Avatar({ name, size = 'normal', title }: Look) {
  return (
    <span class={`avatar ${size}`} style={{ '--hue': String(hueOf(name)) }} title={title} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}

/** An avatar with a presence dot, which screen readers announce. */
export function PersonAvatar({ personId, ...look }: Look & { readonly personId: string }) {
  const { presence } = useApp();
  const status = presence.of(personId).value;
  return (
    <span class="person-avatar">
      <Avatar {...look} />
      {isPresenceKnown(status) && (
        <span class={`dot ${status}`} title={presenceWords(status)} data-testid="presence">
          <span class="unseen">{presenceWords(status)}</span>
        </span>
      )}
    </span>
  );
}

/** The same, and a click shows who it is. */
export function AvatarButton(props: Look & { readonly personId: string }) {
  const { name, personId } = props;
  return (
    <button
      type="button"
      class="avatar-button"
      aria-label={`About ${name}`}
      onClick={() => {
        showPerson(personId);
      }}
    >
      <PersonAvatar {...props} />
    </button>
  );
}
