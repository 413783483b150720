import { useEffect } from 'preact/hooks';
import { useApp } from '../session/app-context.js';
import { announcement, showsList, watchLooking } from '../stores/ui.js';
import { Banner } from './banner.js';
import { Inspector } from './inspector.js';
import { Lightbox } from './lightbox.js';
import { Room } from './room.js';
import { Sheets } from './sheets.js';
import { useShortcuts } from './shortcuts.js';
import { Sidebar } from './sidebar.js';
import { Thread } from './thread.js';

/** The page of someone who is signed in. */
export function Messenger() {
  const { rooms, inspector, chats } = useApp();
  useShortcuts();
  useEffect(watchLooking, []);
  const unread = rooms.unreadTotal.value;
  useEffect(() => {
    document.title = unread > 0 ? `(${String(unread)}) Trunkline` : 'Trunkline';
  }, [unread]);
  const classes = ['messenger', showsList.value ? 'shows-list' : 'shows-room'];
  const room = rooms.active.value;
  const threadId = room && chats.of(room.id).thread.value;
  if (threadId !== undefined) classes.push('with-thread');
  if (inspector.isOpen.value) classes.push('with-inspector');
  return (
    <div class={classes.join(' ')}>
      <Banner />
      <Sidebar />
      <Room />
      {room !== undefined && threadId !== undefined && (
        <Thread key={threadId} chat={chats.of(room.id)} rootId={threadId} />
      )}
      {inspector.isOpen.value && <Inspector />}
      <Sheets />
      <Lightbox />
      <div class="unseen" role="status" aria-live="polite">
        {announcement.value}
      </div>
    </div>
  );
}
