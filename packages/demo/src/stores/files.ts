import { signal, type ReadonlySignal } from '@preact/signals';
import type { DemoClient } from '../session/client.js';

/** A file of a message, as far as it is known. */
export interface FileState {
  readonly name: string;
  readonly type: string;
  readonly bytes?: number;
  /** of an image that is here */
  readonly imageUrl?: string;
  readonly failed?: boolean;
}
export interface Files {
  /** Undefined until the service has said what it is. Images are fetched, others wait for `download`. */
  look(url: string): ReadonlySignal<FileState | undefined>;
  download(url: string): Promise<void>;
  close(): void;
}

const mostImageBytes = 12 * 1024 * 1024;
// no svg: it may carry scripts
const shownInline = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;

export function createFiles(client: DemoClient): Files {
  const seen = new Map<string, ReturnType<typeof signal<FileState | undefined>>>();
  const objectUrls: string[] = [];
  const objectUrlOf = (bytes: Uint8Array<ArrayBuffer>, type: string): string => {
    const url = URL.createObjectURL(new Blob([bytes], { type }));
    objectUrls.push(url);
    return url;
  };
  const fetchBytes = async (url: string) =>
    (await client.request<Uint8Array<ArrayBuffer>>({ url, as: 'bytes' })).body;

  async function inform(url: string, state: ReturnType<typeof signal<FileState | undefined>>): Promise<void> {
    const { headers } = await client.request<Response>({ method: 'HEAD', url, as: 'response' });
    const type = headers.get('content-type')?.split(';')[0] ?? '';
    const bytes = Number(headers.get('content-length') ?? Number.NaN);
    const file: FileState = {
      name: nameIn(headers.get('content-disposition') ?? '') ?? 'file',
      type,
      ...(Number.isFinite(bytes) && { bytes }),
    };
    state.value = file;
    if (shownInline.test(type) && !(bytes > mostImageBytes))
      state.value = { ...file, imageUrl: objectUrlOf(await fetchBytes(url), type) };
  }
  return {
    look(url) {
      const known = seen.get(url);
      if (known) return known;
      const state = signal<FileState | undefined>(undefined);
      seen.set(url, state);
      inform(url, state).catch(() => {
        state.value = { name: state.peek()?.name ?? 'file', type: '', failed: true };
      });
      return state;
    },
    async download(url) {
      const { name = 'file', imageUrl } = seen.get(url)?.peek() ?? {};
      const link = document.createElement('a');
      link.href = imageUrl ?? objectUrlOf(await fetchBytes(url), 'application/octet-stream');
      link.download = name;
      link.click();
    },
    close() {
      for (const url of objectUrls) URL.revokeObjectURL(url);
    },
  };
}

function nameIn(disposition: string): string | undefined {
  const exact = /filename\*=UTF-8''(\S+)/.exec(disposition)?.[1];
  return exact === undefined ? /filename="([^"]*)"/.exec(disposition)?.[1] : decodeURIComponent(exact);
}
