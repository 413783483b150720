import type { CallInit, List } from '@trunkline/core';
import type { Team, TeamMembership } from '@trunkline/wire';

export type { Team, TeamMembership } from '@trunkline/wire';

/** @source protocol/hydra-rest.md §7 */
export interface TeamCreate {
  readonly name: string;
  readonly description?: string;
}

/** What a team is changed to; the service wants the name each time. A fetched {@link Team} fits. */
export interface TeamUpdate extends TeamCreate {
  readonly id: string;
}

export interface TeamQuery {
  /** page size (default of the service: 100) */
  readonly max?: number;
}

/** Exactly one of `personId` and `personEmail`. @source protocol/hydra-rest.md §7 */
export interface TeamMembershipCreate {
  readonly teamId: string;
  readonly personId?: string;
  readonly personEmail?: string;
  readonly isModerator?: boolean;
}

/** A fetched {@link TeamMembership} fits. @source protocol/hydra-rest.md §7 */
export interface TeamMembershipUpdate {
  readonly id: string;
  readonly isModerator: boolean;
}

/** @source protocol/hydra-rest.md §7 */
export interface TeamMembershipQuery {
  readonly teamId: string;
  /** page size (default of the service: 100) */
  readonly max?: number;
}

/**
 * Teams the signed-in person is in. Every call also throws `ERR_UNAUTHORIZED`, `ERR_RATE_LIMITED`, `ERR_NETWORK`,
 * `ERR_TIMEOUT`, `ERR_CLIENT_CLOSED`, as `client.request` does, and `ERR_ARGUMENT` before any request when an id is missing.
 */
export interface Teams {
  /**
   * Makes a team with a general room of the same name; its creator is its moderator.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a name, before any request
   * @source protocol/hydra-rest.md §7
   */
  create(team: TeamCreate, init?: CallInit): Promise<Team>;
  /**
   * Returns a team by its id.
   *
   * @param team its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND` when it does not exist or the person is not in it
   * @source protocol/hydra-rest.md §7
   */
  get(team: string | { readonly id: string }, init?: CallInit): Promise<Team>;
  /**
   * Teams, page by page, fetched as you read; `init.signal` stops between pages as well as in mid-request.
   *
   * @example for await (const { name } of client.teams.list()) show(name);
   * @source protocol/hydra-rest.md §1.1, §7
   */
  list(query?: TeamQuery, init?: CallInit): List<Team>;
  /**
   * Changes a team, such as its name.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when a moderator is needed, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §7
   */
  update(team: TeamUpdate, init?: CallInit): Promise<Team>;
  /**
   * Ends the team and all of its rooms, for everybody.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when a moderator is needed, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §7
   */
  remove(team: string | { readonly id: string }, init?: CallInit): Promise<void>;
}

/** Who is in which team. Calls throw what those of {@link Teams} throw. */
export interface TeamMemberships {
  /**
   * Brings a person into a team, and so into its general room.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a team or without exactly one person, before any request;
   *   `ERR_CONFLICT` when the person is in it already, `ERR_FORBIDDEN` when a moderator is needed, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §7
   */
  create(membership: TeamMembershipCreate, init?: CallInit): Promise<TeamMembership>;
  /**
   * Returns a team membership by its id.
   *
   * @param membership its id, or any object with one
   * @throws {SdkError} `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §7
   */
  get(membership: string | { readonly id: string }, init?: CallInit): Promise<TeamMembership>;
  /**
   * Who is in a team, page by page, fetched as you read.
   *
   * @throws {SdkError} `ERR_ARGUMENT` without a team, before any request; `ERR_NOT_FOUND`
   * @example for await (const { personDisplayName } of client.teamMemberships.list({ teamId })) show(personDisplayName);
   * @source protocol/hydra-rest.md §1.1, §7
   */
  list(query: TeamMembershipQuery, init?: CallInit): List<TeamMembership>;
  /**
   * Makes someone a moderator, or no longer.
   *
   * @throws {SdkError} `ERR_FORBIDDEN` when a moderator is needed, `ERR_CONFLICT` for the last moderator, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §7
   */
  update(membership: TeamMembershipUpdate, init?: CallInit): Promise<TeamMembership>;
  /**
   * Takes a person out of a team and all of its rooms, or leaves it. The last person who leaves ends the team.
   *
   * @throws {SdkError} `ERR_FORBIDDEN`, `ERR_CONFLICT` for the last moderator while others are left, `ERR_NOT_FOUND`
   * @source protocol/hydra-rest.md §7
   */
  remove(membership: string | { readonly id: string }, init?: CallInit): Promise<void>;
}
