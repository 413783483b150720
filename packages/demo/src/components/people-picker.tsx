import type { Person } from '@trunkline/people';
import { useEffect, useState } from 'preact/hooks';
import { emailLike } from '../lib/text.js';
import { useApp } from '../session/app-context.js';
import { Avatar } from './avatar.js';
import { Icon } from './icon.js';

export interface Picked {
  readonly email: string;
  readonly name: string;
}

/** A search field over the people of the service, and who was chosen. An address no one here has may be given too. */
export function PeoplePicker(props: {
  readonly picked: readonly Picked[];
  readonly onChange: (picked: readonly Picked[]) => void;
  readonly without?: readonly string[];
  readonly single?: boolean;
}) {
  const { picked, onChange, single = false } = props;
  const [text, setText] = useState('');
  const { found, busy } = usePeople(text);
  const taken = new Set([...picked.map(({ email }) => email), ...(props.without ?? [])]);
  const offers = found.filter(({ email }) => !taken.has(email));
  const typed = text.trim();
  const offersTyped = emailLike(typed) && !taken.has(typed) && !offers.some(({ email }) => email === typed);
  const all = offersTyped ? [...offers, { email: typed, name: typed }] : offers;
  const pick = (person: Picked): void => {
    onChange(single ? [person] : [...picked, person]);
    setText('');
  };
  return (
    <div class="picker">
      {picked.length > 0 && (
        <ul class="chips" aria-label="Chosen">
          {picked.map((person) => (
            <li key={person.email} class="chip">
              {person.name}
              <button
                type="button"
                aria-label={`Not ${person.name}`}
                onClick={() => {
                  onChange(picked.filter(({ email }) => email !== person.email));
                }}
              >
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      {!(single && picked.length > 0) && (
        <label class="field">
          <span>{single ? 'Person' : 'People'}</span>
          <input
            type="text"
            value={text}
            placeholder="Name or e-mail address"
            autocomplete="off"
            data-testid="people-search"
            {...(single && { 'data-first': true })}
            onInput={(event) => {
              setText(event.currentTarget.value);
            }}
            onKeyDown={(event) => {
              const [first] = all;
              if (event.key !== 'Enter' || first === undefined) return;
              event.preventDefault();
              pick(first);
            }}
          />
        </label>
      )}
      {typed.length > 1 && (
        <ul class="offers" aria-label="Found">
          {all.map((person) => (
            <li key={person.email}>
              <button
                type="button"
                class="offer"
                onClick={() => {
                  pick(person);
                }}
              >
                <Avatar name={person.name} size="small" />
                <span>{person.name}</span>
                <span class="quiet">{person.email}</span>
              </button>
            </li>
          ))}
          {all.length === 0 && (
            <li class="quiet offer-none">{busy ? 'Searching…' : 'No one like that here.'}</li>
          )}
        </ul>
      )}
    </div>
  );
}

const toPicked = ({ displayName, emails }: Person): Picked => ({
  name: displayName,
  email: emails[0] ?? displayName,
});

function usePeople(text: string): { readonly found: readonly Picked[]; readonly busy: boolean } {
  const { client, me } = useApp();
  const [found, setFound] = useState<readonly Picked[]>([]);
  const [busy, setBusy] = useState(false);
  const wanted = text.trim();
  useEffect(() => {
    if (wanted.length < 2) {
      setFound([]);
      return undefined;
    }
    const abort = new AbortController();
    const search = async (): Promise<void> => {
      const query = wanted.includes('@') ? { email: wanted } : { displayName: wanted };
      const { items } = await client.people.list({ ...query, max: 8 }, { signal: abort.signal }).page();
      setFound(items.filter(({ id }) => id !== me.id).map(toPicked));
    };
    setBusy(true);
    const timer = setTimeout(() => {
      search()
        .catch(() => {
          if (!abort.signal.aborted) setFound([]);
        })
        .finally(() => {
          if (!abort.signal.aborted) setBusy(false);
        });
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [wanted, client, me.id]);
  return { found, busy };
}
