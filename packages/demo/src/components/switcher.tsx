import { useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { sheet } from '../stores/ui.js';
import { Dialog } from './dialog.js';

/** Ctrl+K: some letters of a title, Enter. */
export function Switcher() {
  const { rooms } = useApp();
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const wanted = text.trim().toLowerCase();
  const found = rooms.list.value.filter(({ title }) => title.toLowerCase().includes(wanted)).slice(0, 9);
  const index = Math.min(at, found.length - 1);
  const go = (id: string | undefined): void => {
    if (id === undefined) return;
    sheet.value = undefined;
    rooms.open(id);
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') go(found[index]?.id);
    else if (event.key === 'ArrowDown') setAt(Math.min(index + 1, found.length - 1));
    else if (event.key === 'ArrowUp') setAt(Math.max(index - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <Dialog title="Go to a room" class="switcher">
      <label class="field">
        <span class="unseen">Title</span>
        <input
          type="text"
          role="combobox"
          aria-expanded="true"
          aria-controls="switcher-found"
          aria-activedescendant={found.length > 0 ? `switcher-${String(index)}` : undefined}
          value={text}
          placeholder="Some letters of its title"
          autocomplete="off"
          data-first
          data-testid="switcher"
          onInput={(event) => {
            setText(event.currentTarget.value);
            setAt(0);
          }}
          onKeyDown={onKey}
        />
      </label>
      <ul class="offers" role="listbox" id="switcher-found" aria-label="Rooms">
        {found.map(({ id, title, type, unread }, place) => (
          <li
            key={id}
            id={`switcher-${String(place)}`}
            role="option"
            aria-selected={place === index}
            class={`offer ${place === index ? 'chosen' : ''}`}
            onClick={() => {
              go(id);
            }}
          >
            <span aria-hidden="true">{type === 'direct' ? '@' : '#'}</span>
            <span>{title}</span>
            {unread > 0 && <span class="badge">{unread}</span>}
          </li>
        ))}
        {found.length === 0 && <li class="quiet offer-none">No room with these letters.</li>}
      </ul>
    </Dialog>
  );
}
