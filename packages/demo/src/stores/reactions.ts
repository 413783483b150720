import { signal } from '@preact/signals';
import type { ReadableActivity, Reaction } from '@trunkline/conversation';
import { encodeId, uuidOf } from '@trunkline/wire';
import type { DemoClient } from '../session/client.js';

/** Reactions of one room, by the bare id of the message. */
export interface Reactions {
  of(messageId: string): readonly Reaction[];
  /** Ids of those who were seen to react so. */
  who(messageId: string, name: string): readonly string[];
  /** Reads those of the newest messages. */
  load(): Promise<void>;
  /** Adds one's own, or takes it back. */
  toggle(messageId: string, name: string): Promise<void>;
  heard(activity: ReadableActivity): void;
}

export function createReactions(client: DemoClient, roomId: string, myId: string): Reactions {
  const room = uuidOf('ROOM', roomId) ?? '';
  const all = signal<ReadonlyMap<string, readonly Reaction[]>>(new Map());
  /** reaction id → whose it is and what it belongs to */
  const seen = new Map<
    string,
    { readonly message: string; readonly name: string; readonly person: string }
  >();
  const bare = (messageId: string): string => uuidOf('MESSAGE', messageId) ?? messageId;
  const put = (message: string, list: readonly Reaction[]): void => {
    all.value = new Map(all.peek()).set(message, list);
  };
  const refresh = (message: string): Promise<void> =>
    client.conversation.reactions(room, message).then(
      (list) => {
        put(message, list);
      },
      () => undefined, // counted again with the next one
    );
  const store: Reactions = {
    of: (messageId) => all.value.get(bare(messageId)) ?? [],
    who: (messageId, name) => [
      ...new Set(
        [...seen.values()]
          .filter((one) => one.message === bare(messageId) && one.name === name)
          .map(({ person }) => person),
      ),
    ],
    async load() {
      const { items } = await client.conversation.listThreaded(room, { limit: 40 }).page();
      const found = new Map(all.peek());
      for (const root of items)
        for (const { activity, reactions } of [root, ...root.replies]) found.set(activity.id, reactions);
      all.value = found;
    },
    async toggle(messageId, name) {
      const message = bare(messageId);
      const mine = all
        .peek()
        .get(message)
        ?.find((reaction) => reaction.name === name)?.mine;
      if (mine !== undefined) {
        await client.conversation.removeReaction(room, mine);
        seen.delete(mine);
      } else {
        const { id } = await client.conversation.addReaction(room, message, name);
        seen.set(id, { message, name, person: myId });
      }
      await refresh(message);
    },
    heard({ verb, id, object, parent, actor }) {
      if (verb === 'add' && parent?.type === 'reaction') {
        const person = encodeId('PEOPLE', actor.entryUUID);
        seen.set(id, { message: parent.id, name: object.displayName ?? '', person });
        void refresh(parent.id);
      } else if (verb === 'delete' && object.id !== undefined) {
        const known = seen.get(object.id)?.message ?? (parent?.type === 'reaction' ? parent.id : undefined);
        seen.delete(object.id);
        if (known !== undefined) void refresh(known);
        // one from before this page was opened: whichever it was
        else for (const [message, list] of all.peek()) if (list.length > 0) void refresh(message);
      }
    },
  };
  return store;
}
