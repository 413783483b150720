import type { Person } from '@trunkline/people';
import { createAnswers, type Answers } from '../stores/answers.js';
import { createChats, type Chats } from '../stores/chats.js';
import { createConnection, type Connection } from '../stores/connection.js';
import { createFiles, type Files } from '../stores/files.js';
import type { Inspector } from '../stores/inspector.js';
import { createNames, type Names } from '../stores/names.js';
import { createPresence, type PresenceStore } from '../stores/presence.js';
import { createRooms, type RoomsStore } from '../stores/rooms.js';
import { createTyping, type TypingStore } from '../stores/typing.js';
import type { DemoClient } from './client.js';

/** One signed-in person: the client, and what the page shows of it. */
export interface App {
  readonly client: DemoClient;
  readonly me: Person;
  readonly names: Names;
  readonly chats: Chats;
  readonly rooms: RoomsStore;
  readonly files: Files;
  readonly typing: TypingStore;
  readonly presence: PresenceStore;
  readonly answers: Answers;
  readonly connection: Connection;
  readonly inspector: Inspector;
  /** Begins to listen and reads the rooms. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export function createApp(client: DemoClient, me: Person, inspector: Inspector): App {
  const names = createNames(client, me);
  const connection = createConnection(client);
  const files = createFiles(client);
  const typing = createTyping(client, me.id);
  const presence = createPresence(client, me.id);
  const answers = createAnswers(client);
  const chats = createChats(client, me, names);
  const rooms = createRooms(client, me, chats, names);
  return {
    ...{ client, me, names, chats, rooms, files, connection, inspector, typing, presence, answers },
    async start() {
      // first listen, then read: nothing falls between the two
      await Promise.all([
        client.messages.listen(),
        client.memberships.listen(),
        client.rooms.listen(),
        client.attachmentActions.listen(),
      ]);
      presence.set('active').catch(() => undefined); // others see it a little later then
      await rooms.load();
    },
    async close() {
      files.close();
      typing.close();
      presence.close();
      connection.close();
      await client.close();
    },
  };
}
