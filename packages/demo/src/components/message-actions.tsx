import type { Message } from '@trunkline/messages';
import type { Signal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { emojiOf, reactionNames } from '../lib/reactions.js';
import type { Chat } from '../stores/chat.js';
import { attempt, tellError } from '../stores/toasts.js';
import { IconButton } from './icon.js';

export type ActionsState = 'menu' | 'react' | 'sure';

/** What one can do with a message: shown over it on hover and while it has the focus. */
export function MessageActions(props: {
  readonly message: Message;
  readonly chat: Chat;
  readonly mine: boolean;
  readonly editable: boolean;
  readonly state: Signal<ActionsState>;
}) {
  const { message, chat, mine, editable, state } = props;
  const { id, parentId } = message;
  const toolbar = useRef<HTMLDivElement>(null);
  // in the same render, not a frame later: the next key may already be on its way
  useLayoutEffect(() => {
    if (state.value !== 'menu') toolbar.current?.querySelector('button')?.focus();
  }, [state.value]);
  const remove = (): void => {
    chat.remove(message).catch((error: unknown) => {
      state.value = 'menu';
      tellError('The message was not deleted', error);
    });
  };
  return (
    <div
      ref={toolbar}
      class={`actions ${state.value === 'menu' ? '' : 'shown'}`}
      role="toolbar"
      aria-label="For this message"
    >
      {state.value === 'sure' ? (
        <button type="button" class="button small danger" onClick={remove}>
          Delete for everybody
        </button>
      ) : state.value === 'react' ? (
        reactionNames.map((name) => (
          <button
            key={name}
            type="button"
            class="emoji"
            aria-label={name}
            title={name}
            onClick={() => {
              state.value = 'menu';
              attempt('The reaction was not sent', () => chat.reactions.toggle(id, name));
            }}
          >
            {emojiOf(name)}
          </button>
        ))
      ) : (
        <>
          <IconButton icon="smile" label="React" keys="+" onClick={() => (state.value = 'react')} />
          {parentId === undefined && (
            <IconButton
              icon="reply"
              label="Answer in a thread"
              keys="T"
              onClick={() => (chat.thread.value = id)}
            />
          )}
          {mine && editable && (
            <IconButton icon="edit" label="Edit" onClick={() => (chat.editing.value = message)} />
          )}
          {mine && <IconButton icon="remove" label="Delete" onClick={() => (state.value = 'sure')} />}
        </>
      )}
    </div>
  );
}
