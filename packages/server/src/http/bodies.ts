import type { FastifyInstance } from 'fastify';
import { badRequest } from './errors.js';

/** JSON bodies, also the empty ones that the official client announces as JSON. */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    void parse(request, body as string, (error, value) => {
      if (error === null) done(null, value);
      else done(badRequest('The body is not valid JSON.'));
    });
  });
}
