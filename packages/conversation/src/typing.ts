import type { TypingEventData } from '@trunkline/wire';
import { pathOf, type Context } from './context.js';
import type { Conversation, Typing } from './types.js';

/** a beginning that is not renewed is over after this */
const endsAfterMs = 15_000;
const starts = 'status.start_typing';
const stops = 'status.stop_typing';

/** @source protocol/conversation.md §3 */
export function typing({ host }: Context): Pick<Conversation, 'typing' | 'onTyping'> {
  const listeners = new Set<(typing: Typing) => void>();
  /** those who write now, and the end of their time */
  const writing = new Map<string, () => void>();
  let leave: (() => void) | undefined;
  host.onClose(() => {
    listeners.clear();
    rest();
  });

  /** Nobody listens: nothing is waited for. */
  function rest(): void {
    leave?.();
    leave = undefined;
    for (const cancel of writing.values()) cancel();
    writing.clear();
  }

  function take({ eventType, conversationId, actor }: TypingEventData): void {
    const personId = actor.entryUUID || actor.id;
    const key = `${conversationId} ${personId}`;
    const tell = (isTyping: boolean): void => {
      for (const listener of [...listeners])
        try {
          listener({ conversationId, personId, displayName: actor.displayName, isTyping });
        } catch (error) {
          host.report(error, 'a listener of conversation.onTyping');
        }
    };
    const cancel = writing.get(key);
    cancel?.();
    writing.delete(key);
    if (eventType === starts) {
      const end = (): void => {
        writing.delete(key);
        tell(false);
      };
      writing.set(key, host.clock.after(endsAfterMs, end, { unref: true }));
      // a renewal is no news
      if (!cancel) tell(true);
    } else if (cancel) tell(false);
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
    onTyping(listener) {
      // its own function, so that one listener given twice is two
      const mine = (event: Typing): void => {
        listener(event);
      };
      listeners.add(mine);
      if (!leave) {
        const off = [host.onWire(starts, take), host.onWire(stops, take)];
        leave = () => {
          for (const each of off) each();
        };
      }
      return () => {
        if (listeners.delete(mine) && listeners.size === 0) rest();
      };
    },
  };
}
