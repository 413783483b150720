import { sdkError, type CallInit, type Host } from '@trunkline/core';
import { requireArgument } from '@trunkline/core/kit';
import { encodeBase64Url, uuidOf, type LyraBinding } from '@trunkline/wire';
import { needsEncryption } from './names.js';
import type { Pairing } from './pairing.js';
import { named } from './refusals.js';
import type { BindTarget, Devices } from './types.js';

interface Conversation {
  readonly url: string;
  readonly kro: string;
}

/** The paired device in a conversation. @source protocol/presence-devices-support.md §2.1 */
export function createBinding(host: Host, pairing: Pairing): Pick<Devices, 'bindSpace' | 'unbindSpace'> {
  async function find(target: BindTarget, init?: CallInit): Promise<Conversation> {
    if ('url' in target) {
      const { url, kmsResourceObjectUrl: kro } = target;
      requireArgument(url && kro, 'devices.bindSpace', 'url and kmsResourceObjectUrl');
      return { url, kro };
    }
    const id = uuidOf('ROOM', target.conversationId);
    requireArgument(id, 'devices.bindSpace', 'a conversation’s id');
    const { body } = await host.request<{ url: string; kmsResourceObjectUrl?: string }>({
      ...init,
      service: 'conversation',
      path: `conversations/${id}`,
    });
    if (!body.kmsResourceObjectUrl)
      throw sdkError('ERR_NO_ENCRYPTION', 'devices.bindSpace: the conversation has no keys to share');
    return { url: body.url, kro: body.kmsResourceObjectUrl };
  }

  /** What was bound before this page was loaded. */
  async function newest(id: string, init?: CallInit): Promise<Conversation | undefined> {
    const { body } = await host.request<{ items: readonly LyraBinding[] }>({
      ...init,
      service: 'lyra',
      path: `spaces/${encodeURIComponent(id)}/bindings`,
    });
    const conversationId = body.items.at(-1)?.conversationUrl.split('/').at(-1);
    return conversationId === undefined ? undefined : find({ conversationId }, init);
  }

  return {
    async bindSpace(target, init) {
      const { id } = pairing.needsPaired('devices.bindSpace');
      const encryption = needsEncryption(host, 'devices.bindSpace');
      const { url, kro } = await find(target, init);
      const kmsMessage = await encryption.wrap(
        { method: 'create', uri: '/authorizations', resourceUri: kro, userIds: [id] },
        init,
      );
      try {
        await host.request({
          ...init,
          method: 'POST',
          service: 'lyra',
          path: `spaces/${encodeURIComponent(id)}/bindings`,
          body: { conversationUrl: url, kmsMessage },
        });
      } catch (error) {
        throw named(error, 'bindSpace');
      }
      if (pairing.isPaired(id)) pairing.bound = { url, kro };
    },
    async unbindSpace(init) {
      const { id } = pairing.needsPaired('devices.unbindSpace');
      const encryption = needsEncryption(host, 'devices.unbindSpace');
      const bound = pairing.bound ?? (await newest(id, init));
      requireArgument(bound, 'devices.unbindSpace', 'a conversation that was bound with bindSpace');
      const kmsMessage = await encryption.wrap(
        { method: 'delete', uri: `${bound.kro}/authorizations?authId=${id}` },
        init,
      );
      try {
        await host.request({
          ...init,
          method: 'DELETE',
          service: 'lyra',
          path: `spaces/${encodeURIComponent(id)}/bindings`,
          query: { kmsMessage, conversationUrl: encodeBase64Url(bound.url) },
        });
      } catch (error) {
        throw named(error, 'unbindSpace');
      }
      if (pairing.bound === bound) pairing.bound = undefined;
    },
  };
}
