import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Signer } from '../vault/vault.js';
import { badRequest } from './errors.js';
import { type Fields, isFields, param } from './untrusted.js';
import type { Urls } from './urls.js';

/** Where a list goes on. Opaque and signed, for one list of one person: it cannot be made up. */
export interface Cursors {
  /** What `cursor` in the query says; undefined on the first page. @throws ApiError 400 when it was tampered with */
  read(request: FastifyRequest, userId: string): Fields | undefined;
  /** Says where the next page is. Only `rel="next"`: clients take the header for one link. @source hydra-rest.md §1.1 */
  next(request: FastifyRequest, reply: FastifyReply, urls: Urls, userId: string, position: object): void;
}

export function createCursors(signer: Signer): Cursors {
  const bound = (request: FastifyRequest, userId: string, body: string): string =>
    `${request.url.split('?', 1)[0] ?? ''}|${userId}|${body}`;
  return {
    read: (request, userId) => {
      const cursor = param(request.query, 'cursor');
      if (cursor === undefined) return undefined;
      const [body = '', signature = ''] = cursor.split('.');
      if (!signer.verify(bound(request, userId, body), signature))
        throw badRequest('The cursor is not valid.');
      const position: unknown = JSON.parse(Buffer.from(body, 'base64url').toString('utf8'));
      return isFields(position) ? position : undefined;
    },
    next: (request, reply, urls, userId, position) => {
      const body = Buffer.from(JSON.stringify(position)).toString('base64url');
      const url = new URL(request.url, urls.base);
      url.searchParams.set('cursor', `${body}.${signer.sign(bound(request, userId, body))}`);
      void reply.header('link', `<${urls.base}${url.pathname}${url.search}>; rel="next"`);
    },
  };
}

/** `max`: how many items a page has. @throws ApiError 400 */
export function pageSize(request: FastifyRequest, fallback: number, most: number): number {
  const given = param(request.query, 'max');
  if (given === undefined || given === '') return fallback;
  const value = Number(given);
  if (!Number.isInteger(value) || value < 1) throw badRequest('max must be a positive whole number.');
  return Math.min(value, most);
}
