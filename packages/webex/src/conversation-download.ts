import type { Conversation as Engine } from '@trunkline/conversation';
import { sdkError } from '@trunkline/core';
import { engineFile } from './conversation-refs.js';
import { Events } from './events.js';
import { bufferOf } from './files.js';
import { official } from './http-error.js';
import { orientationOf } from './orientation.js';

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
type Progress = (progress: { readonly loaded: number; readonly total?: number | undefined }) => void;

/** The bytes that arrive, with `on('progress', …)`. */
export interface Download extends Promise<Uint8Array> {
  on(event: 'progress', listener: Progress): Download;
}

/** Whether there is a key for it: some have an `scr` with an address only. */
const isEncrypted = ({ scr }: SharedFile): boolean =>
  typeof scr === 'string' ? scr !== '' : typeof scr === 'object' && scr !== null && 'key' in scr;

function downloading(begin: (progress: Progress) => Promise<Uint8Array>): Download {
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
const fileOf = (bytes: Uint8Array, { mimeType, displayName }: SharedFile): Uint8Array =>
  Object.assign(bufferOf(bytes), {
    ...(mimeType !== undefined && { type: mimeType }),
    ...(displayName !== undefined && { name: displayName }),
  });

export type PlainRequest = (options: {
  readonly uri: string;
  readonly responseType: 'buffer';
  readonly qs?: Readonly<Record<string, unknown>>;
  readonly headers?: Record<string, unknown>;
}) => Promise<{ readonly body: unknown }>;
interface Sources {
  readonly engine: () => Engine;
  /** for files that are not encrypted */
  readonly request: PlainRequest;
}

/** The bytes of a file; sets `file.orientation` where a JPEG says it, unless `shouldNotAddExifData`. */
export const downloadFile = (sources: Sources, file: SharedFile, options: DownloadOptions): Download =>
  downloading(async (progress) => {
    const bytes = await (isEncrypted(file) ? downloadEncrypted : downloadPlain)(
      sources,
      file,
      options,
      progress,
    );
    const orientation = options.shouldNotAddExifData === true ? undefined : orientationOf(bytes);
    // as there: on the file item
    if (orientation !== undefined) Object.assign(file, { orientation });
    return fileOf(bytes, file);
  });

async function downloadEncrypted(
  { engine }: Sources,
  file: SharedFile,
  { params: { allow } = {} }: DownloadOptions,
  progress: Progress,
): Promise<Uint8Array> {
  const got = await official(
    engine().download(engineFile(file), {
      ...(allow !== undefined && { allow }),
      onProgress: ({ receivedBytes: loaded, totalBytes: total }) => {
        progress({ loaded, total });
      },
    }),
  );
  return got.bytes();
}
async function downloadPlain(
  { request }: Sources,
  file: SharedFile,
  { params, headers }: DownloadOptions,
  progress: Progress,
): Promise<Uint8Array> {
  const uri = (file.scr as { readonly loc?: string } | undefined)?.loc ?? file.url;
  if (uri === undefined)
    throw sdkError('ERR_ARGUMENT', 'conversation.download: expected a file with a url, got none.');
  const { body } = await request({
    uri,
    responseType: 'buffer',
    ...(params && { qs: params }),
    ...(headers && { headers: { ...headers } }),
  });
  const bytes = body as Uint8Array;
  progress({ loaded: bytes.length, total: bytes.length });
  return bytes;
}
