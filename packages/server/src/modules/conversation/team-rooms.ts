// A team is its general room: who is in that room is in the team, and its moderators are the team's.
import { ApiError, forbidden } from '../../kernel/http/errors.js';
import { fields } from '../../kernel/http/untrusted.js';
import type { Urls } from '../../kernel/http/urls.js';
import type { Kms } from '../kms/api.js';
import type { RuleContext } from './rule.js';
import { type ConversationRecord, participantsOf } from './store.js';

export const isGeneral = ({ id, teamId }: Pick<ConversationRecord, 'id' | 'teamId'>): boolean =>
  teamId === id;

/** Where members of a team find it. */
export const teamUrl = (urls: Pick<Urls, 'service'>, id: string): string =>
  `${urls.service('conversation')}/teams/${id}`;

/** A room of a team that each of its members may join. */
export const isOpenToTeam = (room: ConversationRecord): boolean =>
  room.teamId !== null && !isGeneral(room) && !room.tags.includes('LOCKED');

/** A room's title for the members of its team, under the team's key: those who are not in the room do not get its key. */
export async function titleForTeam(
  kms: Kms,
  room: ConversationRecord,
  team: ConversationRecord,
): Promise<string | undefined> {
  if (room.title === null) return undefined;
  try {
    return await kms.encrypt(team.keyUrl, await kms.decrypt(room.keyUrl, room.title));
  } catch {
    return undefined;
  }
}

/** `details` of what the team does with its rooms; clients cannot say it (write-routes.ts takes it away). */
export const byTeam = { byTeam: true } as const;
export const isByTeam = ({ activity }: RuleContext): boolean =>
  fields(activity.object['details'])['byTeam'] === true;

/** Opening a team's general room, to its moderators or to everybody, is the team's affair. */
export function requireNoTeam(context: RuleContext): void {
  if (isGeneral(context.conversation) && !isByTeam(context))
    throw forbidden('This is the general room of a team: change the team or its memberships instead.');
}

/** A user must be able to change a team. */
export async function requireOtherModerator(
  { conversation, write }: Pick<RuleContext, 'conversation' | 'write'>,
  userId: string,
): Promise<void> {
  if (!isGeneral(conversation)) return;
  const people = await participantsOf(write.tx, conversation.id);
  const others = people.filter((person) => person.userId !== userId);
  const is = people.some((person) => person.userId === userId && person.isModerator);
  if (is && others.length > 0 && !others.some((person) => person.isModerator))
    throw new ApiError(
      409,
      'A team needs a moderator: make another member a moderator first, or delete the team.',
    );
}
