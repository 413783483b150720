// compiled, never run
import type { CreateClient } from '@trunkline/core';
import { teamMemberships, teams } from '../../src/index.js';
import type { TeamMemberships, Teams } from '../../src/index.js';
import '../../src/register.js';

declare const createClient: CreateClient;

// both ways to have them
const both = createClient({ token: 't', plugins: [teams(), teamMemberships()] });
export const given: Teams = both.teams;
export const members: TeamMemberships = both.teamMemberships;
export const registered: Pick<Teams, keyof Teams> = createClient({ token: 't' }).teams;
export const registeredMembers: Pick<TeamMemberships, keyof TeamMemberships> = createClient({
  token: 't',
}).teamMemberships;

export const name: Promise<string> = given.get('id').then((team) => team.name);
for await (const team of given.list({ max: 10 })) void given.update(team);
for await (const member of members.list({ teamId: 't' })) void members.update(member);

// @ts-expect-error plugins were given, this one was not among them
createClient({ token: 't', plugins: [teams()] }).teamMemberships;
// @ts-expect-error an id is text
void given.get(1);
// @ts-expect-error a team has a name
void given.create({ title: 'Ops' });
// @ts-expect-error of which team
members.list({ max: 1 });
