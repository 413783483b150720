import { isSdkError, type Host } from '@trunkline/core';
import type { KmsResponse, KmsSubmission } from '@trunkline/wire';

export interface KmsTransport {
  /**
   * Submits one message and waits for the answer with this request id.
   *
   * @returns undefined when no answer came within `timeoutMs`
   * @throws what the submission was refused with, or the signal's reason
   */
  exchange(message: KmsMessage, timeoutMs: number, signal: AbortSignal): Promise<KmsResponse | undefined>;
  /** An answer that could be read. One that no one waits for (any more) is ignored. */
  answer(response: KmsResponse): void;
}

export interface KmsMessage {
  readonly requestId: string;
  /** `kms://HOST` */
  readonly destination: string;
  readonly jwe: string;
}

interface Waiting {
  settle(result: KmsResponse | undefined): void;
  fail(error: unknown): void;
}

// long enough for what is asked for in one go, such as the keys of a page of messages; too short to be felt
const windowMs = 5;
const maxBatch = 50;

/** Requests go out by HTTP, in batches; answers come over the socket. @source protocol/kms-and-encryption.md §3 */
export function createKmsTransport(host: Host): KmsTransport {
  const waiting = new Map<string, Waiting>();
  let batch: KmsMessage[] = [];
  let cancelFlush: (() => void) | undefined;

  const enqueue = (message: KmsMessage): void => {
    batch.push(message);
    if (batch.length >= maxBatch) flush();
    else cancelFlush ??= host.clock.after(windowMs, flush);
  };

  function flush(): void {
    cancelFlush?.();
    cancelFlush = undefined;
    // who gave up in the meantime is not sent
    const messages = batch.filter(({ requestId }) => waiting.has(requestId));
    batch = [];
    for (const [destination, group] of byDestination(messages)) void submit(destination, group);
  }

  async function submit(destination: string, messages: readonly KmsMessage[]): Promise<void> {
    const body: KmsSubmission = { destination, kmsMessages: messages.map(({ jwe }) => jwe) };
    try {
      // sent twice, it is answered twice, and the second answer is ignored
      await host.request({
        method: 'POST',
        service: 'encryption',
        path: 'kms/messages',
        body,
        idempotent: true,
        as: 'text',
      });
    } catch (error) {
      for (const { requestId } of messages) waiting.get(requestId)?.fail(error);
    }
  }

  host.onClose(() => {
    cancelFlush?.();
    cancelFlush = undefined;
    batch = [];
  });

  return {
    exchange: (message, timeoutMs, signal) =>
      new Promise((resolve, reject) => {
        const { requestId } = message;
        const stop = (): void => {
          waiting.delete(requestId);
          cancelTimer();
          signal.removeEventListener('abort', abort);
        };
        const fail = (error: unknown): void => {
          stop();
          reject(isSdkError(error) || error instanceof Error ? error : new Error(String(error)));
        };
        const settle = (result: KmsResponse | undefined): void => {
          stop();
          resolve(result);
        };
        const abort = (): void => {
          stop();
          reject(signal.reason as Error);
        };
        const cancelTimer = host.clock.after(timeoutMs, () => {
          settle(undefined);
        });
        if (signal.aborted) {
          abort();
          return;
        }
        signal.addEventListener('abort', abort, { once: true });
        waiting.set(requestId, { settle, fail });
        enqueue(message);
      }),
    answer: (response) => {
      const waiter = waiting.get(response.requestId);
      if (waiter) waiter.settle(response);
      else
        host.log.debug(
          { requestId: response.requestId },
          'an answer of the key service that no one waits for',
        );
    },
  };
}

function byDestination(messages: readonly KmsMessage[]): ReadonlyMap<string, readonly KmsMessage[]> {
  const groups = new Map<string, KmsMessage[]>();
  for (const message of messages) {
    const group = groups.get(message.destination);
    if (group) group.push(message);
    else groups.set(message.destination, [message]);
  }
  return groups;
}
