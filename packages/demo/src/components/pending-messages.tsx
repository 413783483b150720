import { sizeOf } from '../lib/text.js';
import type { Chat } from '../stores/chat.js';
import type { Pending } from '../stores/sending.js';
import { Icon } from './icon.js';

/** What is on its way, and what did not get there. */
export function PendingMessages(props: { readonly chat: Chat; readonly parentId?: string }) {
  const { chat, parentId } = props;
  const pending = chat.sending.pending.value.filter((one) => one.parentId === parentId);
  if (pending.length === 0) return null;
  return (
    <section class="group mine pending" aria-label="On its way">
      <div class="group-messages">
        {pending.map((one) => (
          <PendingMessage key={one.key} one={one} chat={chat} />
        ))}
      </div>
    </section>
  );
}

function PendingMessage({ one, chat }: { readonly one: Pending; readonly chat: Chat }) {
  const { key, text, file, state, error } = one;
  const failed = state === 'failed';
  return (
    <div class={`message ${state}`} data-testid="pending">
      <div class="bubble-side">
        {text !== '' && (
          <div class="bubble">
            <div class="words plain">{text}</div>
          </div>
        )}
        {file && <Upload file={file} one={one} />}
        <div class="pending-line quiet">
          {failed ? (
            <>
              <span class="failed-words" role="alert">
                <Icon name="warn" size={14} /> Not sent. {error}
              </span>
              <button
                type="button"
                class="button small"
                onClick={() => {
                  chat.sending.retry(key);
                }}
              >
                Try again
              </button>
            </>
          ) : (
            <span>Sending…</span>
          )}
          {(failed || file) && (
            <button
              type="button"
              class="button small"
              onClick={() => {
                chat.sending.drop(key);
              }}
            >
              {failed ? 'Discard' : 'Cancel'}
            </button>
          )}
        </div>
      </div>
    </div>
  );
}

function Upload({ file, one }: { readonly file: File; readonly one: Pending }) {
  const sent = Math.min(one.sentBytes, file.size);
  return (
    <div class="file uploading">
      <Icon name="file" />
      <span class="file-words">
        <strong>{file.name}</strong>
        <span class="quiet">
          {sizeOf(sent)} of {sizeOf(file.size)}
        </span>
        <progress max={Math.max(file.size, 1)} value={sent} aria-label={`${file.name}: sent so far`} />
      </span>
    </div>
  );
}
