import { createList, sdkError, type Host } from '@trunkline/core';
import type { AttachmentActions, AttachmentActionsItem } from './types.js';

/** What callers see as `client.attachmentActions`. */
export function createAttachmentActions(host: Host): AttachmentActions {
  return {
    list: (query, init) =>
      createList<AttachmentActionsItem>(host, {
        ...init,
        service: 'hydra',
        path: 'attachment-actions',
        query: { ...query },
      }),

    async get(id, init) {
      if (!id) throw sdkError('ERR_ARGUMENT', 'an id is needed; give that of one in list()');
      const path = `attachment-actions/${encodeURIComponent(id)}`;
      return (await host.request<AttachmentActionsItem>({ ...init, service: 'hydra', path })).body;
    },
  };
}
