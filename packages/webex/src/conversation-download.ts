import { Events } from './events.js';
import { bufferOf } from './files.js';

/** A file of an activity. */
export interface SharedFile {
  /** what decrypts it: an object, or its JSON */
  readonly scr?: unknown;
  readonly url?: string;
  readonly mimeType?: string;
  readonly displayName?: string;
}
export interface DownloadOptions {
  readonly params?: { readonly allow?: string };
  /** leaves `orientation` of the file alone */
  readonly shouldNotAddExifData?: boolean;
  /** of files that are not encrypted; `null` keeps one from being sent */
  readonly headers?: Readonly<Record<string, unknown>>;
}
/** Called with bytes; `total` is undefined where the service does not say. */
export type Progress = (progress: { readonly loaded: number; readonly total?: number | undefined }) => void;

/** The bytes that arrive, with `on('progress', …)`. */
export interface Download extends Promise<Uint8Array> {
  on(event: 'progress', listener: Progress): Download;
}

/** Whether there is a key for it: some have an `scr` with an address only. */
export const isEncrypted = ({ scr }: SharedFile): boolean =>
  typeof scr === 'string' ? scr !== '' : typeof scr === 'object' && scr !== null && 'key' in scr;

export function downloading(begin: (progress: Progress) => Promise<Uint8Array>): Download {
  const events = new Events();
  const work = begin((progress) => {
    events.trigger('progress', progress);
  });
  const download: Download = Object.assign(work, {
    on(event: string, listener: Progress) {
      events.on(event, listener);
      return download;
    },
  });
  return download;
}

/** The bytes, with `type` and `name` as a file that is read has them. */
export const fileOf = (bytes: Uint8Array, { mimeType, displayName }: SharedFile): Uint8Array =>
  Object.assign(bufferOf(bytes), {
    ...(mimeType !== undefined && { type: mimeType }),
    ...(displayName !== undefined && { name: displayName }),
  });
