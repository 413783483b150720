import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { timelineOf } from '../lib/timeline.js';
import { dayLabel } from '../lib/time.js';
import { unreadOf } from '../lib/unread.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { looking } from '../stores/ui.js';
import { Icon } from './icon.js';
import { MessageGroup } from './message-group.js';
import { PendingMessages } from './pending-messages.js';
import { useTimelineScroll } from './use-timeline-scroll.js';

/** What was said, oldest above; stays at its end while one is there, and where one reads otherwise. */
export function Timeline({ chat }: { readonly chat: Chat }) {
  const { me, rooms } = useApp();
  const messages = chat.roots.value;
  const all = chat.messages.value;
  const pending = chat.sending.pending.value.filter(({ parentId }) => parentId === undefined);
  const place = useRef<HTMLDivElement>(null);
  const [newFromId] = useState(() => firstNew(chat, me.id));
  const items = useMemo(() => timelineOf(messages, newFromId), [messages, newFromId]);
  const { atEnd, toEnd, onScroll } = useTimelineScroll(
    place,
    chat,
    messages.length + pending.length,
    messages[0]?.id,
  );

  // a user who sees the end of the room has read it
  const newestId = all.at(-1)?.id;
  const isLooking = looking.value;
  useEffect(() => {
    if (newestId !== undefined && atEnd && isLooking) rooms.markRead(chat.roomId);
  }, [newestId, atEnd, isLooking, rooms, chat]);

  return (
    <div class="timeline-place">
      <div
        class="timeline"
        ref={place}
        role="log"
        aria-live="off"
        aria-label="Messages"
        tabIndex={0}
        onScroll={onScroll}
        data-testid="timeline"
      >
        {chat.hasOlder.value ? (
          <p class="older quiet" aria-hidden="true">
            {chat.loadingOlder.value ? 'Reading older messages…' : ' '}
          </p>
        ) : (
          <p class="beginning quiet">This is where it begins.</p>
        )}
        {messages.length + pending.length === 0 && (
          <div class="empty-note grow">
            <p>Nothing said yet. The first word is yours.</p>
          </div>
        )}
        {items.map((item) =>
          item.kind === 'day' ? (
            <div key={item.key} class="day" role="separator">
              <span>{dayLabel(item.date)}</span>
            </div>
          ) : item.kind === 'new' ? (
            <div key={item.key} class="day new" role="separator">
              <span>New</span>
            </div>
          ) : (
            <MessageGroup key={item.key} group={item} chat={chat} />
          ),
        )}
        <PendingMessages chat={chat} />
      </div>
      {!atEnd && (
        <button type="button" class="to-end" onClick={toEnd}>
          <Icon name="down" size={16} /> Newest
        </button>
      )}
    </div>
  );
}

/** The first message of another person that was not read when the room was opened. */
function firstNew(chat: Chat, myId: string): string | undefined {
  const mine = chat.members.peek()?.find(({ personId }) => personId === myId);
  const messages = chat.messages.peek();
  const seen = messages.findIndex(({ id }) => id === mine?.lastSeenId);
  const after =
    seen >= 0
      ? messages.slice(seen + 1)
      : messages.filter(({ created }) => created > (mine?.lastSeenDate ?? ''));
  return after.length === messages.length ? undefined : unreadOf(after, myId, '')[0]?.id;
}
