import { isSdkError, sdkError, type Host } from '@trunkline/core';
import type { DownloadInit, FileContent, Scr } from '@trunkline/wire';
import { defaultMaxBytes, tooLarge } from './file-bytes.js';
import { fromScr, type FileCrypto } from './file-crypto.js';

export interface FileLocationInit extends DownloadInit {
  /** `false`: get the URL itself, which must be https, instead of asking its file service for a signed one. */
  readonly useFileService?: boolean;
}

/** @source protocol/kms-and-encryption.md §7.1 */
export function createDownload(host: Host, files: FileCrypto) {
  /** The sender of a file chooses its URL: anything but https or this service is refused. */
  async function checked(address: string, init: DownloadInit): Promise<URL> {
    let url: URL | undefined;
    try {
      url = new URL(address);
    } catch {
      // said below
    }
    if (url?.protocol === 'https:') return url;
    const own = url?.protocol === 'http:' && new URL(await host.serviceUrl('hydra', init)).origin;
    if (url !== undefined && own === url.origin) return url;
    throw sdkError('ERR_ARGUMENT', 'the URL of a file must use https, or be of the service of this client');
  }

  /** A URL that needs no token; undefined where the file service has none to give. */
  async function signedUrl(file: URL, init: DownloadInit): Promise<URL | undefined> {
    const { allow, signal, timeoutMs } = init;
    try {
      const { body } = await host.request<{ readonly endpoints?: Readonly<Record<string, unknown>> }>({
        ...(signal && { signal }),
        ...(timeoutMs !== undefined && { timeoutMs }),
        method: 'POST',
        url: new URL('/v1/download/endpoints', file).href,
        body: { endpoints: [file.href], ...(allow !== undefined && { allow }) },
        idempotent: true,
      });
      const signed = body.endpoints?.[file.href];
      return typeof signed === 'string' ? await checked(signed, init) : undefined;
    } catch (error) {
      if (signal?.aborted === true || !isSdkError(error) || error.code === 'ERR_CLIENT_CLOSED') throw error;
      host.log.debug({ error }, 'no signed URL of a file; its own is used');
      return undefined;
    }
  }

  return async function download(
    address: string,
    scr: Scr,
    init: FileLocationInit = {},
  ): Promise<FileContent> {
    const parameters = fromScr(scr);
    const { maxBytes = defaultMaxBytes, onProgress, useFileService = true } = init;
    const file = await checked(address, init);
    const signed = useFileService ? await signedUrl(file, init) : undefined;
    const watch = startWatch(host, init);
    try {
      const { body: response, headers } = await host.request<Response>({
        signal: watch.signal,
        ...(init.timeoutMs !== undefined && { timeoutMs: init.timeoutMs }),
        url: (signed ?? file).href,
        ...(signed && { auth: false }),
        as: 'response',
      });
      const said = headers.get('content-encoding') === null ? headers.get('content-length') : null;
      const totalBytes = said === null ? undefined : Number(said);
      if (totalBytes !== undefined && totalBytes > maxBytes) {
        response.body?.cancel().catch(() => undefined);
        throw tooLarge(maxBytes);
      }
      let receivedBytes = 0;
      // through the response, which is held so: fetch gives up the body of one that no one holds
      const reader = (response.body ?? new Blob([]).stream()).getReader();
      // by hand: three generators one in another cost as much as the encryption
      const received: AsyncIterator<Uint8Array> = {
        async next() {
          const chunk = await reader.read();
          if (chunk.done) {
            // some transports end a body quietly when the connection is cut
            if (totalBytes !== undefined && receivedBytes < totalBytes) throw cut();
            return chunk;
          }
          receivedBytes += chunk.value.length;
          if (receivedBytes > maxBytes) {
            await this.return?.();
            throw tooLarge(maxBytes);
          }
          watch.seen();
          tell(host, onProgress, { receivedBytes, ...(totalBytes !== undefined && { totalBytes }) });
          return chunk;
        },
        return() {
          reader.cancel().catch(() => undefined);
          return Promise.resolve({ done: true, value: undefined });
        },
      };
      return await files.open({ [Symbol.asyncIterator]: () => received }, parameters);
    } catch (error) {
      if (watch.signal.aborted) throw watch.signal.reason;
      throw isSdkError(error) ? error : cut(error);
    } finally {
      watch.stop();
    }
  };
}

const cut = (cause?: unknown): Error =>
  sdkError('ERR_NETWORK', 'the connection ended during a file; nothing of it was kept, download it again', {
    retryable: true,
    ...(cause !== undefined && { cause }),
  });

function tell<T>(host: Host, listener: ((progress: T) => void) | undefined, progress: T): void {
  if (listener === undefined) return;
  try {
    listener(progress);
  } catch (error) {
    host.log.error({ error }, 'onProgress threw');
  }
}

/** Ends a download whose bytes stop coming: its time limit is for silence, not for the whole. */
function startWatch(host: Host, { signal, timeoutMs = host.config.request.timeoutMs }: DownloadInit) {
  const controller = new AbortController();
  const follow = (): void => {
    controller.abort(signal?.reason);
  };
  if (signal?.aborted === true) follow();
  signal?.addEventListener('abort', follow);
  let quiet = false;
  let cancel: (() => void) | undefined;
  const look = (): void => {
    if (quiet)
      controller.abort(
        sdkError('ERR_TIMEOUT', `no more of the file came within ${String(timeoutMs)} ms`, {
          retryable: true,
        }),
      );
    quiet = true;
    cancel = host.clock.after(timeoutMs, look, { unref: true });
  };
  return {
    signal: controller.signal,
    /** bytes came; the time begins with the first */
    seen() {
      quiet = false;
      if (cancel === undefined && timeoutMs > 0 && timeoutMs !== Number.POSITIVE_INFINITY) look();
    },
    stop() {
      cancel?.();
      signal?.removeEventListener('abort', follow);
    },
  };
}
