import {
  createList,
  isSdkError,
  sdkError,
  type CallInit,
  type Host,
  type List,
  type Page,
} from '@trunkline/core';
import type { EncryptionPeer, Items, WireActivity, WireConversation } from '@trunkline/wire';
import { readActivity, readConversation } from './fields.js';
import { fillGap, oldestFirst } from './gap.js';
import { createHeads, headQuery } from './heads.js';
import { createInbox } from './inbox.js';
import { createMessages } from './messages.js';
import { comment, createOutbox, newKey, unknownSession, type KeyService } from './outbox.js';
import { createShare } from './share/share.js';
import type { ConversationOptions } from './share/types.js';
import type { Conversation, NewConversation, ReadableActivity, ReadableConversation } from './types.js';

const listQuery = {
  personRefresh: true,
  uuidEntryFormat: true,
  activitiesLimit: 0,
  participantsLimit: 0,
} as const;
const pathOf = (conversationId: string): string => `conversations/${encodeURIComponent(conversationId)}`;

/** The engine on one client. */
export function createConversation(host: Host, options?: ConversationOptions): Conversation {
  let found: EncryptionPeer | undefined;
  // it may be added to the client later, and is never taken away
  const encryptionIfAny = (): EncryptionPeer | undefined =>
    (found ??= host.peer('encryption') as EncryptionPeer | undefined);
  const encryption = (): EncryptionPeer => {
    const peer = encryptionIfAny();
    if (peer) return peer;
    throw sdkError(
      'ERR_NO_ENCRYPTION',
      'conversations are encrypted: put e2ee() into the plugins of this client',
    );
  };

  const heads = createHeads(host);
  const outbox = createOutbox(host, heads, encryption);
  const submit: typeof outbox.submit = (...call) => outbox.submit(...call);
  const sharing = createShare(host, heads, encryption, submit, options);
  let leaveGaps: (() => void) | undefined;
  const inbox = createInbox(host, heads, encryptionIfAny, (wanted) => {
    if (wanted) {
      leaveGaps = host.onGap(onGap);
      messages.prepare();
    } else leaveGaps?.();
  });

  // while a gap is filled, what arrives live is newer and waits
  let filling: Promise<void> | undefined;
  host.onWire('conversation.activity', ({ activity }) =>
    filling === undefined ? inbox.take(activity) : filling.then(() => inbox.take(activity)),
  );
  const onGap: Parameters<Host['onGap']>[0] = (gap) => {
    const filled = (filling ?? Promise.resolve()).then(() => fillGap(host, inbox, gap));
    const over = (): void => {
      if (filling === held) filling = undefined;
    };
    const held: Promise<void> = filled.then(over, over);
    filling = held;
    return filled;
  };

  async function readable(conversation: WireConversation): Promise<ReadableConversation> {
    heads.learn(conversation);
    await readConversation(encryptionIfAny(), conversation);
    return conversation;
  }

  async function create(wanted: NewConversation, init?: CallInit): Promise<ReadableConversation> {
    const { userId } = await host.connect(init);
    const others = [...new Set(wanted.participants)].filter((id) => id !== userId);
    const [other] = others;
    const isDirect = others.length === 1 && wanted.forceGrouped !== true;
    if (isDirect && other !== undefined) {
      const existing = await directWith(other, init);
      if (existing) return readable(existing);
    }
    try {
      return await createNew(userId, others, wanted, isDirect, init);
    } catch (error) {
      if (!isSdkError(error) || error.errorCode !== unknownSession) throw error;
      await (encryption() as KeyService).ping?.(init);
      return createNew(userId, others, wanted, isDirect, init);
    }
  }

  async function createNew(
    userId: string,
    others: readonly string[],
    wanted: NewConversation,
    isDirect: boolean,
    init?: CallInit,
  ): Promise<ReadableConversation> {
    const userIds = [userId, ...others];
    const key = await newKey(encryption(), init);
    const kmsMessage = await encryption().wrap(
      { method: 'create', uri: '/resources', userIds, keyUris: [key.uri] },
      init,
    );
    const tags = [...(isDirect ? ['ONE_ON_ONE'] : []), ...(wanted.tags ?? [])];
    const actor = { objectType: 'person', id: userId, entryUUID: userId };
    const { title } = wanted;
    const { body } = await host.request<WireConversation>({
      ...init,
      method: 'POST',
      service: 'conversation',
      path: 'conversations',
      body: {
        objectType: 'conversation',
        ...(title !== undefined && { displayName: await encryption().encryptText(key.uri, title, init) }),
        ...(tags.length > 0 && { tags }),
        activities: {
          items: [
            { objectType: 'activity', verb: 'create', actor },
            ...userIds.map((id) => ({
              objectType: 'activity',
              verb: 'add',
              actor,
              object: { objectType: 'person', id },
            })),
          ],
        },
        encryptionKeyUrl: key.uri,
        defaultActivityEncryptionKeyUrl: key.uri,
        kmsMessage,
      },
    });
    return readable(body);
  }

  async function directWith(personId: string, init?: CallInit): Promise<WireConversation | undefined> {
    try {
      const { body } = await host.request<WireConversation>({
        ...init,
        service: 'conversation',
        path: `conversations/user/${encodeURIComponent(personId)}`,
        query: { ...headQuery, includeConvWithDeletedUserUUID: true, includeParticipants: true },
      });
      return body;
    } catch (error) {
      if (isSdkError(error) && error.status === 404) return undefined;
      throw error;
    }
  }

  const person = (id: string) => ({ objectType: 'person', id });

  const conversation: Omit<Conversation, 'messages'> = {
    create,
    async direct(personId, init) {
      const { userId } = await host.connect(init);
      if (personId === userId)
        throw sdkError('ERR_ARGUMENT', 'a room for two needs somebody other than the signed-in person');
      return (await create({ participants: [personId] }, init)).id;
    },
    async get(conversationId, query = {}, init) {
      const { includeParticipants, ...rest } = query;
      const { body } = await host.request<WireConversation>({
        ...init,
        service: 'conversation',
        path: pathOf(conversationId),
        query: {
          ...headQuery,
          ...rest,
          // the filter brings the participants itself
          includeParticipants: query.participantAckFilter ? undefined : (includeParticipants ?? false),
        },
      });
      return readable(body);
    },
    list: (query = {}, init) =>
      mapList(
        createList<WireConversation>(host, {
          ...init,
          service: 'conversation',
          path: 'conversations',
          query: { ...listQuery, ...query },
        }),
        readable,
      ),
    async listActivities(conversationId, query = {}, init) {
      const { body } = await host.request<Items<WireActivity>>({
        ...init,
        service: 'conversation',
        path: `${pathOf(conversationId)}/activities`,
        query: { ...query },
      });
      const activities: readonly ReadableActivity[] = oldestFirst(body.items);
      await Promise.all(
        activities.map(async (activity) => {
          await readActivity(encryptionIfAny(), activity);
        }),
      );
      return activities;
    },
    post: (conversationId, words, { parentId, clientTempId } = {}, init) =>
      submit(
        conversationId,
        {
          verb: 'post',
          object: comment(words),
          ...(parentId !== undefined && { parent: { id: parentId, type: 'reply' } }),
          ...(clientTempId !== undefined && { clientTempId }),
        },
        init,
      ),
    edit: (conversationId, activityId, words, init) =>
      submit(
        conversationId,
        { verb: 'post', object: comment(words), parent: { id: activityId, type: 'edit' } },
        init,
      ),
    remove: (conversationId, id, init) =>
      submit(conversationId, { verb: 'delete', object: { objectType: 'activity', id } }, init),
    acknowledge: (conversationId, id, init) =>
      submit(conversationId, { verb: 'acknowledge', object: { objectType: 'activity', id } }, init),
    add: (conversationId, personId, init) =>
      submit(
        conversationId,
        {
          verb: 'add',
          object: person(personId),
          kmsMessage: (resourceUri) => ({
            method: 'create',
            uri: '/authorizations',
            resourceUri,
            userIds: [personId],
          }),
        },
        init,
      ),
    async leave(conversationId, personId, init) {
      const id = personId ?? (await host.connect(init)).userId;
      return submit(
        conversationId,
        {
          verb: 'leave',
          object: person(id),
          kmsMessage: (resourceUri) => ({
            method: 'delete',
            uri: `${resourceUri}/authorizations?authId=${encodeURIComponent(id)}`,
          }),
        },
        init,
      );
    },
    assignModerator: (conversationId, personId, init) =>
      submit(conversationId, { verb: 'assignModerator', object: person(personId) }, init),
    unassignModerator: (conversationId, personId, init) =>
      submit(conversationId, { verb: 'unassignModerator', object: person(personId) }, init),
    updateKey: (conversationId, init) => outbox.updateKey(conversationId, init),
    share: (...call) => sharing.share(...call),
    download: (...call) => sharing.download(...call),
    downloadThumbnail: (...call) => sharing.downloadThumbnail(...call),
    onActivity: (listener) => inbox.on(listener),
  };
  const messages = createMessages(host, conversation, encryptionIfAny);
  return { ...conversation, messages };
}

/** The same list, each item changed on its way out. */
function mapList<From, To>(list: List<From>, change: (item: From) => Promise<To>): List<To> {
  const mapPage = async (page: Page<From>): Promise<Page<To>> => ({
    items: await Promise.all(page.items.map(change)),
    hasNext: page.hasNext,
    next: async (init) => mapPage(await page.next(init)),
  });
  return {
    page: async () => mapPage(await list.page()),
    async *[Symbol.asyncIterator]() {
      // a page at a time, so that its keys are asked for together
      let page = await mapPage(await list.page());
      yield* page.items;
      while (page.hasNext) {
        page = await page.next();
        yield* page.items;
      }
    },
  };
}
