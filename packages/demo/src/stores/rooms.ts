import { computed, signal, type ReadonlySignal } from '@preact/signals';
import type { Message } from '@trunkline/messages';
import type { Person } from '@trunkline/people';
import type { RoomType, RoomWithReadStatus } from '@trunkline/rooms';
import { encodeId, uuidOf } from '@trunkline/wire';
import { oneLine } from '../lib/text.js';
import { unreadOf } from '../lib/unread.js';
import type { DemoClient } from '../session/client.js';
import type { Chats } from './chats.js';
import type { Names } from './names.js';
import { tellError } from './toasts.js';
import { announce, looking, showsList } from './ui.js';

export interface Preview {
  readonly personId: string;
  readonly personEmail: string;
  readonly text: string;
}
export interface RoomEntry {
  readonly id: string;
  readonly type: RoomType;
  readonly title: string;
  /** ISO 8601, or '' when nothing ever happened */
  readonly lastActivity: string;
  /** the other one of a room for two */
  readonly partnerId?: string;
  /** how many messages of others are new */
  readonly unread: number;
  /** the newest message in one line, and whose it is */
  readonly preview?: Preview | 'none';
}
export interface RoomsStore {
  readonly state: ReadonlySignal<'loading' | 'ready' | 'failed'>;
  /** newest activity first */
  readonly list: ReadonlySignal<readonly RoomEntry[]>;
  readonly active: ReadonlySignal<RoomEntry | undefined>;
  readonly unreadTotal: ReadonlySignal<number>;
  readonly load: () => Promise<void>;
  open(roomId: string | undefined): void;
  /** The room above or below the open one. */
  step(by: 1 | -1): void;
  create(title: string, emails: readonly string[]): Promise<void>;
  /** Says the first word to someone: that makes the room for two. */
  createDirect(person: { readonly email: string }, text: string): Promise<void>;
  /** The room for two with this person, made when there is none. */
  openDirect(personId: string): Promise<void>;
  add(roomId: string, emails: readonly string[]): Promise<void>;
  rename(roomId: string, title: string): Promise<void>;
  leave(roomId: string): Promise<void>;
  /** A user who looks at the page has read the open room to its end. */
  markRead(roomId: string): void;
}

const withPreview = 12;

export function createRooms(client: DemoClient, me: Person, chats: Chats, names: Names): RoomsStore {
  const state = signal<'loading' | 'ready' | 'failed'>('loading');
  const byId = signal<ReadonlyMap<string, RoomEntry>>(new Map());
  const activeId = signal<string | undefined>(undefined);
  const list = computed(() =>
    [...byId.value.values()].sort((a, b) => b.lastActivity.localeCompare(a.lastActivity)),
  );

  const put = (entry: RoomEntry): void => {
    byId.value = new Map(byId.peek()).set(entry.id, entry);
  };
  const change = (id: string, changes: Partial<RoomEntry>): void => {
    const known = byId.peek().get(id);
    if (known) put({ ...known, ...changes });
  };
  const toEntry = (room: RoomWithReadStatus, guess = 0): RoomEntry => {
    const known = byId.peek().get(room.id);
    const { lastActivityDate = '', lastSeenActivityDate } = room;
    return {
      id: room.id,
      type: room.type,
      title: room.title ?? (room.titleEncrypted ? 'Encrypted title' : 'Untitled'),
      lastActivity: lastActivityDate,
      unread: known?.unread ?? (lastActivityDate > lastSeenActivityDate ? guess : 0),
      ...(known?.partnerId !== undefined && { partnerId: known.partnerId }),
      ...(known?.preview !== undefined && { preview: known.preview }),
    };
  };
  const previewOf = ({ personId, personEmail, text, files }: Message): Preview => ({
    ...{ personId, personEmail },
    text: oneLine(text ?? '') || (files?.length ? 'a file' : '…'),
  });
  const learnPartner = async (roomId: string): Promise<void> => {
    const { items } = await client.memberships.list({ roomId }).page();
    const partnerId = items.find(({ personId }) => personId !== me.id)?.personId;
    if (partnerId !== undefined) change(roomId, { partnerId });
  };
  /** The newest lines of a room: preview and count of what is new. */
  const peekInto = async (room: RoomEntry, lastSeen: string): Promise<void> => {
    const { items } = await client.messages.list({ roomId: room.id, max: 20 }).page();
    const unread = unreadOf(items, me.id, lastSeen).length;
    if (room.type === 'direct' && room.partnerId === undefined) await learnPartner(room.id);
    const [newest] = items;
    change(room.id, { unread, preview: newest ? previewOf(newest) : 'none' });
  };
  const refresh = async (roomId: string): Promise<void> => {
    try {
      const room = await client.rooms.getWithReadStatus(roomId);
      const isNew = !byId.peek().has(roomId);
      const entry = toEntry(room);
      put(entry);
      if (isNew) await peekInto(entry, room.lastSeenActivityDate);
    } catch (error) {
      tellError('A room could not be read', error);
    }
  };
  const forget = (roomId: string): void => {
    const rest = new Map(byId.peek());
    rest.delete(roomId);
    byId.value = rest;
    if (activeId.peek() === roomId) activeId.value = undefined;
  };

  const heard = async (message: Message): Promise<void> => {
    const { roomId, personId, created } = message;
    if (!byId.peek().has(roomId)) {
      await refresh(roomId); // counts what is new, this message with it
      return;
    }
    const mine = personId === me.id;
    const unread = byId.peek().get(roomId)?.unread ?? 0;
    const here = activeId.peek() === roomId && looking.peek();
    change(roomId, {
      lastActivity: created,
      preview: previewOf(message),
      unread: mine || here ? 0 : unread + 1,
    });
    if (!mine) announce(`${names.of(personId, message.personEmail)}: ${oneLine(message.text ?? 'a file')}`);
  };
  client.messages.on('created', (message) => void heard(message));
  client.memberships.on('created', ({ personId, roomId }) => {
    if (personId === me.id) void refresh(roomId);
  });
  client.memberships.on('deleted', ({ personId, roomId }) => {
    if (personId === me.id) forget(roomId);
  });
  client.memberships.on('seen', ({ personId, roomId }) => {
    if (personId === me.id) change(roomId, { unread: 0 }); // read in another window
  });
  client.rooms.on('created', ({ id }) => void refresh(id));
  client.rooms.on('updated', ({ id }) => void refresh(id));
  client.socket.on('gap', () => {
    Promise.all([store.load(), chats.reload()]).catch((error: unknown) => {
      tellError('Something may be missing here', error);
    });
  });

  const add = async (roomId: string, emails: readonly string[]): Promise<void> => {
    for (const personEmail of emails) await client.memberships.create({ roomId, personEmail });
  };
  const open = (roomId: string | undefined): void => {
    activeId.value = roomId;
    showsList.value = roomId === undefined;
  };
  const store: RoomsStore = {
    ...{ state, list, open, add },
    active: computed(() => byId.value.get(activeId.value ?? '')),
    unreadTotal: computed(() => list.value.reduce((sum, { unread }) => sum + unread, 0)),
    async load() {
      try {
        const { items } = await client.rooms.listWithReadStatus();
        byId.value = new Map(
          items.map((room, place) => [room.id, toEntry(room, place < withPreview ? 0 : 1)]),
        );
        state.value = 'ready';
        const seen = new Map(items.map(({ id, lastSeenActivityDate }) => [id, lastSeenActivityDate]));
        const newest = list.peek().slice(0, withPreview);
        await Promise.all(newest.map((room) => peekInto(room, seen.get(room.id) ?? '')));
      } catch (error) {
        if (state.peek() !== 'ready') state.value = 'failed';
        throw error;
      }
    },
    step(by) {
      const rooms = list.peek();
      const index = rooms.findIndex(({ id }) => id === activeId.peek());
      const room = rooms[index < 0 ? 0 : Math.min(Math.max(index + by, 0), rooms.length - 1)];
      if (room) open(room.id);
    },
    async create(title, emails) {
      const room = await client.rooms.create({ title });
      put({ id: room.id, type: 'group', title, lastActivity: room.lastActivity ?? room.created, unread: 0 });
      open(room.id);
      await add(room.id, emails);
    },
    async createDirect({ email }, text) {
      const { roomId } = await client.messages.create({ toPersonEmail: email, text });
      await refresh(roomId);
      open(roomId);
    },
    async openDirect(personId) {
      const other = uuidOf('PEOPLE', personId);
      const known = list.peek().find(({ partnerId }) => partnerId === personId);
      if (known || other === undefined) {
        if (known) open(known.id);
        return;
      }
      const { id } = await client.conversation.create({ participants: [other] });
      const roomId = encodeId('ROOM', id);
      await refresh(roomId);
      open(roomId);
    },
    async rename(roomId, title) {
      await client.rooms.update({ id: roomId, title });
      change(roomId, { title });
    },
    async leave(roomId) {
      const { items } = await client.memberships.list({ roomId, personId: me.id }).page();
      for (const { id } of items) await client.memberships.remove({ id });
      forget(roomId);
      showsList.value = true;
    },
    markRead(roomId) {
      change(roomId, { unread: 0 });
      chats
        .of(roomId)
        .read()
        .catch(() => undefined); // sent again with the next message
    },
  };
  return store;
}
