import { servicePaths } from '../../http/urls.js';
import type { Identity, Routes } from '../contracts.js';

/**
 * Where clients send their metrics. Nothing is kept: there is nobody here to read them.
 * @source protocol/identity-and-services.md §5.10
 */
export const telemetryRoutes =
  (identity: Identity): Routes =>
  (app) => {
    // pages send theirs as text when they close
    app.addContentTypeParser('*', { parseAs: 'string' }, (_, __, done) => {
      done(null, undefined);
    });
    // before anybody has signed in
    app.post(`${servicePaths.metrics}/clientmetrics-prelogin`, (_, reply) => reply.code(204).send());
    for (const name of ['clientmetrics', 'metrics'])
      app.post(`${servicePaths.metrics}/${name}`, async (request, reply) => {
        await identity.caller(request);
        return reply.code(204).send();
      });
  };
