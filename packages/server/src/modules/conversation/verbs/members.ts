// Who is in, and who moderates.
import type { WireObject } from '@trunkline/wire';
import { isUuid } from '@trunkline/wire';
import { ApiError, badRequest, notFound } from '../../../kernel/http/errors.js';
import { text } from '../../../kernel/http/untrusted.js';
import type { User } from '../../identity/api.js';
import type { Decision, Rule, RuleContext } from '../rule.js';
import { requireGroup, requireModerator } from '../rule.js';
import { changeParticipant, findParticipant, insertParticipants } from '../store.js';
import { isByTeam, requireOtherModerator } from '../team-rooms.js';
import { react } from './reactions.js';
import { addRoom } from './team.js';

/** The person an object names, by uuid or address. */
async function personIn({ identity }: RuleContext, object: WireObject): Promise<User> {
  const id = [object.entryUUID, object.id].find((value) => value !== undefined && isUuid(value));
  const email = text(object.emailAddress) ?? text(object.entryEmail) ?? object.id;
  const user =
    id === undefined
      ? email?.includes('@') === true
        ? await identity.userByEmail(email.toLowerCase())
        : undefined
      : await identity.userById(id);
  if (user === undefined) throw notFound('The person could not be found.');
  return user;
}

const person = (id: string, isModerator?: boolean): WireObject => ({
  objectType: 'person',
  id,
  ...(isModerator === undefined ? {} : { roomProperties: { isModerator } }),
});

const add: Rule = async (context): Promise<Decision> => {
  const { activity, conversation, kms, nowMs, write } = context;
  if (activity.object.objectType === 'reaction2') return react(context);
  if (activity.object.objectType === 'conversation') return addRoom(context);
  if (activity.object.objectType !== 'person')
    throw badRequest('Only people, reactions and rooms of a team can be added.');
  requireGroup(context);
  await requireModerator(context);
  const user = await personIn(context, activity.object);
  if ((await findParticipant(write.tx, conversation.id, user.id)) !== undefined)
    throw new ApiError(409, 'User is already a participant');
  await kms.authorize(write, conversation.kroUrl, [user.id]);
  return {
    object: person(user.id, false),
    kept: true,
    audience: 'members',
    afterEvent: (pos) =>
      insertParticipants(write.tx, conversation.id, [{ userId: user.id }], { pos, ms: nowMs }),
  };
};

export const leave: Rule = async (context) => {
  const { activity, caller, conversation, kms, write } = context;
  requireGroup(context);
  const named = activity.object.objectType === 'person' ? activity.object : undefined;
  const user = named === undefined ? caller.user : await personIn(context, named);
  const participant = await findParticipant(write.tx, conversation.id, user.id);
  if (participant === undefined) throw notFound('The person could not be found.');
  if (user.id !== caller.user.id && !isByTeam(context)) await requireModerator(context);
  // who leaves a team's general room leaves the team and its rooms, see submit.ts
  if (!isByTeam(context)) await requireOtherModerator(context, user.id);
  await kms.revoke(write, conversation.kroUrl, user.id);
  // they may keep the keys they had: nothing new may be under those
  if (!conversation.keyRetired) await kms.retireKeys(write, conversation.kroUrl);
  return {
    object: person(user.id, participant.isModerator),
    kept: true,
    audience: 'members',
    change: { keyRetired: true },
    // the event itself is the last one they receive
    afterEvent: (pos) => changeParticipant(write.tx, conversation.id, user.id, { left_pos: pos }),
  };
};

const moderate =
  (isModerator: boolean): Rule =>
  async (context) => {
    const { activity, conversation, write } = context;
    requireGroup(context);
    await requireModerator(context);
    const user = await personIn(context, activity.object);
    const participant = await findParticipant(write.tx, conversation.id, user.id);
    if (participant === undefined) throw notFound('The person could not be found.');
    const changes = participant.isModerator !== isModerator;
    if (!isModerator) await requireOtherModerator(context, user.id);
    if (changes)
      await changeParticipant(write.tx, conversation.id, user.id, { is_moderator: isModerator ? 1 : 0 });
    return { object: person(user.id, isModerator), kept: changes, audience: changes ? 'members' : 'none' };
  };

export const memberRules: Readonly<Record<string, Rule>> = {
  add,
  leave,
  assignModerator: moderate(true),
  unassignModerator: moderate(false),
};
