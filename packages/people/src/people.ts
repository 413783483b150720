import { createResource, needs, race, type CallInit, type Host, type List } from '@trunkline/core';
import type { Person } from '@trunkline/wire';
import { createLookup } from './lookup.js';
import type { People, PeopleOptions, PeopleQuery } from './types.js';

/** What callers see as `client.people`. */
export function createPeople(host: Host, { showAllTypes = false }: PeopleOptions = {}): People {
  const lookup = createLookup(host, showAllTypes);
  let asking: Promise<Person> | undefined;

  const me = (init: CallInit = {}): Promise<Person> => {
    // shared, so no single caller's signal may end it
    asking ??= host
      .request<Person>({ ...withTimeout(init), service: 'hydra', path: 'people/me' })
      .then(({ body }) => body)
      .finally(() => {
        asking = undefined;
      });
    return race(asking, init.signal);
  };
  const get = async (id: string, init?: CallInit): Promise<Person> => {
    needs(id, 'people', 'an id, or something that has one');
    return id === 'me' ? me(init) : lookup(id, init);
  };

  function list(ids: readonly string[], init?: CallInit): Promise<readonly Person[]>;
  function list(query: PeopleQuery, init?: CallInit): List<Person>;
  function list(
    what: readonly string[] | PeopleQuery,
    init?: CallInit,
  ): Promise<readonly Person[]> | List<Person> {
    if (isIds(what)) return Promise.all(what.map((id) => get(id, init)));
    return createResource<Person>(host, 'people').list(what, init);
  }
  return { me, get: (person, init) => get(typeof person === 'string' ? person : person.id, init), list };
}

const isIds = (what: readonly string[] | PeopleQuery): what is readonly string[] => Array.isArray(what);
const withTimeout = ({ timeoutMs }: CallInit): CallInit => (timeoutMs === undefined ? {} : { timeoutMs });
