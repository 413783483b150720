import { isUuid } from '@trunkline/wire';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { type Blobs, BlobTooLarge } from '../../kernel/blobs.js';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, param, texts } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Signer } from '../../kernel/vault/vault.js';
import type { Audience } from '../audience/api.js';
import type { Identity } from '../identity/api.js';
import { downloadPath } from './index.js';
import { idOfUrl } from './references.js';
import { findFile, insertFile, openUploads, setFileState } from './store.js';

const base = servicePaths.files;
const uploadMs = 3_600_000;
const downloadMs = 3_600_000;
const mebi = 1024 * 1024;
/** uploads of one person that are begun and not finished */
const maxOpenUploads = 500;

/** Upload and download URLs are capabilities that expire: anyone who has one needs no token. */
export function fileRoutes({
  blobs,
  kernel,
  audience,
  identity,
  signer,
}: {
  readonly kernel: Kernel;
  readonly identity: Identity;
  readonly audience: Audience;
  readonly blobs: Blobs;
  readonly signer: Signer;
}): Routes {
  const { config, store } = kernel;
  const capability = (use: string, id: string, lifeMs: number, userId: string): string => {
    const until = `${String(kernel.now() + lifeMs)}.${userId}`;
    return `${until}/${signer.sign(`${use}:${id}:${until}`)}`;
  };
  const holds = (use: string, id: string, until: string, signature: string): boolean =>
    Number(until.split('.')[0]) > kernel.now() && signer.verify(`${use}:${id}:${until}`, signature);
  const idIn = (params: unknown): string => {
    const id = param(params, 'id') ?? '';
    if (!isUuid(id)) throw notFound();
    return id;
  };

  async function requireMember(userId: string, conversationId: string): Promise<void> {
    if (!(await audience.isMember(conversationId, userId))) throw notFound();
  }

  async function sendBlob(id: string): Promise<Readable> {
    const file = await findFile(store, id);
    const blob = file?.state === 'finished' ? await blobs.read(id) : undefined;
    if (blob === undefined) throw notFound();
    return blob.stream;
  }

  /** uploads that are being written */
  const taking = new Set<string>();

  async function upload(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const id = idIn(request.params);
    if (!holds('upload', id, param(request.params, 'until') ?? '', param(request.params, 'signature') ?? ''))
      throw notFound();
    const file = await findFile(store, id);
    if (file === undefined || file.state === 'finished') throw notFound();
    // the address outlives the membership
    await requireMember(file.creator_id, file.conversation_id);
    const { body } = request;
    const source = body instanceof Readable ? body : Readable.from([]);
    if (taking.has(id)) throw new ApiError(409, 'This file is being uploaded already.');
    taking.add(id);
    try {
      const size = await blobs.write(id, source, file.size);
      if (size !== file.size) {
        await blobs.remove(id);
        throw badRequest('Fewer bytes came than were announced.');
      }
      // it was a long upload, perhaps
      if (!(await audience.isMember(file.conversation_id, file.creator_id))) {
        await blobs.remove(id);
        throw notFound();
      }
      await setFileState(store, id, { state: 'stored' });
      return await reply.code(200).send({});
    } catch (error) {
      throw error instanceof BlobTooLarge ? new ApiError(413, 'More bytes came than were announced.') : error;
    } finally {
      taking.delete(id);
    }
  }

  return (app) => {
    // what is not JSON is not read
    app.addContentTypeParser('*', (_, payload, done) => {
      done(null, payload);
    });

    for (const space of ['space', 'space/hidden'])
      app.put(`${servicePaths.conversation}/conversations/:id/${space}`, async (request) => {
        const caller = await identity.caller(request);
        const id = idIn(request.params);
        await requireMember(caller.user.id, id);
        return { spaceUrl: `${kernel.urls(request).service('files')}/spaces/${id}` };
      });

    app.post(`${base}/spaces/:id/upload_sessions`, async (request) => {
      const caller = await identity.caller(request);
      const conversationId = idIn(request.params);
      await requireMember(caller.user.id, conversationId);
      const size = fields(request.body)['fileSize'];
      if (typeof size !== 'number' || !Number.isInteger(size) || size < 0)
        throw badRequest('fileSize must be a number of bytes.');
      if (size > config.limits.fileBytes) throw new ApiError(413, 'The file is too large.');
      if ((await openUploads(store, caller.user.id)) >= maxOpenUploads)
        throw new ApiError(429, 'Too many uploads were begun and not finished.', { retryAfterS: 60 });
      const id = randomUUID();
      await insertFile(store, {
        id,
        conversation_id: conversationId,
        creator_id: caller.user.id,
        state: 'open',
        size,
        created_ms: kernel.now(),
      });
      const uploadUrl = `${kernel.urls(request).service('files')}/uploads/${id}/${capability('upload', id, uploadMs, caller.user.id)}`;
      return {
        uploadUrl,
        finishUploadUrl: `${uploadUrl}/finish`,
        url: uploadUrl,
        fileUploadSizeLimit: Math.ceil(config.limits.fileBytes / mebi),
      };
    });

    // whatever the media type says, the body stays a stream: a file is never whole in memory
    void app.register((scope, _, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (__, payload, parsed) => {
        parsed(null, payload);
      });
      scope.put(`${base}/uploads/:id/:until/:signature`, upload);
      done();
    });

    app.post(`${base}/uploads/:id/:until/:signature/finish`, async (request) => {
      const caller = await identity.caller(request);
      const id = idIn(request.params);
      const file = await findFile(store, id);
      if (file?.creator_id !== caller.user.id) throw notFound();
      await requireMember(caller.user.id, file.conversation_id);
      if (file.state === 'open') throw badRequest('The file was not uploaded yet.');
      if (file.state === 'stored') await setFileState(store, id, { state: 'finished' });
      return { downloadUrl: kernel.urls(request).base + downloadPath(id), fileSize: file.size };
    });

    app.get(`${base}/files/:id`, async (request, reply) => {
      const caller = await identity.caller(request);
      const id = idIn(request.params);
      const file = await findFile(store, id);
      if (file === undefined) throw notFound();
      await requireMember(caller.user.id, file.conversation_id);
      void reply.header('content-length', String(file.size)).type('application/octet-stream');
      return reply.send(await sendBlob(id));
    });
    app.get(`${base}/files/:id/signed/:until/:signature`, async (request, reply) => {
      const id = idIn(request.params);
      const until = param(request.params, 'until') ?? '';
      if (!holds('download', id, until, param(request.params, 'signature') ?? '')) throw notFound();
      // whom it was given to stands in it: good as long as they are in
      const file = await findFile(store, id);
      if (file === undefined) throw notFound();
      await requireMember(until.split('.')[1] ?? '', file.conversation_id);
      return reply.type('application/octet-stream').send(await sendBlob(id));
    });

    app.post('/v1/download/endpoints', async (request) => {
      const caller = await identity.caller(request);
      const endpoints: Record<string, string> = {};
      for (const url of texts(fields(request.body)['endpoints']).slice(0, 100)) {
        const id = idOfUrl(url);
        const file = id === undefined || !isUuid(id) ? undefined : await findFile(store, id);
        if (file === undefined) continue;
        if (!(await audience.isMember(file.conversation_id, caller.user.id))) continue;
        const signed = capability('download', file.id, downloadMs, caller.user.id);
        endpoints[url] = `${kernel.urls(request).base}${downloadPath(file.id)}/signed/${signed}`;
      }
      return { endpoints };
    });
  };
}
