import { isSdkError, sdkError, type Host, type SdkError } from '@trunkline/core';
import { requireArgument } from '@trunkline/core/kit';
import {
  nameOfDisposition,
  safeName,
  type DownloadedFile,
  type DownloadInit,
  type MessagePeer,
} from '@trunkline/wire';
import type { FileInfo, MessageDownloadInit, Messages } from './types.js';

const defaultMaxBytes = 100 * 1024 * 1024;

/** Files of messages: decrypted here where the engine is there, else as the service gives them. */
export function createDownloads(
  host: Host,
  peer: () => MessagePeer | undefined,
): Pick<Messages, 'download' | 'fileInfo'> {
  return {
    async download(from, { index, ...init }: MessageDownloadInit = {}) {
      const url = urlIn('messages.download', from, index);
      return peer()?.download(url, init) ?? fetchFile(host, url, init);
    },
    async fileInfo(from, { index, ...init } = {}) {
      const url = urlIn('messages.fileInfo', from, index);
      const { headers } = await host.request({ ...init, method: 'HEAD', url, as: 'text' });
      return infoOf(headers);
    },
  };
}

function urlIn(call: string, from: Parameters<Messages['download']>[0], index = 0): string {
  const url = typeof from === 'string' ? from : from.files?.[index];
  requireArgument(url, call, 'a message with such a file, or one of its files');
  return url;
}

/** @source protocol/hydra-rest.md §3.2 */
async function fetchFile(host: Host, url: string, init: DownloadInit): Promise<DownloadedFile> {
  const { maxBytes = defaultMaxBytes, onProgress, allow, ...bounds } = init;
  const { body: response, headers } = await host.request<Response>({
    ...bounds,
    url,
    as: 'response',
    ...(allow !== undefined && { query: { allow } }),
  });
  const { size: totalBytes, ...info } = infoOf(headers);
  // through the response, which is held so: fetch gives up the body of one that no one holds
  const source = (): ReadableStream<Uint8Array> => response.body ?? new Blob([]).stream();
  const drop = (): void => {
    source()
      .cancel()
      .catch(() => undefined);
  };
  if (totalBytes !== undefined && totalBytes > maxBytes) {
    drop();
    throw tooLarge(maxBytes);
  }
  let receivedBytes = 0;
  const counted = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
    const reader = (source() as ReadableStream<Uint8Array<ArrayBuffer>>).getReader();
    return new ReadableStream<Uint8Array<ArrayBuffer>>(
      {
        async pull(controller) {
          try {
            const { done, value } = await reader.read();
            if (done) {
              if (totalBytes !== undefined && receivedBytes < totalBytes) throw cut();
              controller.close();
              return;
            }
            receivedBytes += value.length;
            if (receivedBytes > maxBytes) throw tooLarge(maxBytes);
            tell({ receivedBytes, ...(totalBytes !== undefined && { totalBytes }) });
            controller.enqueue(value);
          } catch (error) {
            reader.cancel().catch(() => undefined);
            throw init.signal?.aborted === true ? init.signal.reason : isSdkError(error) ? error : cut(error);
          }
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    );
  };
  const tell = (progress: Parameters<NonNullable<typeof onProgress>>[0]): void => {
    try {
      onProgress?.(progress);
    } catch (error) {
      host.log.error({ error }, 'onProgress threw');
    }
  };
  let taken = false;
  const take = (): ReadableStream<Uint8Array<ArrayBuffer>> => {
    if (taken) throw sdkError('ERR_ARGUMENT', 'the file was read or cancelled already; download it again');
    taken = true;
    return counted();
  };
  return {
    ...info,
    size: totalBytes,
    stream: take,
    bytes: async () => new Uint8Array(await new Response(take()).arrayBuffer()),
    blob: async () => {
      const blob = await new Response(take()).blob();
      return blob.slice(0, blob.size, info.mimeType);
    },
    cancel() {
      if (!taken) drop();
      taken = true;
    },
  };
}

function infoOf(headers: Headers): FileInfo {
  const length = headers.get('content-encoding') === null ? headers.get('content-length') : null;
  return {
    name: safeName(nameOfDisposition(headers.get('content-disposition'))),
    mimeType: (headers.get('content-type') ?? '').split(';', 1)[0]?.trim() || 'application/octet-stream',
    size: length === null ? undefined : Number(length),
  };
}

const tooLarge = (maxBytes: number): SdkError =>
  sdkError('ERR_TOO_LARGE', `the file is longer than ${String(maxBytes)} bytes; see maxBytes of this call`);
const cut = (cause?: unknown): SdkError =>
  sdkError('ERR_NETWORK', 'the connection ended during a file; download it again', {
    retryable: true,
    cause,
  });
