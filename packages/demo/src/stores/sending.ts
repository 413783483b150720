import { signal, type ReadonlySignal } from '@preact/signals';
import type { UploadInit } from '@trunkline/core';
import type { Message } from '@trunkline/messages';
import { cardContentType } from '@trunkline/wire';
import { explain } from '../lib/explain.js';
import { looksLikeMarkdown } from '../lib/text.js';
import type { DemoClient } from '../session/client.js';

/** A message that is not with the service yet. */
export interface Pending {
  readonly key: string;
  readonly text: string;
  readonly file?: File;
  /** the message it answers */
  readonly parentId?: string;
  readonly card?: object;
  readonly state: 'sending' | 'failed';
  readonly sentBytes: number;
  readonly error?: string;
  /** ISO 8601 */
  readonly created: string;
}
export interface Sending {
  /** oldest first */
  readonly pending: ReadonlySignal<readonly Pending[]>;
  /** Shown at once; sent in the background. One message per file, each with its progress and a way to cancel. */
  send(text: string, files?: readonly File[], parentId?: string): void;
  sendCard(text: string, card: object): void;
  retry(key: string): void;
  /** Gives up an upload, or puts away what failed. */
  drop(key: string): void;
  /** One of ours came by the socket, maybe before the answer to its request. */
  arrived(message: Message): void;
}

/** Plain words travel as text, what looks like markdown as markdown. */
export const wordsOf = (text: string): { readonly text: string } | { readonly markdown: string } =>
  looksLikeMarkdown(text) ? { markdown: text } : { text };

export function createSending(client: DemoClient, roomId: string, sent: (message: Message) => void): Sending {
  const pending = signal<readonly Pending[]>([]);
  const aborts = new Map<string, AbortController>();
  const forget = (key: string): void => {
    pending.value = pending.peek().filter((one) => one.key !== key);
  };
  const change = (key: string, changes: Partial<Pending>): void => {
    pending.value = pending.peek().map((one) => (one.key === key ? { ...one, ...changes } : one));
  };

  const run = async (one: Pending): Promise<void> => {
    const { key, text, file, parentId, card } = one;
    const abort = new AbortController();
    aborts.set(key, abort);
    const init: UploadInit = {
      signal: abort.signal,
      ...(file && {
        timeoutMs: 0, // as long as it takes; who waits may cancel
        onProgress: ({ sentBytes }) => {
          change(key, { sentBytes });
        },
      }),
    };
    try {
      const words = text === '' ? {} : wordsOf(text);
      const extra = {
        ...(file && { files: [{ data: file, filename: file.name }] }),
        ...(card && { attachments: [{ contentType: cardContentType, content: card }] }),
        ...(parentId !== undefined && { parentId }),
      };
      const message = await client.messages.create({ roomId, ...words, ...extra }, init);
      forget(key);
      sent(message);
    } catch (error) {
      if (abort.signal.aborted) forget(key);
      else {
        if (!pending.peek().some((shown) => shown.key === key)) pending.value = [...pending.peek(), one];
        change(key, { state: 'failed', error: explain(error) });
      }
    } finally {
      aborts.delete(key);
    }
  };
  const begin = (text: string, more: Pick<Pending, 'file' | 'parentId' | 'card'>): void => {
    const one: Pending = {
      ...{
        key: crypto.randomUUID(),
        text,
        state: 'sending',
        sentBytes: 0,
        created: new Date().toISOString(),
      },
      ...more,
    };
    pending.value = [...pending.peek(), one];
    void run(one);
  };
  return {
    pending,
    send(text, files = [], parentId) {
      const more = parentId === undefined ? {} : { parentId };
      if (files.length === 0) begin(text, more);
      else for (const [index, file] of files.entries()) begin(index === 0 ? text : '', { ...more, file });
    },
    sendCard(text, card) {
      begin(text, { card });
    },
    retry(key) {
      const one = pending.peek().find((shown) => shown.key === key);
      if (one?.state !== 'failed') return;
      const again: Pending = { ...one, state: 'sending', sentBytes: 0 };
      pending.value = pending.peek().map((shown) => (shown.key === key ? again : shown));
      void run(again);
    },
    drop(key) {
      aborts.get(key)?.abort();
      forget(key);
    },
    arrived(message) {
      const hasFile = (message.files?.length ?? 0) > 0;
      const first = pending
        .peek()
        .find(
          ({ file, state, parentId }) =>
            state === 'sending' && (file !== undefined) === hasFile && parentId === message.parentId,
        );
      if (first) forget(first.key);
    },
  };
}
