import { useEffect, useRef, useState } from 'preact/hooks';
import { sizeOf } from '../lib/text.js';
import { useApp } from '../session/app-context.js';
import type { Chat } from '../stores/chat.js';
import { wordsOf } from '../stores/sending.js';
import { tellError } from '../stores/toasts.js';
import { sheet } from '../stores/ui.js';
import { Icon, IconButton } from './icon.js';

/** Where one writes: Enter sends, Shift+Enter breaks the line, ↑ edits one's last message, files by button, paste, drop. */
export function Composer({ chat, title }: { readonly chat: Chat; readonly title: string }) {
  const { me } = useApp();
  const field = useRef<HTMLTextAreaElement>(null);
  const chooser = useRef<HTMLInputElement>(null);
  const [files, setFiles] = useState<readonly File[]>([]);
  const editing = chat.editing.value;
  const text = chat.draft.value;
  const attach = (more: FileList | null | undefined): void => {
    if (more) setFiles([...files, ...more]);
    field.current?.focus();
  };

  useEffect(() => {
    if (sheet.peek() === undefined) field.current?.focus();
  }, [chat]);
  useEffect(() => {
    if (!editing) return;
    chat.draft.value = editing.markdown ?? editing.text ?? '';
    field.current?.focus();
  }, [editing, chat]);
  useEffect(() => {
    const box = field.current;
    if (!box) return;
    box.style.height = 'auto';
    box.style.height = `${String(Math.min(box.scrollHeight, 220))}px`;
  }, [text]);

  const stopEditing = (): void => {
    chat.editing.value = undefined;
    chat.draft.value = '';
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
      chat.sending.send(said, files);
      chat.draft.value = '';
      setFiles([]);
    }
    field.current?.focus();
  };
  const editLast = (): boolean => {
    const last = chat.messages
      .peek()
      .findLast(({ personId, files: sent }) => personId === me.id && !sent?.length);
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
      onDragOver={(event) => {
        event.preventDefault();
      }}
      onDrop={(event) => {
        event.preventDefault();
        attach(event.dataTransfer?.files);
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
              {file.name} <span class="quiet">{sizeOf(file.size)}, not end-to-end encrypted</span>
              <button
                type="button"
                aria-label={`Not ${file.name}`}
                onClick={() => {
                  setFiles(files.filter((other) => other !== file));
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
        <input
          ref={chooser}
          type="file"
          multiple
          hidden
          data-testid="file-chooser"
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
          data-testid="composer"
          onInput={(event) => {
            chat.draft.value = event.currentTarget.value;
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
