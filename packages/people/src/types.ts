import type { CallInit, List } from '@trunkline/core';
import type { Person } from '@trunkline/wire';

export type { Person } from '@trunkline/wire';

export interface PeopleOptions {
  /** Lookups by id also find accounts that are not users, such as bots and devices. Default false. */
  readonly showAllTypes?: boolean;
}

/** How lookups by id are gathered. Read at each lookup, so an app may change it at any time. */
export interface BatchOptions {
  /** Ids of one request. Default 10. */
  readonly maxIds?: number | undefined;
  /** Time after the last lookup before the request leaves, ms. Default 100. */
  readonly waitMs?: number | undefined;
  /** Time after the first lookup at which the request leaves at the latest, ms. Default 1500. */
  readonly maxWaitMs?: number | undefined;
}
/** What `people()` takes. */
export interface PeoplePluginOptions extends PeopleOptions {
  readonly batch?: BatchOptions;
}

/** Per-call extras of lookups by id. */
export interface LookupInit extends CallInit, PeopleOptions {}

/** Who without administrator's rights asks must give `email`, `displayName` or `id`. @source protocol/hydra-rest.md §6 */
export interface PeopleQuery {
  /** people whose address contains this */
  readonly email?: string;
  /** people whose name contains this */
  readonly displayName?: string;
  readonly id?: string | readonly string[];
  readonly orgId?: string;
  readonly roles?: string;
  readonly locationId?: string;
  readonly callingData?: boolean;
  readonly excludeStatus?: boolean;
  /** also accounts that are not people, such as bots and devices */
  readonly showAllTypes?: boolean;
  /** page size (default of the service: 100) */
  readonly max?: number;
}

/**
 * People. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_NETWORK`, `ERR_TIMEOUT`,
 * `ERR_CLIENT_CLOSED`, as `client.request` does.
 */
export interface People {
  /**
   * The signed-in person. Calls at the same time share one request; nothing is kept after it.
   *
   * @source protocol/hydra-rest.md §6
   */
  me(init?: CallInit): Promise<Person>;
  /**
   * One person. Lookups made shortly after one another leave as one request of at most ten ids, 100 ms after the last
   * and 1500 ms after the first at the latest (see {@link BatchOptions}). `init.signal` gives up this lookup; `init.timeoutMs` holds for the
   * request only where all of its lookups gave one, and then the longest.
   *
   * @param person an id, a bare uuid, any object with an id, or `'me'`
   * @throws {SdkError} `ERR_NOT_FOUND` for this person only, the others of the request are not concerned;
   *   `ERR_ARGUMENT` without an id
   * @source protocol/hydra-rest.md §6
   */
  get(person: string | { readonly id: string }, init?: LookupInit): Promise<Person>;
  /**
   * Several people by id, in that order, looked up together as with `get`.
   *
   * @throws {SdkError} `ERR_NOT_FOUND` when one of them is not there, `ERR_ARGUMENT` without an id
   * @source protocol/hydra-rest.md §6
   */
  list(ids: readonly string[], init?: LookupInit): Promise<readonly Person[]>;
  /**
   * People who match, page by page, fetched as you read.
   *
   * @throws {SdkError} `ERR_BAD_REQUEST` or `ERR_FORBIDDEN` when the query is too wide for this person
   * @example for await (const person of client.people.list({ displayName: 'An' })) show(person.displayName);
   * @source protocol/hydra-rest.md §1.1, §6
   */
  list(query: PeopleQuery, init?: CallInit): List<Person>;
}
