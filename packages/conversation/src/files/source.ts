import { sdkError, type Host } from '@trunkline/core';
import { fetchedFile, mimeTypeOf, safeName, type FileData, type FilePeer } from '@trunkline/wire';
import type { Bounds, NamedFile, NamedPath, ShareInput } from './types.js';

/** A file that is to be shared, with what can be known of it before it is read. */
export interface Source {
  readonly data: FileData;
  readonly name: string;
  readonly mimeType: string;
  /** bytes, where they are known */
  readonly size: number | undefined;
  /** enough for the header of an image; empty for streams whose beginning was not looked at */
  readonly head: Uint8Array;
  /** can be read again, as a picture is made of it */
  readonly whole: boolean;
}

// the header of a JPEG may come after a preview of it
const headBytes = 256 * 1024;

// by shape, not by class: Blobs and streams may come from polyfills or another realm
const isBlob = (data: object): data is Blob =>
  'arrayBuffer' in data && 'size' in data && 'type' in data && typeof data.arrayBuffer === 'function';
const isBytes = (data: object): data is Uint8Array | ArrayBuffer =>
  ArrayBuffer.isView(data) || Object.prototype.toString.call(data) === '[object ArrayBuffer]';
const isNamed = (file: object): file is NamedFile =>
  'data' in file && !isBlob(file) && !(Symbol.asyncIterator in file);

// a stream of Node's file system has a path as well
const isPath = (file: object): file is NamedPath =>
  'path' in file &&
  typeof file.path === 'string' &&
  !('data' in file) &&
  !('getReader' in file) &&
  !isBlob(file) &&
  !(Symbol.asyncIterator in file);

async function fromDisk(peer: () => Pick<FilePeer, 'fileAt'>, file: NamedPath): Promise<NamedFile> {
  const { filename, contentType } = file;
  const data = await peer().fileAt(file);
  if (data === undefined)
    throw sdkError('ERR_ARGUMENT', 'there are no files by path here; give a File, a Blob or bytes');
  return {
    data,
    ...(filename !== undefined && { filename }),
    ...(contentType !== undefined && { contentType }),
  };
}

/** @throws {SdkError} `ERR_TOO_LARGE`, where its length is known, before any of it is read */
export async function sourceOf(
  host: Host,
  peer: () => Pick<FilePeer, 'fileAt'>,
  input: ShareInput,
  maxBytes: number,
  init: Bounds,
): Promise<Source> {
  if (typeof input === 'string') return fetched(host, input, maxBytes, init);
  const given: unknown = input;
  if (typeof given !== 'object' || given === null) throw notAFile();
  const named: NamedFile = isPath(input)
    ? await fromDisk(peer, input)
    : isNamed(input)
      ? input
      : { data: input };
  const { data, contentType } = named;
  if (typeof data !== 'object' || (data as unknown) === null) throw notAFile();
  const name = safeName(named.filename ? named.filename : nameOf(data));
  const mimeType = mimeTypeOf(name, contentType ? contentType : isBlob(data) ? data.type : undefined);
  if (isBlob(data)) {
    if (data.size > maxBytes) throw tooLarge(maxBytes);
    const head = mimeType.startsWith('image/')
      ? new Uint8Array(await data.slice(0, headBytes).arrayBuffer())
      : none;
    return { data, name, mimeType, size: data.size, head, whole: true };
  }
  if (isBytes(data)) {
    const bytes = ArrayBuffer.isView(data)
      ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
      : new Uint8Array(data);
    return {
      data: bytes,
      name,
      mimeType,
      size: bytes.length,
      head: bytes.subarray(0, headBytes),
      whole: true,
    };
  }
  if (!('getReader' in data) && !(Symbol.asyncIterator in data)) throw notAFile();
  return { data, name, mimeType, size: named.size, head: none, whole: false };
}

export const tooLarge = (maxBytes: number): Error =>
  sdkError('ERR_TOO_LARGE', `a file is longer than ${String(maxBytes)} bytes; see maxBytes`);
const none = new Uint8Array();
const notAFile = (): Error =>
  sdkError(
    'ERR_ARGUMENT',
    'a file is a Blob, bytes, a stream of bytes, { data, filename }, { path } in Node, or a URL',
  );

/** A File says its name; a stream of Node's file system says its path. */
function nameOf(data: object): string {
  if ('name' in data && typeof data.name === 'string' && data.name) return data.name;
  return 'path' in data && typeof data.path === 'string' ? data.path : '';
}

async function fetched(host: Host, url: string, maxBytes: number, init: Bounds): Promise<Source> {
  const { body: response, headers } = await host.request<Response>({ ...init, url, as: 'response' });
  const length = headers.get('content-length');
  if (length !== null && Number(length) > maxBytes) {
    response.body?.cancel().catch(() => undefined);
    throw sdkError('ERR_TOO_LARGE', `the file at a URL is longer than ${String(maxBytes)} bytes`);
  }
  const type = headers.get('content-type');
  const { name, mimeType } = fetchedFile(url, headers.get('content-disposition'), type);
  return {
    data: bytesOf(response),
    name,
    mimeType,
    size: undefined,
    head: none,
    whole: false,
  };
}

/** It holds the response: fetch gives up the body of one that no one holds, and the file would be empty. */
async function* bytesOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  const length = response.headers.get('content-length');
  let received = 0;
  let over = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      over = done;
      if (done) break;
      received += value.length;
      yield value;
    }
  } catch (cause) {
    throw cut(cause);
  } finally {
    if (!over) reader.cancel().catch(() => undefined);
  }
  if (length !== null && !response.headers.has('content-encoding') && received < Number(length)) throw cut();
}
const cut = (cause?: unknown): Error =>
  sdkError('ERR_NETWORK', 'the file at a URL ended too early', { retryable: true, cause });
