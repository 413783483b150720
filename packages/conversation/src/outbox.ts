import { secretFile } from './share/secret-file.js';
import { isSdkError, randomUuid, sdkError, type CallInit, type Host } from '@trunkline/core';
import type {
  ActivityVerb,
  EncryptionPeer,
  Items,
  KmsKey,
  WireActivity,
  WireConversation,
  WireFile,
  Words,
} from '@trunkline/wire';
import { readActivity } from './fields.js';
import { headQuery, type Head, type Heads } from './heads.js';
import type { ReadableActivity } from './types.js';

/** What is to be submitted; its words are plain text. */
export interface Draft {
  readonly verb: ActivityVerb;
  readonly object: { readonly objectType: string; readonly [field: string]: unknown };
  readonly parent?: { readonly id: string; readonly type: string };
  readonly clientTempId?: string;
  /** carried out by the key service together with the activity; `KRO` in it is the conversation's resource */
  readonly kmsMessage?: (resourceUrl: string) => Parameters<EncryptionPeer['wrap']>[0];
}

export interface Outbox {
  /** Encrypts, posts, and answers the stored activity, readable. @source protocol/conversation.md §3 */
  submit(conversationId: string, draft: Draft, init?: CallInit): Promise<ReadableActivity>;
  updateKey(conversationId: string, init?: CallInit): Promise<ReadableActivity>;
}

/** @source protocol/conversation.md §3, key-rotation errors */
const staleKey = [1409004, 1400049];
const keyMustChange = 1400087;
/** Ours: the service does not know the key under which `kmsMessage` was wrapped. */
export const unknownSession = 1400101;

/** What the encryption engine offers beyond its peers' view. */
export interface KeyService extends EncryptionPeer {
  ping?(init?: CallInit): Promise<void>;
}

export function createOutbox(host: Host, heads: Heads, encryption: () => EncryptionPeer): Outbox {
  async function submit(conversationId: string, draft: Draft, init?: CallInit): Promise<ReadableActivity> {
    // the same in every attempt: by it the service knows that it has this activity already
    const activity = { ...draft, clientTempId: draft.clientTempId ?? randomUuid() };
    const head = await heads.get(conversationId, init);
    try {
      return await send(await withKey(head, draft, init), activity, init);
    } catch (error) {
      const code = isSdkError(error) ? error.errorCode : undefined;
      if (code === unknownSession) {
        // only a request to the key service itself finds that out and agrees on a new key with it
        await (encryption() as KeyService).ping?.(init);
        return send(await withKey(head, draft, init), activity, init);
      }
      if (code === keyMustChange) await updateKey(conversationId, init);
      else if (code === undefined || !staleKey.includes(code)) throw error;
      return send(await withKey(await heads.refresh(conversationId, init), draft, init), activity, init);
    }
  }

  /** A conversation that was made without encryption gets its key with the first words. */
  async function withKey(head: Head, draft: Draft, init?: CallInit): Promise<Head> {
    if (!isSecret(draft) || (head.keyUrl !== undefined && head.resourceUrl !== undefined)) return head;
    await updateKey(head.id, init);
    return heads.refresh(head.id, init);
  }

  async function send(head: Head, draft: Draft, init?: CallInit): Promise<ReadableActivity> {
    const { kmsMessage, object, ...rest } = draft;
    const { userId } = await host.connect(init);
    const secret = isSecret(draft) && head.keyUrl !== undefined;
    const body = {
      ...rest,
      objectType: 'activity',
      actor: { objectType: 'person', id: userId, entryUUID: userId },
      object: secret ? await encrypted(encryption(), head.keyUrl, object, init) : object,
      target: {
        id: head.id,
        url: head.url,
        objectType: 'conversation',
        kmsResourceObjectUrl: head.resourceUrl,
        defaultActivityEncryptionKeyUrl: head.keyUrl,
        activities: { items: [] },
        participants: { items: [] },
      },
      ...(secret && { encryptionKeyUrl: head.keyUrl }),
      ...(kmsMessage &&
        head.resourceUrl !== undefined && {
          kmsMessage: await encryption().wrap(kmsMessage(head.resourceUrl), init),
        }),
    };
    const { body: stored } = await host.request<WireActivity>({
      ...init,
      method: 'POST',
      ...(draft.verb === 'share'
        ? {
            url: `${head.url}/content`,
            query: { personRefresh: true, transcode: true, async: false },
          }
        : { url: `${head.url}/activities`, query: { personRefresh: true } }),
      body,
      idempotent: true,
    });
    await readActivity(encryptionIfAny(), stored);
    return stored;
  }

  const encryptionIfAny = (): EncryptionPeer | undefined =>
    host.peer('encryption') as EncryptionPeer | undefined;

  async function updateKey(conversationId: string, init?: CallInit): Promise<ReadableActivity> {
    const { body: conversation } = await host.request<WireConversation>({
      ...init,
      service: 'conversation',
      path: `conversations/${encodeURIComponent(conversationId)}`,
      query: { ...headQuery, includeParticipants: true },
    });
    const head = heads.learn(conversation);
    const key = await newKey(encryption(), init);
    const userIds = (conversation.participants?.items ?? []).map(({ entryUUID }) => entryUUID);
    // a resource that is there takes one key more; else one is made for all who are in
    const wrapped = await encryption().wrap(
      head.resourceUrl === undefined
        ? { method: 'create', uri: '/resources', userIds, keyUris: [key.uri] }
        : { method: 'update', uri: key.uri, resourceUri: head.resourceUrl },
      init,
    );
    const object = { objectType: 'conversation', id: head.id, defaultActivityEncryptionKeyUrl: key.uri };
    const { userId } = await host.connect(init);
    const { body: stored } = await host.request<WireActivity>({
      ...init,
      method: 'POST',
      url: `${head.url}/activities`,
      query: { personRefresh: true },
      body: {
        verb: 'updateKey',
        objectType: 'activity',
        clientTempId: randomUuid(),
        actor: { objectType: 'person', id: userId, entryUUID: userId },
        object,
        target: {
          id: head.id,
          url: head.url,
          objectType: 'conversation',
          kmsResourceObjectUrl: head.resourceUrl,
          activities: { items: [] },
          participants: { items: [] },
        },
        kmsMessage: wrapped,
      },
      idempotent: true,
    });
    heads.see(stored);
    return stored;
  }

  return { submit, updateKey };
}

/** Verbs whose object is encrypted under the conversation's key. @source protocol/kms-and-encryption.md §8 */
const isSecret = ({ verb }: Draft): boolean => verb === 'post' || verb === 'share' || verb === 'update';

async function encrypted(
  encryption: EncryptionPeer,
  keyUrl: string | undefined,
  object: Draft['object'],
  init?: CallInit,
): Promise<Draft['object']> {
  if (keyUrl === undefined) return object;
  const secret: Record<string, unknown> = {};
  for (const name of ['displayName', 'content']) {
    const value = object[name];
    if (typeof value === 'string') secret[name] = await encryption.encryptText(keyUrl, value, init);
  }
  const files = object['files'] as Items<WireFile> | undefined;
  if (files !== undefined)
    secret['files'] = {
      items: await Promise.all(files.items.map((file) => secretFile(encryption, keyUrl, file, init))),
    };
  return { ...object, ...secret };
}

export async function newKey(encryption: EncryptionPeer, init?: CallInit): Promise<KmsKey> {
  const [key] = await encryption.createKeys(1, init);
  if (!key)
    throw sdkError('ERR_KMS_INVALID', 'the key service was asked for one key and gave none', {
      retryable: true,
    });
  return key;
}

/** @source protocol/conversation.md §3 */
export const comment = ({ text, html, mentionedPeople, mentionsAll }: Words): Draft['object'] => ({
  objectType: 'comment',
  displayName: text,
  ...(html !== undefined && { content: html }),
  ...(mentionedPeople?.length && {
    mentions: { items: mentionedPeople.map((id) => ({ id, objectType: 'person' })) },
  }),
  ...(mentionsAll === true && {
    groupMentions: { items: [{ objectType: 'groupMention', groupType: 'all' }] },
  }),
});
