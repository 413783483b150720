import { isUuid } from '@trunkline/wire';
import { Readable } from 'node:stream';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, list, param, text } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import type { Signer } from '../../kernel/vault/vault.js';
import type { Identity } from '../../modules/identity/api.js';
import { logBytes, type Logs, type Pair, uploadMs } from './logs.js';

const base = `${servicePaths.clientLogs}/logs`;
const mostPairs = 100;
const longestKey = 100;
const longestValue = 2_000;
const goodName = /^[\w.:@ -]{1,200}$/;

/** @throws ApiError 400 */
function pairsIn(data: unknown): readonly Pair[] {
  if (data === undefined || data === null) return [];
  if (!Array.isArray(data) || data.length > mostPairs)
    throw badRequest(`data must be a list of at most ${String(mostPairs)} pairs.`);
  return list(data).map((item) => {
    const key = text(fields(item)['key']);
    const value: unknown = fields(item)['value'];
    const words =
      typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
        ? String(value)
        : undefined;
    if (key === undefined || key.length > longestKey || words === undefined || words.length > longestValue)
      throw badRequest('Each item of data must have a key and a value, both text of reasonable length.');
    return { key, value: words };
  });
}

/** Three steps: an address to put the log to, the log, what it is about. @source protocol/presence-devices-support.md §5 */
export function logRoutes(parts: {
  readonly kernel: Kernel;
  readonly identity: Identity;
  readonly logs: Logs;
  readonly signer: Signer;
}): Routes {
  const { kernel, identity, logs, signer } = parts;
  const nameOf = (id: string, file: string): string => `${id}/${file}`;

  return (app) => {
    app.post(`${base}/urls`, async (request) => {
      const { user } = await identity.caller(request);
      const { file = 'log.txt' } = fields(request.body);
      if (typeof file !== 'string' || !goodName.test(file))
        throw badRequest('file must be a name of 1 to 200 letters, digits and a few signs.');
      const id = await logs.open(user.id, file);
      const until = String(kernel.now() + uploadMs);
      const service = kernel.urls(request).service('clientLogs');
      return {
        tempURL: `${service}/logs/uploads/${id}/${until}/${signer.sign(`${id}:${until}`)}`,
        logFilename: nameOf(id, file),
        userId: user.id,
        // clients reckon in 10⁶ or 2²⁰ bytes: either way it fits
        fileUploadSizeLimit: Math.floor(logBytes / (1024 * 1024)),
        url: `${service}/logs/${id}`,
      };
    });

    // anyone who has the address needs no token: it is good for one log, and not for long
    void app.register((scope, _, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser('*', (__, payload, parsed) => {
        parsed(null, payload);
      });
      scope.put(`${base}/uploads/:id/:until/:signature`, { bodyLimit: logBytes }, async (request, reply) => {
        const id = param(request.params, 'id') ?? '';
        const until = param(request.params, 'until') ?? '';
        const signature = param(request.params, 'signature') ?? '';
        if (
          !isUuid(id) ||
          !(Number(until) > kernel.now()) ||
          !signer.verify(`${id}:${until}`, signature) ||
          (await logs.find(id))?.state !== 'open'
        )
          throw notFound();
        const { body } = request;
        const taken = await logs.take(id, body instanceof Readable ? body : Readable.from([]));
        if (taken === 'gone') throw notFound();
        if (taken === 'too-large') throw new ApiError(413, 'The log is too large.');
        return reply.code(201).send({});
      });
      done();
    });

    app.post(`${base}/meta`, async (request) => {
      const { user } = await identity.caller(request);
      const { filename, data } = fields(request.body);
      const id = (text(filename) ?? '').split('/')[0] ?? '';
      const log = isUuid(id) ? await logs.find(id) : undefined;
      if (log?.user_id !== user.id || nameOf(id, log.filename) !== filename) throw notFound();
      const pairs = pairsIn(data);
      if (log.state === 'open') throw badRequest('The log was not uploaded yet.');
      await logs.finish(id, pairs);
      return { url: `${kernel.urls(request).service('clientLogs')}/logs/${id}`, userId: user.id };
    });

    app.delete(`${base}/:id`, async (request, reply) => {
      const { user } = await identity.caller(request);
      const id = param(request.params, 'id') ?? '';
      const log = isUuid(id) ? await logs.find(id) : undefined;
      if (log?.user_id !== user.id) throw notFound();
      await logs.remove(id);
      return reply.code(204).send();
    });
  };
}
