import { useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { tellError } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { Dialog } from './dialog.js';
import { PeoplePicker, type Picked } from './people-picker.js';

/** A room for two begins with the first word. */
export function NewDirect() {
  const { rooms } = useApp();
  const [picked, setPicked] = useState<readonly Picked[]>([]);
  const [text, setText] = useState('');
  const [busy, setBusy] = useState(false);
  const [person] = picked;
  const ready = person !== undefined && text.trim() !== '' && !busy;
  const begin = async (): Promise<void> => {
    if (!ready) return;
    setBusy(true);
    try {
      await rooms.createDirect(person, text.trim());
      sheet.value = undefined;
    } catch (error) {
      tellError('The message was not sent', error);
      setBusy(false);
    }
  };
  return (
    <Dialog title="Write to a person">
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void begin();
        }}
      >
        <PeoplePicker picked={picked} onChange={setPicked} single />
        <label class="field">
          <span>Message</span>
          <input
            type="text"
            value={text}
            placeholder="The first word"
            autocomplete="off"
            onInput={(event) => {
              setText(event.currentTarget.value);
            }}
          />
        </label>
        <button class="button primary" type="submit" disabled={!ready}>
          {busy ? 'Sending…' : 'Send'}
        </button>
      </form>
    </Dialog>
  );
}
