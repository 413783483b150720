import { sdkError, type Host, type UploadInit } from '@trunkline/core';
import { randomUuid } from '@trunkline/core/kit';
import type { FileData, FilePeer, Scr } from '@trunkline/wire';
import type { ConversationInfo } from '../engine/conversation-cache.js';
import type { Bounds } from './types.js';

const attempts = 3;
const mebi = 1024 * 1024;
// what every client sends, whatever the file. @source protocol/conversation.md §3.2
const fileHash = '4ea5c508a6566e76240543f8feb06fd457777be39549c4016436afda65d2330e';
// a line this slow still gets a file through, see timeoutMs
const slowestBytesPerMs = 25;

export interface Uploaded {
  readonly url: string;
  readonly size: number;
  readonly scr: Scr;
}
export interface UploadOptions {
  readonly data: FileData;
  readonly size: number | undefined;
  readonly maxBytes: number;
  /** with its dot; left out for pictures of files */
  readonly claimedFileType?: string;
  readonly role?: string;
}

interface Session {
  readonly uploadUrl: string;
  readonly finishUploadUrl: string;
  /** MiB */
  readonly fileUploadSizeLimit?: number;
}

/** Encrypts one file and brings it into a space. @source protocol/conversation.md §3.2 */
export async function uploadFile(
  host: Host,
  peer: FilePeer,
  spaceUrl: string,
  { data, size, maxBytes, claimedFileType, role }: UploadOptions,
  init: UploadInit,
): Promise<Uploaded> {
  const { onProgress, ...bounds } = init;
  const { signal } = bounds;
  const sealed = await peer.sealFile(data, {
    maxBytes,
    ...(signal && { signal }),
    ...(size !== undefined && { size }),
  });
  try {
    const { body: session } = await host.request<Session>({
      ...bounds,
      method: 'POST',
      url: `${spaceUrl}/upload_sessions`,
      query: { transcode: true },
      body: {
        fileSize: sealed.size,
        ...(claimedFileType !== undefined && { claimedFileType }),
        uploadProtocol: 'content-length',
        ...(role !== undefined && { role }),
      },
      idempotent: true,
    });
    const limit = session.fileUploadSizeLimit;
    if (limit !== undefined && sealed.size > limit * mebi)
      throw sdkError('ERR_TOO_LARGE', `the service takes files of at most ${String(limit)} MiB`);
    try {
      await host.request({
        ...bounds,
        timeoutMs:
          init.timeoutMs ?? host.config.request.timeoutMs + Math.ceil(sealed.size / slowestBytesPerMs),
        method: 'PUT',
        url: session.uploadUrl,
        headers: { 'content-type': 'application/octet-stream', 'x-trans-id': randomUuid() },
        // the URL is a capability of its own
        auth: false,
        body: sealed.body,
        as: 'text',
        maxRetries: sealed.once ? 0 : attempts - 1,
        ...(onProgress && { onProgress }),
      });
    } catch (error) {
      // the file, not the way
      signal?.throwIfAborted();
      throw (sealed.failure() as Error | undefined) ?? error;
    }
    const { body: finished } = await host.request<{ readonly downloadUrl?: unknown }>({
      ...bounds,
      method: 'POST',
      url: session.finishUploadUrl,
      query: { transcode: true },
      body: { fileSize: sealed.size, fileHash },
      idempotent: true,
    });
    const url = finished.downloadUrl;
    if (typeof url !== 'string')
      throw sdkError('ERR_BAD_RESPONSE', 'the service took a file and did not say where it lies');
    return { url, size: sealed.size, scr: sealed.scr(url) };
  } finally {
    sealed.close();
  }
}

export interface Spaces {
  readonly files: string;
  readonly hidden: string;
}
const maxSpaces = 500;

/** Where the files of a conversation go: asked for once. */
export function createSpaces(host: Host): (head: ConversationInfo, init: Bounds) => Promise<Spaces> {
  const known = new Map<string, Spaces>();
  return async ({ url }, init) => {
    const found = known.get(url);
    if (found !== undefined) return found;
    const ask = async (path: string): Promise<string> => {
      const { body } = await host.request<{ readonly spaceUrl: string }>({
        ...init,
        method: 'PUT',
        url: `${url}/${path}`,
      });
      return body.spaceUrl;
    };
    const [files, hidden] = await Promise.all([ask('space'), ask('space/hidden')]);
    const spaces = { files, hidden };
    if (known.size >= maxSpaces) known.clear();
    known.set(url, spaces);
    return spaces;
  };
}
