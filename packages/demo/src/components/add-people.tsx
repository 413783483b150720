import { useState } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { tellError } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { AvatarButton } from './avatar.js';
import { Dialog } from './dialog.js';
import { RoomSettings } from './room-settings.js';
import { PeoplePicker, type Picked } from './people-picker.js';

/** Who is in the open room, and who is to come. */
export function AddPeople() {
  const { rooms, chats } = useApp();
  const room = rooms.active.value;
  const [picked, setPicked] = useState<readonly Picked[]>([]);
  const [busy, setBusy] = useState(false);
  if (room === undefined) return null;
  const members = chats.of(room.id).members.value ?? [];
  const add = async (): Promise<void> => {
    setBusy(true);
    try {
      await rooms.add(
        room.id,
        picked.map(({ email }) => email),
      );
      sheet.value = undefined;
    } catch (error) {
      tellError('Not everybody could be added', error);
      setBusy(false);
    }
  };
  return (
    <Dialog title={`People in ${room.title}`}>
      <ul class="members">
        {members.map(({ personId, name, email }) => (
          <li key={personId}>
            <AvatarButton personId={personId} name={name} size="small" />
            <span>{name}</span>
            <span class="quiet">{email}</span>
          </li>
        ))}
      </ul>
      {room.type === 'direct' ? (
        <p class="quiet">This room is for the two of you. For more people make a room.</p>
      ) : (
        <form
          class="form"
          onSubmit={(event) => {
            event.preventDefault();
            void add();
          }}
        >
          <PeoplePicker picked={picked} onChange={setPicked} without={members.map(({ email }) => email)} />
          <button class="button primary" type="submit" disabled={busy || picked.length === 0}>
            {busy ? 'Adding…' : picked.length > 1 ? `Add ${String(picked.length)} people` : 'Add'}
          </button>
        </form>
      )}
      {room.type === 'group' && <RoomSettings room={room} />}
    </Dialog>
  );
}
