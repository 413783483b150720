import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { DemoClient } from '../session/client.js';

/** A file of a message, as far as it is known. */
export interface FileState {
  readonly name: string;
  readonly type: string;
  readonly bytes?: number;
  /** of an image that is here, decrypted */
  readonly imageUrl?: string;
  readonly failed?: boolean;
  /** 0 to 1 while it comes */
  readonly progress?: number | undefined;
}
export interface Files {
  /** Undefined until the service has said what it is. Images are fetched, others wait for `download`. */
  look(url: string): ReadonlySignal<FileState | undefined>;
  download(url: string): Promise<void>;
  /** Gives a download up. */
  cancel(url: string): void;
  close(): void;
}

const mostImageBytes = 12 * 1024 * 1024;
// no svg: it may carry scripts
const shownInline = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

export function createFiles(client: DemoClient): Files {
  const seen = new Map<string, Signal<FileState | undefined>>();
  const aborts = new Map<string, AbortController>();
  const objectUrls: string[] = [];
  const objectUrlOf = (blob: Blob, type: string): string => {
    const url = URL.createObjectURL(blob.slice(0, blob.size, type));
    objectUrls.push(url);
    return url;
  };
  async function inform(url: string, state: Signal<FileState | undefined>): Promise<void> {
    const { name, mimeType: type, size } = await client.messages.fileInfo(url);
    const file: FileState = { name, type, ...(size !== undefined && { bytes: size }) };
    state.value = file;
    if (!shownInline.test(type) || (size ?? 0) > mostImageBytes) return;
    const blob = await (await client.messages.download(url, { maxBytes: mostImageBytes })).blob();
    state.value = { ...file, imageUrl: objectUrlOf(blob, type) };
  }
  const stateOf = (url: string): Signal<FileState | undefined> => {
    const known = seen.get(url);
    if (known) return known;
    const state = signal<FileState | undefined>(undefined);
    seen.set(url, state);
    inform(url, state).catch(() => {
      state.value = { name: state.peek()?.name ?? 'file', type: '', failed: true };
    });
    return state;
  };
  const fetchBlob = async (url: string): Promise<Blob> => {
    const state = stateOf(url);
    const abort = new AbortController();
    aborts.set(url, abort);
    const show = (progress: number | undefined): void => {
      state.value = { name: 'file', type: '', ...state.peek(), progress };
    };
    show(0);
    try {
      const file = await client.messages.download(url, {
        ...{ signal: abort.signal, timeoutMs: 0 },
        onProgress: ({ receivedBytes, totalBytes }) => {
          show(totalBytes ? receivedBytes / totalBytes : 0);
        },
      });
      return await file.blob();
    } finally {
      aborts.delete(url);
      show(undefined);
    }
  };
  return {
    look: stateOf,
    async download(url) {
      const { name = 'file', imageUrl } = stateOf(url).peek() ?? {};
      const link = document.createElement('a');
      link.href = imageUrl ?? objectUrlOf(await fetchBlob(url), 'application/octet-stream');
      link.download = name;
      link.click();
    },
    cancel(url) {
      aborts.get(url)?.abort();
    },
    close() {
      for (const abort of aborts.values()) abort.abort();
      for (const url of objectUrls) URL.revokeObjectURL(url);
    },
  };
}
