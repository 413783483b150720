import { useEffect, useMemo, useRef } from 'preact/hooks';
import { timelineOf } from '../lib/timeline.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { attempt } from '../stores/toasts.js';
import { Composer } from './composer.js';
import { IconButton } from './icon.js';
import { MessageGroup } from './message-group.js';
import { PendingMessages } from './pending-messages.js';

/** A message and its answers, at the side of the room. Escape closes it. */
export function Thread({ chat, rootId }: { readonly chat: Chat; readonly rootId: string }) {
  const { rooms } = useApp();
  const place = useRef<HTMLDivElement>(null);
  const root = chat.messages.value.find(({ id }) => id === rootId);
  const replies = chat.replies.value.get(rootId) ?? [];
  const pending = chat.sending.pending.value.filter(({ parentId }) => parentId === rootId).length;
  const items = useMemo(
    () => timelineOf([...(root ? [root] : []), ...replies]).filter(({ kind }) => kind === 'group'),
    [root, replies],
  );
  const close = (): void => {
    chat.thread.value = undefined;
  };
  useEffect(() => {
    attempt('The thread could not be read', () => chat.loadThread(rootId));
  }, [chat, rootId]);
  useEffect(() => {
    place.current?.scrollTo(0, place.current.scrollHeight);
  }, [items.length, replies.length, pending]);
  return (
    <aside
      class="thread"
      aria-label="Thread"
      data-testid="thread"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && !event.defaultPrevented) close();
      }}
    >
      <header class="room-head">
        <div class="room-name">
          <h2>Thread</h2>
          <span class="quiet">{rooms.active.value?.title}</span>
        </div>
        <IconButton icon="close" label="Close the thread" keys="Esc" onClick={close} />
      </header>
      <div class="timeline grow" ref={place} role="log" aria-label="Answers" tabIndex={0}>
        {items.map(
          (item) =>
            item.kind === 'group' && <MessageGroup key={item.key} group={item} chat={chat} inThread />,
        )}
        <PendingMessages chat={chat} parentId={rootId} />
      </div>
      <Composer chat={chat} title="this thread" parentId={rootId} />
    </aside>
  );
}
