import { signal } from '@preact/signals';
import { encodeId, uuidOf } from '@trunkline/wire';
import type { DemoClient } from '../session/client.js';

/** Who writes now, and saying that one writes oneself. */
export interface TypingStore {
  /** first names of those who write in this room */
  in(roomId: string): readonly string[];
  /** A key was pressed here. Sent at most every few seconds, and ended when nothing follows. */
  wrote(roomId: string): void;
  /** The field is empty, or its words were sent. */
  stopped(roomId: string): void;
  close(): void;
}

const againMs = 5_000;
const idleMs = 6_000;

export function createTyping(client: DemoClient, myId: string): TypingStore {
  // room uuid → person id → name
  const writing = signal<ReadonlyMap<string, ReadonlyMap<string, string>>>(new Map());
  let mine: { readonly roomId: string; readonly at: number } | undefined;
  let idle: ReturnType<typeof setTimeout> | undefined;
  const change = (room: string, person: string, name: string | undefined): void => {
    const people = new Map(writing.peek().get(room));
    if (name === undefined) people.delete(person);
    else people.set(person, name);
    writing.value = new Map(writing.peek()).set(room, people);
  };
  const off = [
    client.conversation.onTyping(({ conversationId, personId, displayName = 'Someone', isTyping }) => {
      if (encodeId('PEOPLE', personId) !== myId)
        change(conversationId, personId, isTyping ? displayName : undefined);
    }),
    // the author of a new message has stopped typing
    client.messages.on('created', ({ roomId, personId }) => {
      const [room, person] = [uuidOf('ROOM', roomId), uuidOf('PEOPLE', personId)];
      if (room !== undefined && person !== undefined) change(room, person, undefined);
    }),
  ];
  const tell = (roomId: string, isTyping: boolean): void => {
    const room = uuidOf('ROOM', roomId);
    // a hint that is lost is not worth a word
    if (room !== undefined) client.conversation.typing(room, isTyping).catch(() => undefined);
  };
  const stopped = (roomId: string): void => {
    clearTimeout(idle);
    if (mine?.roomId !== roomId) return;
    mine = undefined;
    tell(roomId, false);
  };
  return {
    in: (roomId) =>
      [...(writing.value.get(uuidOf('ROOM', roomId) ?? '')?.values() ?? [])].map(
        (name) => name.split(' ')[0] ?? name,
      ),
    wrote(roomId) {
      if (mine !== undefined && mine.roomId !== roomId) stopped(mine.roomId);
      if (mine === undefined || Date.now() - mine.at > againMs) {
        mine = { roomId, at: Date.now() };
        tell(roomId, true);
      }
      clearTimeout(idle);
      idle = setTimeout(() => {
        stopped(roomId);
      }, idleMs);
    },
    stopped,
    close() {
      clearTimeout(idle);
      for (const end of off) end();
    },
  };
}
