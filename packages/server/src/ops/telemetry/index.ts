import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { fields } from '../../kernel/http/untrusted.js';
import { servicePaths } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import { defineModule } from '../../kernel/module.js';
import type { Identity } from '../../modules/identity/api.js';

/** bytes of one batch */
const bodyLimit = 512 * 1024;
const mostMetrics = 500;

/** @throws ApiError 400, 413 */
function check(body: unknown): void {
  // as text, from a page that closes; or nothing, from a user who only says who they were before they signed in
  if (body === undefined || body === null) return;
  const { metrics } = fields(body);
  if (metrics === undefined && Object.keys(fields(body)).length === 0 && !Array.isArray(body)) return;
  if (!Array.isArray(metrics)) throw badRequest('metrics must be a list.');
  if (metrics.length > mostMetrics)
    throw new ApiError(413, `At most ${String(mostMetrics)} metrics in one request.`);
}

/**
 * Where clients send their metrics. Looked at for their size, and not kept: no one reads them here.
 * @source protocol/presence-devices-support.md §4, protocol/identity-and-services.md §5.10
 */
export const telemetry = defineModule({
  name: 'telemetry',
  needs: ['identity'],
  setup: (_, { identity }) => ({ routes: [telemetryRoutes(identity)] }),
});

const telemetryRoutes =
  (identity: Identity): Routes =>
  (app) => {
    // pages send theirs as text when they close
    app.addContentTypeParser('*', { parseAs: 'string' }, (_, __, done) => {
      done(null, undefined);
    });
    // before anybody has signed in
    app.post(`${servicePaths.metrics}/clientmetrics-prelogin`, { bodyLimit }, (request, reply) => {
      check(request.body);
      return reply.code(204).send();
    });
    // `clientmetrics?alias=true` says who a user was before they signed in; it has an empty body
    for (const name of ['clientmetrics', 'metrics'])
      app.post(`${servicePaths.metrics}/${name}`, { bodyLimit }, async (request, reply) => {
        await identity.caller(request);
        check(request.body);
        return reply.code(204).send();
      });
  };
