import { batch, computed, signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { Page } from '@trunkline/core';
import type { MembershipEvent } from '@trunkline/memberships';
import type { Message } from '@trunkline/messages';
import { uuidOf } from '@trunkline/wire';
import { readersOf, type Reader } from '../lib/readers.js';
import { mergeMessages, threadsOf } from '../lib/timeline.js';
import type { DemoClient } from '../session/client.js';
import { createDraft, type Draft } from './drafts.js';
import type { Names } from './names.js';
import { createReactions, type Reactions } from './reactions.js';
import { createSending, type Sending } from './sending.js';

export interface Member extends Reader {
  readonly email: string;
}
/** One room: what was said, who is in it, who has read how far, what is on its way. */
export interface Chat {
  readonly roomId: string;
  readonly uuid: string | undefined;
  readonly state: ReadonlySignal<'empty' | 'loading' | 'ready' | 'failed'>;
  /** oldest first */
  readonly messages: ReadonlySignal<readonly Message[]>;
  /** what stands in the room itself: no answers, but those whose beginning is not here */
  readonly roots: ReadonlySignal<readonly Message[]>;
  /** answers by the message they belong to, oldest first */
  readonly replies: ReadonlySignal<ReadonlyMap<string, readonly Message[]>>;
  /** the message whose answers are open at the side */
  readonly thread: Signal<string | undefined>;
  readonly reactions: Reactions;
  readonly members: ReadonlySignal<readonly Member[] | undefined>;
  readonly readers: ReadonlySignal<ReadonlyMap<string, readonly Reader[]>>;
  readonly hasOlder: ReadonlySignal<boolean>;
  readonly loadingOlder: ReadonlySignal<boolean>;
  readonly sending: Sending;
  readonly draft: Draft;
  readonly threadDraft: Draft;
  /** the message that is being edited */
  readonly editing: Signal<Message | undefined>;
  /** Reads the newest page, and the members; again after a gap. */
  readonly load: () => Promise<void>;
  older(): Promise<void>;
  /** Reads a thread: its beginning too, where that is not here. */
  loadThread(rootId: string): Promise<void>;
  edit(message: Message, words: { readonly text: string } | { readonly markdown: string }): Promise<void>;
  remove(message: Message): Promise<void>;
  /** Marks everything up to the newest message as read. */
  read(): Promise<void>;
  readonly heard: {
    created(message: Message): void;
    updated(message: Message): void;
    deleted(id: string): void;
    members(): void;
    seen(event: MembershipEvent): void;
  };
}

const pageSize = 40;

export function createChat(client: DemoClient, roomId: string, myId: string, names: Names): Chat {
  const state = signal<'empty' | 'loading' | 'ready' | 'failed'>('empty');
  const messages = signal<readonly Message[]>([]);
  const members = signal<readonly Member[] | undefined>(undefined);
  const hasOlder = signal(false);
  const loadingOlder = signal(false);
  let next: Page<Message> | undefined;
  let readId: string | undefined;

  const merge = (come: readonly Message[]): void => {
    messages.value = mergeMessages(messages.peek(), come);
  };
  const sending = createSending(client, roomId, (message) => {
    merge([message]);
  });
  const loadMembers = async (): Promise<void> => {
    const { items } = await client.memberships.listWithReadStatus({ roomId });
    for (const { personId, personDisplayName } of items) names.learn(personId, personDisplayName);
    members.value = items.map(({ personId, personDisplayName, personEmail, lastSeenId, lastSeenDate }) => ({
      ...{ personId, lastSeenId, lastSeenDate, email: personEmail, name: personDisplayName || personEmail },
    }));
  };
  const threads = computed(() => threadsOf(messages.value));
  const roots = computed(() => threads.value.roots);
  const reactions = createReactions(client, roomId, myId);
  const others = computed(() => (members.value ?? []).filter(({ personId }) => personId !== myId));

  return {
    ...{ roomId, state, messages, members, hasOlder, loadingOlder, sending },
    ...{ uuid: uuidOf('ROOM', roomId), roots, reactions },
    replies: computed(() => threads.value.replies),
    thread: signal<string | undefined>(undefined),
    draft: createDraft(),
    threadDraft: createDraft(),
    editing: signal<Message | undefined>(undefined),
    readers: computed(() => readersOf(roots.value, others.value)),
    async load() {
      if (state.peek() !== 'ready') state.value = 'loading';
      try {
        const [page] = await Promise.all([
          client.messages.list({ roomId, max: pageSize }).page(),
          loadMembers(),
          reactions.load().catch(() => undefined), // words matter more
        ]);
        batch(() => {
          if (next === undefined) {
            next = page;
            hasOlder.value = page.hasNext;
          }
          merge(page.items);
          state.value = 'ready';
        });
      } catch (error) {
        if (state.peek() !== 'ready') state.value = 'failed';
        throw error;
      }
    },
    async older() {
      if (next?.hasNext !== true || loadingOlder.peek()) return;
      loadingOlder.value = true;
      try {
        const page = await next.next();
        batch(() => {
          next = page;
          hasOlder.value = page.hasNext;
          merge(page.items);
        });
      } finally {
        loadingOlder.value = false;
      }
    },
    async loadThread(rootId) {
      const [root, { items }] = await Promise.all([
        messages.peek().find(({ id }) => id === rootId) ?? client.messages.get(rootId),
        client.messages.list({ roomId, parentId: rootId, max: 100 }).page(),
      ]);
      merge([root, ...items]);
    },
    async edit(message, words) {
      const { id } = message;
      merge([await client.messages.update({ id, roomId }, words)]);
    },
    async remove({ id }) {
      await client.messages.remove({ id });
      messages.value = messages.peek().filter((message) => message.id !== id);
    },
    async read() {
      const newest = messages.peek().at(-1);
      if (newest === undefined || newest.id === readId) return;
      const before = readId;
      readId = newest.id;
      try {
        await client.memberships.updateLastSeen({ id: newest.id, roomId });
      } catch (error) {
        readId = before;
        throw error;
      }
    },
    heard: {
      created(message) {
        batch(() => {
          if (message.personId === myId) sending.arrived(message);
          merge([message]);
        });
      },
      updated(message) {
        if (messages.peek().some(({ id }) => id === message.id)) merge([message]);
      },
      deleted(id) {
        messages.value = messages.peek().filter((message) => message.id !== id);
      },
      members: () => {
        loadMembers().catch(() => undefined); // shown again with the next opening
      },
      seen({ personId, lastSeenId, created }) {
        members.value = members
          .peek()
          ?.map((member) =>
            member.personId === personId ? { ...member, lastSeenId, lastSeenDate: created } : member,
          );
      },
    },
  };
}
