import type { Person } from '@trunkline/people';
import type { OwnStatus } from '@trunkline/presence';
import { useEffect, useState } from 'preact/hooks';
import { presenceWords } from '../lib/presence-words.js';
import { useApp } from '../session/app-context.js';
import { signOut } from '../session/session.js';
import { attempt, tellError } from '../stores/toasts.js';
import { personShown, sheet } from '../stores/ui.js';
import { PersonAvatar } from './avatar.js';
import { Dialog } from './dialog.js';

const hour = 3600;
const choices: readonly (readonly [status: OwnStatus, words: string, ttlS?: number])[] = [
  ['active', 'Active'],
  ['dnd', 'Do not disturb, for an hour', hour],
  ['meeting', 'In a meeting, for an hour', hour],
  ['ooo', 'Out of office, for a day', 24 * hour],
  ['clear', 'Clear'],
];

/** Oneself, or someone else. */
export function Profile() {
  const { me } = useApp();
  const id = personShown.value ?? me.id;
  return id === me.id ? <Own /> : <Other id={id} />;
}

function Own() {
  const { me, names, presence, client } = useApp();
  const name = names.of(me.id, me.displayName);
  const [text, setText] = useState(name);
  const [busy, setBusy] = useState(false);
  const save = async (): Promise<void> => {
    const displayName = text.trim();
    setBusy(true);
    try {
      await client.request({
        ...{ method: 'PATCH', service: 'conversation', path: 'users/user', body: { displayName } },
      });
      names.learn(me.id, displayName);
    } catch (error) {
      tellError('The name was not changed', error);
    }
    setBusy(false);
  };
  return (
    <Dialog title="Your profile">
      <About id={me.id} name={name} email={me.emails[0]} />
      <form
        class="form name-form"
        onSubmit={(event) => {
          event.preventDefault();
          void save();
        }}
      >
        <label class="field">
          <span>Name others see</span>
          <input
            type="text"
            value={text}
            maxLength={120}
            data-testid="own-name"
            onInput={(event) => {
              setText(event.currentTarget.value);
            }}
          />
        </label>
        <button class="button" type="submit" disabled={busy || text.trim() === '' || text.trim() === name}>
          {busy ? 'Saving…' : 'Save'}
        </button>
      </form>
      <div class="field" role="group" aria-label="Your status">
        <span>Status</span>
        <div class="status-choices">
          {choices.map(([status, words, ttlS]) => (
            <button
              key={status}
              type="button"
              class="button small"
              aria-pressed={presence.of(me.id).value === status}
              onClick={() => {
                attempt('The status was not set', () => presence.set(status, ttlS));
              }}
            >
              {status !== 'clear' && <span class={`dot ${status}`} aria-hidden="true" />}
              {words}
            </button>
          ))}
        </div>
      </div>
      <button class="button danger" type="button" onClick={() => void leave()}>
        Sign out
      </button>
    </Dialog>
  );
}
const leave = async (): Promise<void> => {
  sheet.value = undefined;
  await signOut();
};

function Other({ id }: { readonly id: string }) {
  const { client, rooms, names } = useApp();
  const [person, setPerson] = useState<Person>();
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    client.people.get(id).then(setPerson, (error: unknown) => {
      tellError('This person could not be looked up', error);
    });
  }, [client, id]);
  const write = async (): Promise<void> => {
    setBusy(true);
    try {
      await rooms.openDirect(id);
      sheet.value = undefined;
    } catch (error) {
      tellError('The room for the two of you could not be opened', error);
      setBusy(false);
    }
  };
  const name = person?.displayName ?? names.of(id, '…');
  return (
    <Dialog title={name}>
      <About id={id} name={name} email={person?.emails[0]} />
      <button class="button primary" type="button" data-first disabled={busy} onClick={() => void write()}>
        {busy ? 'Opening…' : 'Message'}
      </button>
    </Dialog>
  );
}

function About(props: { readonly id: string; readonly name: string; readonly email: string | undefined }) {
  const { presence } = useApp();
  const { id, name, email } = props;
  return (
    <div class="about" data-testid="about">
      <PersonAvatar personId={id} name={name} size="large" />
      <div>
        <strong>{name}</strong>
        <span class="quiet">{email ?? '…'}</span>
        <span class="quiet" data-testid="status-words">
          {presenceWords(presence.of(id).value)}
        </span>
      </div>
    </div>
  );
}
