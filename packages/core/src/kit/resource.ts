import { checkArguments } from './arguments.js';
import { sdkError } from '../kernel/errors.js';
import type { CallInit, Host, RequestOptions } from '../kernel/host.js';
import { createList, type List } from './paging.js';

/** An id, or anything that has one. */
export type WithId = string | { readonly id: string };

/** Throws `ERR_ARGUMENT` unless `condition` holds. @example requireArgument(id, 'polls.get', 'an id'); */
export function requireArgument(condition: unknown, call: string, what: string): asserts condition {
  if (!condition) throw sdkError('ERR_ARGUMENT', `${call} needs ${what}`);
}

/** The calls of a public REST resource. Each throws `ERR_ARGUMENT` where an id is missing, and what requests throw. */
export interface Resource<T> {
  /** Creates an object with `POST`. */
  readonly create: (body: unknown, init?: CallInit) => Promise<T>;
  /** Returns one object by id. */
  readonly get: (item: WithId, init?: CallInit) => Promise<T>;
  /** Lists objects, page by page. */
  readonly list: (query?: object, init?: CallInit) => List<T>;
  /** Replaces an object with `PUT`. */
  readonly update: (item: WithId, body: unknown, init?: CallInit) => Promise<T>;
  /** Deletes an object. */
  readonly remove: (item: WithId, init?: CallInit) => Promise<void>;
}

/**
 * A resource with the usual paths: `GET polls`, `PUT polls/ID`.
 *
 * @source protocol/hydra-rest.md §1
 */
export function createResource<T>(host: Host, path: string): Resource<T> {
  const send = async (options: RequestOptions, init?: CallInit): Promise<T> =>
    (await host.request<T>({ ...init, ...options, service: 'hydra' })).body;
  // as callers write it: `attachment/actions` is `attachmentActions`
  const name = path.replace(/\/(\w)/g, (_, letter: string) => letter.toUpperCase());
  const pathOf = (item: WithId): string =>
    `${path}/${encodeURIComponent(typeof item === 'string' ? item : item.id)}`;
  return checkArguments<Resource<T>>(name, rules, {
    create: (body, init) => send({ method: 'POST', path, body }, init),
    get: (item, init) => send({ path: pathOf(item) }, init),
    list: (query, init) => createList<T>(host, { ...init, service: 'hydra', path, query: { ...query } }),
    update: (item, body, init) => send({ method: 'PUT', path: pathOf(item), body }, init),
    remove: async (item, init) => {
      await send({ method: 'DELETE', path: pathOf(item) }, init);
    },
  });
}

const rules = {
  create: 'body:object',
  get: 'item:id',
  list: 'sync query?:object',
  update: 'item:id changes:object',
  remove: 'item:id',
};
