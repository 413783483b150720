import { fullTime, shortWhen } from '../lib/time.js';
import { useApp } from '../session/app-context.js';
import type { RoomEntry } from '../stores/rooms.js';
import { attempt } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { Avatar, PersonAvatar } from './avatar.js';
import { RoomsSkeleton } from './skeletons.js';
import { TypingDots } from './typing-line.js';

export function RoomList() {
  const { rooms } = useApp();
  const list = rooms.list.value;
  if (rooms.state.value === 'loading') return <RoomsSkeleton />;
  if (rooms.state.value === 'failed')
    return (
      <div class="rooms empty-note">
        <p>The rooms could not be read.</p>
        <button
          class="button"
          type="button"
          onClick={() => {
            attempt('The rooms could not be read', rooms.load);
          }}
        >
          Try again
        </button>
      </div>
    );
  if (list.length === 0)
    return (
      <div class="rooms empty-note">
        <p>No rooms yet. Create a room, or wait for an invitation: it appears here automatically.</p>
        <button class="button primary" type="button" onClick={() => (sheet.value = 'new-room')}>
          Make a room
        </button>
      </div>
    );
  return (
    <nav class="rooms" aria-label="Rooms">
      <ul onKeyDown={stepWithArrows}>
        {list.map((room) => (
          <li key={room.id}>
            <RoomRow
              room={room}
              active={rooms.active.value?.id === room.id}
              open={() => {
                rooms.open(room.id);
              }}
            />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function RoomRow({ room, active, open }: { room: RoomEntry; active: boolean; open: () => void }) {
  const { title, type, unread, lastActivity } = room;
  const count = unread > 99 ? '99+' : String(unread);
  return (
    <button
      type="button"
      class={`room-row ${active ? 'active' : ''} ${unread > 0 ? 'unread' : ''}`}
      aria-current={active ? 'true' : undefined}
      onClick={open}
      data-testid="room"
    >
      {type === 'direct' ? (
        room.partnerId === undefined ? (
          <Avatar name={title} />
        ) : (
          <PersonAvatar personId={room.partnerId} name={title} />
        )
      ) : (
        <span class="avatar room-mark" aria-hidden="true">
          #
        </span>
      )}
      <span class="room-words">
        <span class="room-title">{title}</span>
        <span class="room-preview">
          <PreviewLine room={room} />
        </span>
      </span>
      <span class="room-side">
        {lastActivity !== '' && (
          <time dateTime={lastActivity} title={fullTime(lastActivity)}>
            {shortWhen(lastActivity)}
          </time>
        )}
        {unread > 0 && (
          <span class="badge" data-testid="unread">
            <span aria-hidden="true">{count}</span>
            <span class="unseen">{count} new</span>
          </span>
        )}
      </span>
    </button>
  );
}

function PreviewLine({ room: { id, preview, type } }: { readonly room: RoomEntry }) {
  const { me, names, typing } = useApp();
  const [writer] = typing.in(id);
  if (writer !== undefined)
    return (
      <span class="typing-hint">
        <TypingDots /> {type === 'direct' ? 'typing…' : `${writer} is typing…`}
      </span>
    );
  if (preview === undefined) return <>…</>;
  if (preview === 'none') return <>{type === 'direct' ? 'Just the two of you' : 'Nothing said yet'}</>;
  const { personId, personEmail, text } = preview;
  if (personId === me.id) return <>You: {text}</>;
  return <>{type === 'direct' ? text : `${names.of(personId, personEmail).split(' ')[0] ?? ''}: ${text}`}</>;
}

/** Up and down move between rooms; Tab leaves the list. */
function stepWithArrows(event: KeyboardEvent): void {
  if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
  const list = event.currentTarget as HTMLElement;
  const buttons = [...list.querySelectorAll('button')];
  const index = buttons.indexOf(document.activeElement as HTMLButtonElement);
  const next = buttons[index + (event.key === 'ArrowDown' ? 1 : -1)];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
