import type { CallInit, Host, List } from '@trunkline/core';
import { checkInit, createResource, idIn, race, unexpected } from '@trunkline/core/kit';
import type { Person } from '@trunkline/wire';
import { createLookup } from './lookup.js';
import type { LookupInit, People, PeoplePluginOptions, PeopleQuery } from './types.js';

/** What callers see as `client.people`. */
export function createPeople(
  host: Host,
  { showAllTypes = false, batch = {} }: PeoplePluginOptions = {},
): People {
  // requests are shared only by lookups that ask for the same types
  const lookups = new Map<boolean, ReturnType<typeof createLookup>>();
  const lookup = (id: string, { showAllTypes: all = showAllTypes, ...init }: LookupInit): Promise<Person> => {
    const known = lookups.get(all) ?? createLookup(host, all, batch);
    lookups.set(all, known);
    return known(id, init);
  };
  let asking: Promise<Person> | undefined;

  const me = (init: CallInit = {}): Promise<Person> => {
    // shared, so no single caller's signal may end it
    asking ??= host
      .request<Person>({ ...withTimeout(init), service: 'hydra', path: 'people/me' })
      .then(({ body }) => body)
      .finally(() => {
        asking = undefined;
      });
    return race(asking, init.signal ?? undefined);
  };
  const get = async (person: unknown, init: LookupInit | undefined, call: string): Promise<Person> => {
    const id = idIn(person, call);
    const bounds = checkInit(init, call) ?? {};
    const { showAllTypes: all } = bounds as { readonly showAllTypes?: unknown };
    if (all !== undefined && typeof all !== 'boolean')
      throw unexpected(`${call}: showAllTypes`, 'a boolean', all);
    return id === 'me' ? me(bounds) : lookup(id, bounds);
  };

  function list(ids: readonly string[], init?: LookupInit): Promise<readonly Person[]>;
  function list(query: PeopleQuery, init?: CallInit): List<Person>;
  function list(
    what: readonly string[] | PeopleQuery,
    init?: LookupInit,
  ): Promise<readonly Person[]> | List<Person> {
    if (isIds(what)) return Promise.all(what.map((id) => get(id, init, 'people.list')));
    return createResource<Person>(host, 'people').list(what, init);
  }
  return {
    me: async (init) => me(checkInit(init, 'people.me') ?? {}),
    get: (person, init) => get(person, init, 'people.get'),
    list,
  };
}

const isIds = (what: readonly string[] | PeopleQuery): what is readonly string[] => Array.isArray(what);
const withTimeout = ({ timeoutMs }: CallInit): CallInit => (timeoutMs === undefined ? {} : { timeoutMs });
