import { type KmsKey, type WireActivity } from '@trunkline/wire';
import { sdkError, type CallInit } from '@trunkline/core';
import { pathOf, type Context } from '../engine/context.js';
import type { Conversation, Reaction } from '../types.js';

const summaryQuery = { activityType: 'reactionSummary', includeChildren: true } as const;

/** @source protocol/conversation.md §2, §3 */
export function reactions(
  context: Context,
): Pick<Conversation, 'addReaction' | 'removeReaction' | 'reactions'> {
  const parentOf = (
    conversationId: string,
    activityId: string,
    query: object,
    init?: CallInit,
  ): Promise<WireActivity> =>
    context.get(`${pathOf(conversationId)}/activities/${encodeURIComponent(activityId)}`, query, init);

  return {
    async addReaction(conversationId, activityId, name, init) {
      const parent = await parentOf(conversationId, activityId, {}, init);
      const keyUrl = parent.encryptionKeyUrl;
      const encryption = context.encryption();
      // the key of the message, not of the moment: the same reaction is the same one after the key has changed
      const key = keyUrl === undefined ? undefined : await encryption.getKey?.(keyUrl, init);
      return context.submitter.submit(
        conversationId,
        {
          verb: 'add',
          object: {
            objectType: 'reaction2',
            displayName: name,
            ...(key && { hmac: await reactionHmac(key, activityId, name) }),
          },
          parent: { id: activityId, type: 'reaction' },
        },
        init,
      );
    },
    removeReaction: (conversationId, id, init) =>
      context.submitter.submit(
        conversationId,
        { verb: 'delete', object: { objectType: 'activity', id } },
        init,
      ),
    async reactions(conversationId, activityId, init) {
      const parent = await parentOf(conversationId, activityId, summaryQuery, init);
      return reactionsOf(await context.readActivity(parent));
    },
  };
}

/** @source protocol/kms-and-encryption.md §8.1 */
export async function reactionHmac(
  { jwk: { k, kid, kty } }: KmsKey,
  activityId: string,
  name: string,
): Promise<string> {
  const { subtle } = globalThis.crypto as { subtle?: SubtleCrypto };
  if (subtle === undefined)
    throw sdkError(
      'ERR_ENVIRONMENT',
      'reactions need WebCrypto, which is missing here; browsers offer it only to pages served by https or from localhost',
    );
  const bytes = (text: string) => new TextEncoder().encode(text);
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await subtle.importKey('raw', bytes(activityId), algorithm, false, ['sign']);
  const text = `${JSON.stringify({ k, kid, kty })}${activityId}${name}`;
  const mac = new Uint8Array(await subtle.sign('HMAC', key, bytes(text)));
  return Array.from(mac, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

interface Counted {
  readonly displayName?: unknown;
  readonly hmac?: unknown;
  readonly count?: unknown;
  readonly reactionId?: unknown;
  readonly id?: unknown;
}
interface Summary {
  readonly objectType?: unknown;
  readonly reactions?: unknown;
}

/** Reactions among the children of a readable activity: how many of each, and which are one's own. */
export function reactionsOf(activity: object): readonly Reaction[] {
  const found = { reaction2Summary: [] as Counted[], reaction2SelfSummary: [] as Counted[] };
  const { children } = activity as { readonly children?: unknown };
  for (const child of Array.isArray(children) ? (children as readonly unknown[]) : []) {
    const outer = child as { readonly activity?: object; readonly object?: object } | null;
    const { object } = (outer?.activity ?? outer ?? {}) as { readonly object?: Summary | null };
    const type = object?.objectType;
    if ((type === 'reaction2Summary' || type === 'reaction2SelfSummary') && Array.isArray(object?.reactions))
      found[type].push(...(object.reactions as readonly Counted[]));
  }
  // the same reaction has the same hmac; services that send none are matched by name
  const kind = ({ hmac, displayName }: Counted): unknown => hmac ?? displayName;
  const mine = new Map(
    found.reaction2SelfSummary.map((own) => [kind(own), own.reactionId ?? own.id] as const),
  );
  return found.reaction2Summary.map((reaction) => {
    const own = mine.get(kind(reaction));
    return {
      name: typeof reaction.displayName === 'string' ? reaction.displayName : '',
      count: Number(reaction.count ?? 1),
      ...(typeof own === 'string' && { mine: own }),
    };
  });
}
