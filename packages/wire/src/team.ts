// Teams and who is in them, as the public API has them. Times are ISO 8601. @source protocol/hydra-rest.md §7

export interface Team {
  readonly id: string;
  readonly name: string;
  readonly description?: string;
  readonly creatorId?: string;
  readonly created: string;
}

export interface TeamMembership {
  readonly id: string;
  readonly teamId: string;
  readonly personId: string;
  readonly personEmail: string;
  readonly personDisplayName: string;
  readonly personOrgId: string;
  readonly isModerator: boolean;
  readonly created: string;
}
