import { useEffect } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import type { RoomEntry } from '../stores/rooms.js';
import { attempt } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { PersonAvatar } from './avatar.js';
import { Composer } from './composer.js';
import { DropZone } from './drop-zone.js';
import { Icon, IconButton } from './icon.js';
import { Logo } from './logo.js';
import { MessagesSkeleton } from './skeletons.js';
import { Timeline } from './timeline.js';
import { TypingLine } from './typing-line.js';

export function Room() {
  const { rooms } = useApp();
  const room = rooms.active.value;
  if (room === undefined) return <NoRoom />;
  return <OpenRoom key={room.id} room={room} />;
}

function NoRoom() {
  const { rooms, me } = useApp();
  const none = rooms.state.value === 'ready' && rooms.list.value.length === 0;
  return (
    <main class="room empty-room">
      <Logo size={56} />
      <h1>Hello, {me.displayName.split(' ')[0]}</h1>
      <p>
        {none
          ? 'You are in no room yet. Make one, or write to a person.'
          : 'Choose a room on the left, or press Ctrl+K and type its name.'}
      </p>
      <div class="row">
        <button class="button primary" type="button" onClick={() => (sheet.value = 'new-room')}>
          New room
        </button>
        <button class="button" type="button" onClick={() => (sheet.value = 'new-direct')}>
          Write to a person
        </button>
      </div>
    </main>
  );
}

function OpenRoom({ room }: { readonly room: RoomEntry }) {
  const { rooms, chats } = useApp();
  const chat = chats.of(room.id);
  const load = (): void => {
    attempt('The messages could not be read', chat.load);
  };
  useEffect(() => {
    if (chat.state.peek() !== 'ready') load();
  }, [chat]);
  const state = chat.state.value;
  return (
    <DropZone title={room.title} draft={chat.draft}>
      <header class="room-head">
        <IconButton
          icon="back"
          label="All rooms"
          class="only-narrow"
          onClick={() => {
            rooms.open(undefined);
          }}
        />
        <div class="room-name">
          <h1>{room.title}</h1>
          <span class="quiet encrypted" title="Words, files and cards leave this page encrypted">
            <Icon name="lock" size={13} /> End-to-end encrypted
          </span>
        </div>
        <People room={room} />
      </header>
      {state === 'ready' ? (
        <Timeline chat={chat} />
      ) : state === 'failed' ? (
        <div class="empty-note grow">
          <p>The messages of this room could not be read.</p>
          <button class="button" type="button" onClick={load}>
            Try again
          </button>
        </div>
      ) : (
        <MessagesSkeleton />
      )}
      <TypingLine roomId={room.id} />
      <Composer chat={chat} title={room.title} />
    </DropZone>
  );
}

function People({ room }: { readonly room: RoomEntry }) {
  const { chats } = useApp();
  const members = chats.of(room.id).members.value;
  return (
    <button
      type="button"
      class="people-button"
      title="Who is here, and add people"
      data-testid="people"
      onClick={() => (sheet.value = 'add-people')}
    >
      <span class="stack" aria-hidden="true">
        {(members ?? []).slice(0, 4).map(({ personId, name }) => (
          <PersonAvatar key={personId} personId={personId} name={name} size="small" />
        ))}
      </span>
      <span>
        {members === undefined
          ? 'People'
          : `${String(members.length)} ${members.length === 1 ? 'person' : 'people'}`}
      </span>
      <Icon name="add" size={16} />
    </button>
  );
}
