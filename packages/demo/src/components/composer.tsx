import { useEffect, useRef } from 'preact/hooks';
import { sizeOf } from '../lib/text.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { wordsOf } from '../stores/sending.js';
import { tellError } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { Icon, IconButton } from './icon.js';

/** Where one writes: Enter sends, Shift+Enter breaks the line, ↑ edits one's last message, files by button, paste, drop. */
export function Composer(props: {
  readonly chat: Chat;
  readonly title: string;
  /** the message this one answers; left out: the room itself */
  readonly parentId?: string;
}) {
  const { chat, title, parentId } = props;
  const { me, typing } = useApp();
  const draft = parentId === undefined ? chat.draft : chat.threadDraft;
  const field = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const files = draft.files.value;
  const edited = chat.editing.value;
  const isMine = (edited?.parentId === undefined) === (parentId === undefined);
  const editing = isMine || chat.thread.value === undefined ? edited : undefined;
  const text = draft.text.value;
  const attach = (more: FileList | null | undefined): void => {
    draft.attach(more);
    field.current?.focus();
  };

  useEffect(() => {
    if (sheet.peek() === undefined) field.current?.focus();
  }, [chat, parentId]);
  useEffect(() => {
    if (!editing) return;
    draft.text.value = editing.markdown ?? editing.text ?? '';
    field.current?.focus();
  }, [editing, draft]);
  useEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${String(Math.min(box.scrollHeight, 220))}px`;
  }, [text]);

  const stopEditing = (): void => {
    chat.editing.value = undefined;
    draft.text.value = '';
  };
  const submit = (): void => {
    const said = text.trim();
    if (editing) {
      stopEditing();
      if (said !== '' && said !== editing.text)
        chat.edit(editing, wordsOf(said)).catch((error: unknown) => {
          tellError('The change was not saved', error);
        });
    } else if (said !== '' || files.length > 0) {
      chat.sending.send(said, files, parentId);
      draft.text.value = '';
      draft.files.value = [];
    }
    typing.stopped(chat.roomId);
    field.current?.focus();
  };
  const editLast = (): boolean => {
    const last = chat.messages
      .peek()
      .findLast(
        (one) =>
          one.personId === me.id &&
          !one.files?.length &&
          !one.attachments?.length &&
          one.parentId === parentId,
      );
    if (last) chat.editing.value = last;
    return last !== undefined;
  };
  const onKey = (event: KeyboardEvent): void => {
    if (event.isComposing) return; // Enter chooses a character there
    if (event.key === 'Enter' && !event.shiftKey) submit();
    else if (event.key === 'ArrowUp' && !event.altKey && text === '' && !editing && editLast())
      event.preventDefault();
    else if (event.key === 'Escape' && editing) stopEditing();
    else return;
    event.preventDefault();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {editing && (
        <div class="composer-note">
          <Icon name="edit" size={16} /> <span>You are editing a message.</span>
          <button type="button" class="button small" onClick={stopEditing}>
            Leave it as it was
          </button>
        </div>
      )}
      {files.length > 0 && (
        <ul class="chips" aria-label="Files to send">
          {files.map((file) => (
            <li key={`${file.name} ${String(file.lastModified)}`} class="chip">
              {file.name} <span class="quiet">{sizeOf(file.size)}</span>
              <button
                type="button"
                aria-label={`Not ${file.name}`}
                onClick={() => {
                  draft.files.value = files.filter((other) => other !== file);
                }}
              >
                <Icon name="close" size={14} />
              </button>
            </li>
          ))}
        </ul>
      )}
      <div class="composer-row">
        <IconButton icon="clip" label="Attach files" onClick={() => chooser.current?.click()} />
        {parentId === undefined && (
          <IconButton icon="card" label="Send a card" onClick={() => (sheet.value = 'send-card')} />
        )}
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          data-testid={parentId === undefined ? 'file-chooser' : 'thread-file-chooser'}
          onChange={(event) => {
            attach(event.currentTarget.files);
            event.currentTarget.value = '';
          }}
        />
        <textarea
          ref={field}
          rows={1}
          value={text}
          placeholder={`Write to ${title}`}
          aria-label={`Message to ${title}`}
          data-testid={parentId === undefined ? 'composer' : 'thread-composer'}
          onInput={(event) => {
            draft.text.value = event.currentTarget.value;
            if (event.currentTarget.value.trim() === '') typing.stopped(chat.roomId);
            else if (!editing) typing.wrote(chat.roomId);
          }}
          onKeyDown={onKey}
          onPaste={(event) => {
            if (!event.clipboardData?.files.length) return;
            event.preventDefault();
            attach(event.clipboardData.files);
          }}
        />
        <button
          class="icon-button send"
          type="submit"
          aria-label={editing ? 'Save' : 'Send'}
          title={editing ? 'Save (Enter)' : 'Send (Enter)'}
          disabled={text.trim() === '' && files.length === 0}
        >
          <Icon name={editing ? 'check' : 'send'} />
        </button>
      </div>
    </form>
  );
}
