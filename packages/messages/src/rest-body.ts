import { sdkError } from '@trunkline/core';
import { chunksOf } from '@trunkline/core/kit';
import { mimeTypeOf, safeName } from '@trunkline/wire';
import type { ByteStream, FileInput, MessageCreate, NamedFile } from './types.js';

/**
 * A form for a message with files that are not URLs: a part per field, and each file a part named `files`.
 *
 * @source protocol/hydra-rest.md §3.2
 */
export async function toRestBody(
  message: MessageCreate,
  maxFileBytes: number,
  signal?: AbortSignal,
): Promise<FormData> {
  const { files, attachments, ...fields } = message;
  for (const file of files ?? []) if (typeof file !== 'string') checkFile(file);
  if (attachments?.length)
    throw sdkError(
      'ERR_ARGUMENT',
      'a form has no place for cards: send the file and the card in two messages',
    );
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (typeof value === 'string') form.append(name, value);
  for (const file of files ?? []) {
    if (typeof file === 'string') form.append('files', file);
    else {
      const { blob, filename } = await toBlob(file, maxFileBytes, signal);
      form.append('files', blob, filename);
    }
  }
  return form;
}

/** @throws {SdkError} `ERR_ARGUMENT` for what is not a file; callers may be untyped */
function checkFile(file: unknown): void {
  const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
  const data = isObject(file) && 'data' in file && !(Symbol.asyncIterator in file) ? file.data : file;
  const isFile =
    isObject(data) &&
    (isBlob(data) ||
      data instanceof ArrayBuffer ||
      ArrayBuffer.isView(data) ||
      'getReader' in data ||
      Symbol.asyncIterator in data);
  if (!isFile)
    throw sdkError(
      'ERR_ARGUMENT',
      'messages.create: each of files must be a URL, a Blob, bytes, a stream of bytes or { data, filename }, ' +
        `got ${file === null ? 'null' : typeof file}.`,
    );
}

type Data = Exclude<FileInput, string | NamedFile>;

async function toBlob(
  file: Exclude<FileInput, string>,
  maxBytes: number,
  signal: AbortSignal | undefined,
): Promise<{ readonly blob: Blob; readonly filename: string }> {
  const named: NamedFile = isNamed(file) ? file : { data: file };
  const { data } = named;
  const filename = safeName(named.filename ? named.filename : nameOf(data));
  const type = mimeTypeOf(filename, named.contentType ? named.contentType : isBlob(data) ? data.type : '');
  const whole = isBlob(data) || data instanceof ArrayBuffer || ArrayBuffer.isView(data);
  const parts = whole ? [data as BlobPart] : await readAll(data, maxBytes, signal);
  return { blob: new Blob(parts, { type }), filename };
}

// by shape, not by class: Blobs and streams may come from polyfills or another realm
const isBlob = (data: object): data is Blob =>
  'arrayBuffer' in data && 'size' in data && 'type' in data && typeof data.arrayBuffer === 'function';
const isNamed = (file: Data | NamedFile): file is NamedFile =>
  'data' in file && !(Symbol.asyncIterator in file);

/** A File says its name; a stream of Node's file system says its path. */
function nameOf(data: object): string {
  if ('name' in data && typeof data.name === 'string' && data.name) return data.name;
  const path = 'path' in data && typeof data.path === 'string' ? data.path : '';
  return path;
}

async function readAll(stream: ByteStream, maxBytes: number, signal?: AbortSignal): Promise<BlobPart[]> {
  const parts: BlobPart[] = [];
  let bytes = 0;
  for await (const chunk of chunksOf<Uint8Array | string>(stream)) {
    signal?.throwIfAborted();
    const part = typeof chunk === 'string' ? new TextEncoder().encode(chunk) : chunk;
    bytes += part.byteLength;
    if (bytes > maxBytes)
      throw sdkError(
        'ERR_TOO_LARGE',
        `a file is longer than ${String(maxBytes)} bytes; see maxFileBytes of messages()`,
      );
    parts.push(part as BlobPart);
  }
  return parts;
}
