import type { Person } from '@trunkline/people';
import { createChats, type Chats } from '../stores/chats.js';
import { createConnection, type Connection } from '../stores/connection.js';
import { createFiles, type Files } from '../stores/files.js';
import type { Inspector } from '../stores/inspector.js';
import { createNames, type Names } from '../stores/names.js';
import { createRooms, type RoomsStore } from '../stores/rooms.js';
import type { DemoClient } from './client.js';

/** One signed-in person: the client, and what the page shows of it. */
export interface App {
  readonly client: DemoClient;
  readonly me: Person;
  readonly names: Names;
  readonly chats: Chats;
  readonly rooms: RoomsStore;
  readonly files: Files;
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
  const chats = createChats(client, me, names);
  const rooms = createRooms(client, me, chats, names);
  return {
    ...{ client, me, names, chats, rooms, files, connection, inspector },
    async start() {
      // first listen, then read: nothing falls between the two
      await Promise.all([client.messages.listen(), client.memberships.listen(), client.rooms.listen()]);
      await rooms.load();
    },
    async close() {
      files.close();
      connection.close();
      await client.close();
    },
  };
}
