import { excessOfJson } from '@trunkline/wire';
import type { FastifyInstance } from 'fastify';
import { badRequest } from './errors.js';

/** arrays and objects within each other; no meaningful body comes near it */
const deepest = 200;
/** values in one body: parsing a million of them would block every other request */
const mostValues = 50_000;

/** Whether a body is nested too deep or has too many values, see `excessOfJson`. */
export const excessIn = (json: string): 'deep' | 'long' | undefined =>
  excessOfJson(json, deepest, mostValues);

const escapedSurrogate = /\\u[dD][89a-fA-F]/;
// with the flag u, halves that make a pair are one code point and do not match
const loneSurrogate = /\p{Surrogate}/u;

/** Whether every string is well-formed Unicode. Half of a surrogate pair has no UTF-8: it cannot be stored or sent. */
function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !loneSurrogate.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, inner]) => isWellFormed(key) && isWellFormed(inner));
}

/** JSON bodies, also the empty ones that the official client announces as JSON. */
export function jsonBodies(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, given, done) => {
    const body = given as string;
    if (body.length === 0) {
      done(null, undefined);
      return;
    }
    const excess = excessIn(body);
    if (excess !== undefined) {
      done(
        badRequest(
          excess === 'deep'
            ? 'The body is nested too deep.'
            : 'The body has too many values for one request.',
        ),
      );
      return;
    }
    void parse(request, body, (error, value) => {
      if (error !== null) done(badRequest('The body is not valid JSON.'));
      else if (escapedSurrogate.test(body) && !isWellFormed(value))
        done(badRequest('The body has text that is not well-formed Unicode: a lone surrogate.'));
      else done(null, value);
    });
  });
}
