import { useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import type { RoomEntry } from '../stores/rooms.js';
import { attempt } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';

/** Another name for a room, and the way out of it. */
export function RoomSettings({ room }: { readonly room: RoomEntry }) {
  const { rooms } = useApp();
  const [title, setTitle] = useState(room.title);
  const [sure, setSure] = useState(false);
  const wanted = title.trim();
  return (
    <>
      <form
        class="form name-form"
        onSubmit={(event) => {
          event.preventDefault();
          attempt('The room was not renamed', () => rooms.rename(room.id, wanted));
        }}
      >
        <label class="field">
          <span>Name of the room</span>
          <input
            type="text"
            value={title}
            maxLength={120}
            data-testid="room-name"
            onInput={(event) => {
              setTitle(event.currentTarget.value);
            }}
          />
        </label>
        <button class="button" type="submit" disabled={wanted === '' || wanted === room.title}>
          Rename
        </button>
      </form>
      <button
        class="button danger"
        type="button"
        onClick={() => {
          if (!sure) setSure(true);
          else
            attempt('You are still in this room', async () => {
              await rooms.leave(room.id);
              sheet.value = undefined;
            });
        }}
      >
        {sure ? 'Really leave' : 'Leave this room'}
      </button>
    </>
  );
}
