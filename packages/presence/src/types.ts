import type { CallInit, List } from '@trunkline/core';

/** One of them, as it travels. */
export interface PresenceItem {
  readonly id: string;
  readonly title: string;
}

export interface PresenceQuery {
  /** page size, the service's default when left out */
  readonly max?: number;
}

/** What callers see as `client.presence`. */
export interface Presence {
  /**
   * All that the signed-in person may see; further pages are fetched as you iterate.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when the token lacks the scope, `ERR_NOT_FOUND` when the service has no such thing
   * @example for await (const { title } of client.presence.list({ max: 50 })) console.log(title);
   */
  list(query?: PresenceQuery, init?: CallInit): List<PresenceItem>;
  /**
   * One by its id.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without an id, `ERR_NOT_FOUND` when there is none that you can see
   */
  get(id: string, init?: CallInit): Promise<PresenceItem>;
}
