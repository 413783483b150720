import type { TypingEventData } from '@trunkline/wire';
import { createFanOut } from '@trunkline/core/kit';
import { pathOf, type Context } from './context.js';
import type { Conversation, Typing } from '../types.js';

/** a beginning that is not renewed is over after this */
const endsAfterMs = 15_000;
const starts = 'status.start_typing';
const stops = 'status.stop_typing';

/** @source protocol/conversation.md §3 */
export function typing({ host }: Context): Pick<Conversation, 'typing' | 'onTyping'> {
  const listeners = createFanOut<Typing>(
    (error) => {
      host.report(error, 'a listener of conversation.onTyping');
    },
    (wanted) => {
      if (wanted) {
        const off = [host.onWire(starts, take), host.onWire(stops, take)];
        leave = () => {
          for (const each of off) each();
        };
      } else rest();
    },
  );
  /** those who write now, and the end of their time */
  const writing = new Map<string, () => void>();
  let leave: (() => void) | undefined;
  host.onClose(() => {
    listeners.clear();
  });

  /** No one listens: nothing is waited for. */
  function rest(): void {
    leave?.();
    leave = undefined;
    for (const cancel of writing.values()) cancel();
    writing.clear();
  }

  function take({ eventType, conversationId, actor }: TypingEventData): void {
    const personId = actor.entryUUID || actor.id;
    const key = `${conversationId} ${personId}`;
    const emit = (isTyping: boolean): void => {
      void listeners.emit({ conversationId, personId, displayName: actor.displayName, isTyping }, undefined);
    };
    const cancel = writing.get(key);
    cancel?.();
    writing.delete(key);
    if (eventType === starts) {
      const end = (): void => {
        writing.delete(key);
        emit(false);
      };
      writing.set(key, host.clock.after(endsAfterMs, end, { unref: true }));
      // a renewal is not a news
      if (!cancel) emit(true);
    } else if (cancel) emit(false);
  }

  return {
    async typing(conversationId, isTyping, init) {
      await host.request({
        ...init,
        method: 'POST',
        service: 'conversation',
        path: `${pathOf(conversationId)}/status/typing`,
        body: { conversationId, eventType: isTyping ? starts : stops },
      });
    },
    onTyping: listeners.add,
  };
}
