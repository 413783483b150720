import type { Message } from '@trunkline/messages';
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { plainHtml, safeHtml } from '../lib/safe-html.js';
import { fullTime } from '../lib/time.js';
import type { Chat } from '../stores/chat.js';
import { FileView } from './file-view.js';
import { CardView } from './card-view.js';
import { Icon } from './icon.js';
import { MessageActions, type ActionsState } from './message-actions.js';
import { ReactionChips } from './reaction-chips.js';
import { ThreadSummary } from './thread-summary.js';
import { Readers } from './readers.js';

export function MessageItem(props: {
  readonly message: Message;
  readonly chat: Chat;
  readonly mine: boolean;
  readonly inThread: boolean;
}) {
  const { message, chat, mine, inThread } = props;
  const { attachments = [], files = [], id, parentId, updated } = message;
  const state = useSignal<ActionsState>('menu');
  // the words of a card are for who cannot see it
  const hasWords = Boolean(message.html ?? message.text) && attachments.length === 0;
  const onKey = (event: KeyboardEvent): void => {
    const box = event.currentTarget as HTMLElement;
    if (event.target !== event.currentTarget) {
      if (event.key === 'Escape' && state.value !== 'menu') {
        state.value = 'menu';
        box.focus(); // the button that had the focus is going
        event.preventDefault();
      }
      return;
    }
    if (event.key === '+') state.value = 'react';
    else if (event.key.toLowerCase() === 't' && parentId === undefined) chat.thread.value = id;
    else if (event.key === 'ArrowUp' || event.key === 'ArrowDown')
      stepFrom(box, event.key === 'ArrowUp' ? -1 : 1);
    else return;
    event.preventDefault();
  };
  const editing = chat.editing.value?.id === message.id;
  return (
    <>
      <div
        class={`message ${editing ? 'editing' : ''}`}
        data-testid="message"
        title={fullTime(message.created)}
        tabIndex={0}
        onKeyDown={onKey}
        onMouseLeave={() => (state.value = 'menu')}
      >
        <div class="bubble-side">
          {parentId !== undefined && !inThread && (
            <button type="button" class="answers-to quiet" onClick={() => (chat.thread.value = parentId)}>
              <Icon name="reply" size={14} /> Answer to an earlier message
            </button>
          )}
          {hasWords && (
            <div class="bubble">
              <Words message={message} />
              {updated !== undefined && <span class="edited quiet"> (edited)</span>}
            </div>
          )}
          {files.map((url) => (
            <FileView key={url} url={url} />
          ))}
          {attachments.map(({ content }, index) => (
            <CardView key={index} message={message} content={content} />
          ))}
          {!hasWords && files.length + attachments.length === 0 && (
            <div class="bubble unreadable">This message cannot be read here.</div>
          )}
          <ReactionChips messageId={id} chat={chat} />
          {!inThread && <ThreadSummary messageId={id} chat={chat} />}
        </div>
        <MessageActions {...{ message, chat, mine, state }} editable={hasWords && files.length === 0} />
      </div>
      {!inThread && <Readers readers={chat.readers.value.get(id)} />}
    </>
  );
}

function Words({ message }: { readonly message: Message }) {
  const { html, text } = message;
  const shown = useMemo(() => (html === undefined ? plainHtml(text ?? '') : safeHtml(html)), [html, text]);
  const kind = html === undefined ? 'words plain' : 'words';
  return <div class={kind} dangerouslySetInnerHTML={{ __html: shown }} />;
}

/** The message above or below, where the focus goes. */
function stepFrom(message: HTMLElement, by: 1 | -1): void {
  const all = [...(message.closest('.timeline')?.querySelectorAll<HTMLElement>('.message[tabindex]') ?? [])];
  all[all.indexOf(message) + by]?.focus();
}
