import { useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { tellError } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { Dialog } from './dialog.js';
import { PeoplePicker, type Picked } from './people-picker.js';

export function NewRoom() {
  const { rooms } = useApp();
  const [title, setTitle] = useState('');
  const [picked, setPicked] = useState<readonly Picked[]>([]);
  const [busy, setBusy] = useState(false);
  const make = async (): Promise<void> => {
    if (title.trim() === '' || busy) return;
    setBusy(true);
    try {
      await rooms.create(
        title.trim(),
        picked.map(({ email }) => email),
      );
      sheet.value = undefined;
    } catch (error) {
      tellError('Not everything went well with the new room', error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="New room">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void make();
        }}
      >
        <label class="field">
          <span>Title</span>
          <input
            type="text"
            value={title}
            maxLength={200}
            placeholder="What is it about?"
            autocomplete="off"
            data-first
            data-testid="room-title"
            onInput={(event) => {
              setTitle(event.currentTarget.value);
            }}
          />
        </label>
        <PeoplePicker picked={picked} onChange={setPicked} />
        <button class="button primary" type="submit" disabled={busy || title.trim() === ''}>
          {busy ? 'Making it…' : 'Make the room'}
        </button>
      </form>
    </Dialog>
  );
}
