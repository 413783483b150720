import type { FastifyInstance } from 'fastify';
import { badRequest } from './errors.js';

/** arrays and objects within each other; anything that means something has far fewer */
const deepest = 200;

/** Whether a text of JSON is nested so deep that going through it would exhaust the stack. */
export function isTooDeep(json: string): boolean {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < json.length; at += 1)
    switch (json[at]) {
      case '\\':
        // also outside of a text, where it is no JSON anyway
        at += 1;
        break;
      case '"':
        quoted = !quoted;
        break;
      case '[':
      case '{':
        if (!quoted && ++depth > deepest) return true;
        break;
      case ']':
      case '}':
        if (!quoted) depth -= 1;
        break;
    }
  return false;
}

/** JSON bodies, also the empty ones that the official client announces as JSON. */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    if (isTooDeep(body as string)) {
      done(badRequest('The body is nested too deep.'));
      return;
    }
    void parse(request, body as string, (error, value) => {
      if (error === null) done(null, value);
      else done(badRequest('The body is not valid JSON.'));
    });
  });
}
