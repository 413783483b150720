import { isUuid } from '@trunkline/wire';
import path from 'node:path';
import { folderBlobs, memoryBlobs } from '../../kernel/blobs.js';
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, param } from '../../kernel/http/untrusted.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import { createFeedback } from './feedback.js';
import { logRoutes } from './log-routes.js';
import { Logs, type Pair } from './logs.js';
import { migrations } from './migrations/index.js';

const time = (ms: number): string => new Date(ms).toISOString();

/** Logs and feedback: people send them, administration reads them. @source protocol/presence-devices-support.md §5 */
export const support = defineModule({
  name: 'support',
  migrations,
  needs: ['identity'],
  setup: createSupport,
});

function createSupport(kernel: Kernel, { identity }: Needs<'identity'>) {
  const { config } = kernel;
  // not among the files of conversations: a backup leaves these out
  const blobs = config.data === 'memory' ? memoryBlobs() : folderBlobs(path.join(config.data, 'client-logs'));
  const logs = new Logs(kernel, blobs);
  const feedback = createFeedback(kernel, identity, kernel.vault.signer('feedback'));

  const admin: Routes = (app) => {
    app.get('/admin/v1/logs', async (request) => {
      const max = Number(param(request.query, 'max') ?? 100);
      const before = param(request.query, 'before');
      const beforeMs = before === undefined ? Infinity : Date.parse(before);
      if (!Number.isInteger(max) || max < 1 || max > 1000) throw badRequest('max must be 1 to 1000.');
      if (Number.isNaN(beforeMs)) throw badRequest('before must be a date.');
      const rows = await logs.list(max, Math.min(beforeMs, Number.MAX_SAFE_INTEGER));
      return {
        items: rows.map((row) => ({
          id: row.id,
          userId: row.user_id,
          filename: row.filename,
          size: row.size,
          created: time(row.created_ms),
          data: JSON.parse(row.meta) as readonly Pair[],
        })),
      };
    });
    app.get('/admin/v1/logs/:id', async (request, reply) => {
      const id = param(request.params, 'id') ?? '';
      const log = isUuid(id) ? await logs.find(id) : undefined;
      const stream = log?.state === 'finished' ? await logs.read(id) : undefined;
      if (stream === undefined) throw notFound('There is no such log.');
      // whatever is in it, nothing runs it
      return reply
        .headers({ 'x-content-type-options': 'nosniff', 'content-disposition': 'attachment' })
        .type('text/plain; charset=utf-8')
        .send(stream);
    });
    app.get('/admin/v1/feedback', async () => ({
      items: (await feedback.list(1000)).map((row) => ({
        id: row.id,
        userId: row.user_id,
        rating: row.rating,
        text: row.text,
        app: fields(JSON.parse(row.app)),
        created: time(row.created_ms),
      })),
    }));
  };
  return {
    routes: [
      logRoutes({ kernel, identity, logs, signer: kernel.vault.signer('client-logs') }),
      feedback.routes,
      admin,
    ],
    sweep: () => logs.sweep(),
  };
}
