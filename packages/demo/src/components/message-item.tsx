import type { Message } from '@trunkline/messages';
import { useMemo, useState } from 'preact/hooks';
import { plainHtml, safeHtml } from '../lib/safe-html.js';
import { fullTime } from '../lib/time.js';
import type { Chat } from '../stores/chat.js';
import { tellError } from '../stores/toasts.js';
import { FileView } from './file-view.js';
import { IconButton } from './icon.js';
import { Readers } from './readers.js';

export function MessageItem(props: {
  readonly message: Message;
  readonly chat: Chat;
  readonly mine: boolean;
}) {
  const { message, chat, mine } = props;
  const { files = [], updated } = message;
  const hasWords = Boolean(message.html ?? message.text);
  const editing = chat.editing.value?.id === message.id;
  return (
    <>
      <div
        class={`message ${editing ? 'editing' : ''}`}
        data-testid="message"
        title={fullTime(message.created)}
      >
        <div class="bubble-side">
          {hasWords && (
            <div class="bubble">
              <Words message={message} />
              {updated !== undefined && <span class="edited quiet"> (edited)</span>}
            </div>
          )}
          {files.map((url) => (
            <FileView key={url} url={url} />
          ))}
          {!hasWords && files.length === 0 && (
            <div class="bubble unreadable">This message cannot be read here.</div>
          )}
        </div>
        {mine && <Actions message={message} chat={chat} editable={hasWords && files.length === 0} />}
      </div>
      <Readers readers={chat.readers.value.get(message.id)} />
    </>
  );
}

function Words({ message }: { readonly message: Message }) {
  const { html, text } = message;
  const shown = useMemo(() => (html === undefined ? plainHtml(text ?? '') : safeHtml(html)), [html, text]);
  const kind = html === undefined ? 'words plain' : 'words';
  return <div class={kind} dangerouslySetInnerHTML={{ __html: shown }} />;
}

function Actions(props: { readonly message: Message; readonly chat: Chat; readonly editable: boolean }) {
  const { message, chat, editable } = props;
  const [sure, setSure] = useState(false);
  const remove = (): void => {
    chat.remove(message).catch((error: unknown) => {
      setSure(false);
      tellError('The message was not deleted', error);
    });
  };
  return (
    <div
      class={`actions ${sure ? 'shown' : ''}`}
      onMouseLeave={() => {
        setSure(false);
      }}
    >
      {sure ? (
        <button type="button" class="button small danger" onClick={remove}>
          Delete for everybody
        </button>
      ) : (
        <>
          {editable && <IconButton icon="edit" label="Edit" onClick={() => (chat.editing.value = message)} />}
          <IconButton
            icon="remove"
            label="Delete"
            onClick={() => {
              setSure(true);
            }}
          />
        </>
      )}
    </div>
  );
}
