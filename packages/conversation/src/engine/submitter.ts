import { isSdkError, sdkError, type CallInit, type Host } from '@trunkline/core';
import { createKeyedQueue, race, randomUuid } from '@trunkline/core/kit';
import type {
  ActivityVerb,
  EncryptionPeer,
  FilePeer,
  KmsKey,
  WireActivity,
  WireConversation,
} from '@trunkline/wire';
import { readActivity } from './activity-codec.js';
import { conversationQuery, type ConversationInfo, type ConversationCache } from './conversation-cache.js';
import { isSecret, encryptObject, type DraftObject } from './encrypt-object.js';
import type { ReadableActivity } from '../types.js';

/** What is to be submitted; its words are plain text. */
export interface Draft {
  readonly verb: ActivityVerb;
  readonly object: DraftObject;
  readonly parent?: { readonly id: string; readonly type: string };
  readonly clientTempId?: string;
  /** carried out by the key service together with the activity, given the conversation's resource */
  readonly kmsMessage?: (resourceUrl: string) => Parameters<EncryptionPeer['wrap']>[0];
}

/** How a conversation gets another key. */
export interface KeyChange {
  /** only while the conversation still has this one */
  readonly unlessOtherThan?: string | undefined;
  /** an unbound key of the caller's own; one is made otherwise */
  readonly keyUri?: string | undefined;
}

export interface Submitter {
  /** Encrypts, posts, and answers the stored activity, readable. @source protocol/conversation.md §3 */
  readonly submit: (conversationId: string, draft: Draft, init?: CallInit) => Promise<ReadableActivity>;
  /**
   * The same, in the order of calls within a conversation. A draft that takes time keeps its place.
   */
  readonly submitInOrder: (
    conversationId: string,
    draft: Draft | Promise<Draft>,
    init?: CallInit,
  ) => Promise<ReadableActivity>;
  /**
   * A new key.
   *
   * @returns the activity that says so; undefined when someone else has changed it
   */
  updateKey(
    conversationId: string,
    init?: CallInit,
    change?: KeyChange,
  ): Promise<ReadableActivity | undefined>;
}

/** @source protocol/conversation.md §3, key-rotation errors */
const staleKey = [1409004, 1400049];
const keyMustChange = 1400087;
/** Ours: the service does not know the key under which `kmsMessage` was wrapped. */
export const unknownSession = 1400101;
/** people leave one after the other, each time the key changes; more than that is not a coincidence */
const attempts = 3;

const nothing = (): void => undefined;

export function createSubmitter(
  host: Host,
  conversations: ConversationCache,
  encryption: () => FilePeer,
): Submitter {
  const queue = createKeyedQueue();

  async function submit(conversationId: string, draft: Draft, init?: CallInit): Promise<ReadableActivity> {
    // the same in every attempt: by it the service knows that it has this activity already
    const activity = { ...draft, clientTempId: draft.clientTempId ?? randomUuid() };
    let head = await conversations.get(conversationId, init);
    for (let attempt = 1; ; attempt += 1)
      try {
        head = await withKey(head, draft, init);
        return await send(head, activity, init);
      } catch (error) {
        const code = isSdkError(error) ? (error.errorCode ?? 0) : 0;
        if (attempt === attempts) throw error;
        // only a request to the key service itself finds that out and agrees on a new key with it
        if (code === unknownSession) await encryption().ping?.(init);
        else if (code === keyMustChange)
          await updateKey(conversationId, init, { unlessOtherThan: head.keyUrl });
        else if (!staleKey.includes(code)) throw error;
        if (code !== unknownSession) head = await conversations.refresh(conversationId, init);
      }
  }

  function submitInOrder(
    conversationId: string,
    draft: Draft | Promise<Draft>,
    init?: CallInit,
  ): Promise<ReadableActivity> {
    const { signal } = init ?? {};
    // it may fail while it waits for its turn
    if (draft instanceof Promise) draft.catch(nothing);
    const run = async (): Promise<ReadableActivity> => {
      signal?.throwIfAborted();
      return submit(conversationId, await draft, init);
    };
    // a caller who aborts while others are ahead is rejected at once, and nothing is sent for them
    return race(
      new Promise<ReadableActivity>((resolve) => {
        void queue.run(conversationId, () => {
          const sent = run();
          resolve(sent);
          return sent.then(nothing, nothing);
        });
      }),
      signal,
    );
  }

  /** A conversation that was made without encryption gets its key with the first words. */
  async function withKey(head: ConversationInfo, draft: Draft, init?: CallInit): Promise<ConversationInfo> {
    if (!isSecret(draft) || (head.keyUrl !== undefined && head.resourceUrl !== undefined)) return head;
    await updateKey(head.id, init);
    return conversations.refresh(head.id, init);
  }

  async function send(head: ConversationInfo, draft: Draft, init?: CallInit): Promise<ReadableActivity> {
    const { kmsMessage, object, ...rest } = draft;
    const { keyUrl, resourceUrl } = head;
    const secret = isSecret(draft) && keyUrl !== undefined;
    const stored = await post(
      head,
      {
        ...rest,
        object: secret ? await encryptObject(encryption(), keyUrl, object, init) : object,
        ...(secret && { encryptionKeyUrl: keyUrl }),
        ...(kmsMessage &&
          resourceUrl !== undefined && {
            kmsMessage: await encryption().wrap(kmsMessage(resourceUrl), init),
          }),
      },
      init,
    );
    await readActivity(host.peer('encryption'), stored);
    return stored;
  }

  async function post(head: ConversationInfo, activity: object, init?: CallInit): Promise<WireActivity> {
    const { userId } = await host.connect(init);
    const { body } = await host.request<WireActivity>({
      ...init,
      method: 'POST',
      // files go where the service makes previews of them
      url: `${head.url}/${'verb' in activity && activity.verb === 'share' ? 'content' : 'activities'}`,
      query: {
        personRefresh: true,
        ...('verb' in activity && activity.verb === 'share' && { transcode: true, async: false }),
      },
      body: {
        ...activity,
        objectType: 'activity',
        actor: { objectType: 'person', id: userId, entryUUID: userId },
        target: {
          id: head.id,
          url: head.url,
          objectType: 'conversation',
          kmsResourceObjectUrl: head.resourceUrl,
          defaultActivityEncryptionKeyUrl: head.keyUrl,
          activities: { items: [] },
          participants: { items: [] },
        },
      },
      idempotent: true,
    });
    return body;
  }

  async function updateKey(
    conversationId: string,
    init?: CallInit,
    { unlessOtherThan, keyUri }: KeyChange = {},
  ): Promise<ReadableActivity | undefined> {
    const { body: conversation } = await host.request<WireConversation>({
      ...init,
      service: 'conversation',
      path: `conversations/${encodeURIComponent(conversationId)}`,
      query: { ...conversationQuery, includeParticipants: true },
    });
    const head = conversations.learn(conversation);
    if (unlessOtherThan !== undefined && head.keyUrl !== unlessOtherThan) return undefined;
    const key = keyUri === undefined ? await newKey(encryption(), init) : { uri: keyUri };
    const userIds = (conversation.participants?.items ?? []).map(({ entryUUID }) => entryUUID);
    // a resource that is there takes one key more; else one is made for all who are in
    const kmsMessage = await encryption().wrap(
      head.resourceUrl === undefined
        ? { method: 'create', uri: '/resources', userIds, keyUris: [key.uri] }
        : { method: 'update', uri: key.uri, resourceUri: head.resourceUrl },
      init,
    );
    const stored = await post(
      { ...head, keyUrl: undefined },
      {
        verb: 'updateKey',
        clientTempId: randomUuid(),
        object: { objectType: 'conversation', id: head.id, defaultActivityEncryptionKeyUrl: key.uri },
        kmsMessage,
      },
      init,
    );
    conversations.see(stored);
    return stored;
  }

  return { submit, submitInOrder, updateKey };
}

export async function newKey(encryption: EncryptionPeer, init?: CallInit): Promise<KmsKey> {
  const [key] = await encryption.createKeys(1, init);
  if (!key)
    throw sdkError('ERR_KMS_INVALID', 'the key service was asked for one key and gave none', {
      retryable: true,
    });
  return key;
}
