import { signal } from '@preact/signals';
import type { AttachmentAction } from '@trunkline/attachment-actions';
import type { DemoClient } from '../session/client.js';

/** What people sent off from cards while this page was open. */
export interface Answers {
  to(messageId: string): readonly AttachmentAction[];
  send(
    message: { readonly id: string; readonly roomId: string },
    inputs: Record<string, unknown>,
  ): Promise<void>;
}

export function createAnswers(client: DemoClient): Answers {
  const all = signal<ReadonlyMap<string, readonly AttachmentAction[]>>(new Map());
  const put = (action: AttachmentAction): void => {
    const known = all.peek().get(action.messageId) ?? [];
    if (known.some(({ id }) => id === action.id)) return;
    all.value = new Map(all.peek()).set(action.messageId, [...known, action]);
  };
  client.attachmentActions.on('created', put);
  return {
    to: (messageId) => all.value.get(messageId) ?? [],
    async send({ id, roomId }, inputs) {
      put(await client.attachmentActions.create({ type: 'submit', messageId: id, roomId, inputs }));
    },
  };
}
