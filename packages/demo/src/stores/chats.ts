import type { Message } from '@trunkline/messages';
import type { Person } from '@trunkline/people';
import type { DemoClient } from '../session/client.js';
import { createChat, type Chat } from './chat.js';
import type { Names } from './names.js';

/** A chat per room, made when first asked for, kept up to date by what the socket brings. */
export interface Chats {
  of(roomId: string): Chat;
  /** Reads again what is shown, after a gap. */
  reload(): Promise<void>;
}

export function createChats(client: DemoClient, me: Person, names: Names): Chats {
  const all = new Map<string, Chat>();
  const of = (roomId: string): Chat => {
    const known = all.get(roomId);
    if (known) return known;
    const chat = createChat(client, roomId, me.id, names);
    all.set(roomId, chat);
    return chat;
  };
  const loaded = (roomId: string): Chat | undefined => {
    const chat = all.get(roomId);
    return chat === undefined || chat.state.peek() === 'empty' ? undefined : chat;
  };
  const members = ({ roomId }: { readonly roomId: string }): void => loaded(roomId)?.heard.members();
  client.messages.on('created', (message: Message) => loaded(message.roomId)?.heard.created(message));
  client.messages.on('updated', (message: Message) => loaded(message.roomId)?.heard.updated(message));
  client.messages.on('deleted', ({ id, roomId }) => loaded(roomId)?.heard.deleted(id));
  client.conversation.onActivity((activity) => {
    const { target } = activity;
    if (target) for (const chat of all.values()) if (chat.uuid === target.id) chat.reactions.heard(activity);
  });
  client.memberships.on('created', members);
  client.memberships.on('deleted', members);
  client.memberships.on('seen', (event) => loaded(event.roomId)?.heard.seen(event));
  return {
    of,
    reload: async () => {
      const shown = [...all.values()].filter(({ state }) => state.peek() === 'ready');
      await Promise.all(shown.map((chat) => chat.load()));
    },
  };
}
