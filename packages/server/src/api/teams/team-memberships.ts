import { decodeId, encodeId, isUuid, type TeamMembership } from '@trunkline/wire';
import { pageSize } from '../../kernel/http/cursor.js';
import { ApiError, badRequest, forbidden, notFound } from '../../kernel/http/errors.js';
import { idInField, iso, personId, restBase, teamId } from '../../kernel/http/fields.js';
import {
  asFlag,
  asText,
  defineBody,
  flagType,
  idType,
  operation,
  textType,
} from '../../kernel/http/operation.js';
import { param } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import {
  byTeam,
  type ConversationRecord,
  type NewActivity,
  type Participant,
} from '../../modules/conversation/api.js';
import type { Caller, User } from '../../modules/identity/api.js';
import { findPerson, type Rest } from '../tools.js';

function show(team: ConversationRecord, { userId, ...member }: Participant, user?: User): TeamMembership {
  return {
    id: encodeId('TEAM_MEMBERSHIP', `${userId}:${team.id}`),
    teamId: teamId(team.id),
    personId: personId(userId),
    personEmail: user?.email ?? '',
    personDisplayName: user?.display_name ?? '',
    personOrgId: encodeId('ORGANIZATION', user?.org_id ?? team.orgId),
    isModerator: member.isModerator,
    created: iso(member.joinedMs),
  };
}

/** Person and team of an id, public or in the short form for those who write uuids. */
function partsOf(id: string): { readonly userId: string; readonly team: string } {
  const decoded = decodeId(id);
  const local = decoded === undefined ? id : decoded.type === 'TEAM_MEMBERSHIP' ? decoded.local : '';
  const [userId = '', team = '', ...rest] = local.split(':');
  if (rest.length > 0 || !isUuid(userId) || !isUuid(team)) throw notFound();
  return { userId, team };
}

const newTeamMembership = defineBody(
  {
    teamId: idType('The team.'),
    personId: idType('The person, unless personEmail is given.'),
    personEmail: textType('The email address of the person, unless personId is given.'),
    isModerator: flagType('The person moderates the team.'),
  },
  ['teamId'],
);
const changedTeamMembership = defineBody({ isModerator: flagType('The person moderates the team.') });

/** Who is in a team is who is in its general room. @source protocol/hydra-rest.md §7 */
export function teamMembershipRoutes(rest: Rest): Routes {
  const { kernel, conversations, cursors, identity, teams } = rest;
  const { reads } = conversations;
  const read = 'spark:team_memberships_read';
  const write = 'spark:team_memberships_write';

  async function find(caller: Caller, params: unknown) {
    const { userId, team: id } = partsOf(param(params, 'id') ?? '');
    const { team, isModerator } = await teams.find(caller, id);
    const member = (await reads.membership(id, userId))?.me;
    if (member === undefined) throw notFound();
    return { team, isModerator, member };
  }
  async function now(team: ConversationRecord, userId: string): Promise<TeamMembership> {
    const member = (await reads.membership(team.id, userId))?.me;
    if (member === undefined) throw notFound();
    return show(team, member, await identity.userById(userId));
  }
  const moderate = (id: string): NewActivity => ({
    verb: 'assignModerator',
    object: { objectType: 'person', id },
  });

  return (app) => {
    app.post(
      `${restBase}/team/memberships`,
      operation('Adds a person to a team.', newTeamMembership),
      async (request) => {
        const caller = await identity.caller(request, write);
        const body = newTeamMembership.read(request.body);
        const wanted = idInField('TEAM', 'teamId', body.teamId);
        if (wanted === undefined) throw badRequest('teamId is required.');
        const id = idInField('PEOPLE', 'personId', body.personId);
        const email = asText(body.personEmail);
        if ((id === undefined) === (email === undefined))
          throw badRequest('Provide only one destination in the personId and personEmail fields');
        const asModerator = asFlag(body.isModerator) === true;
        const { team, isModerator } = await teams.find(caller, wanted);
        if (!isModerator) throw forbidden('Only a moderator may add people to a team.');
        const user = await findPerson(rest, { id, email });
        if (user === undefined) throw notFound('The person could not be found.');
        await conversations.submitAll(caller, team.id, [
          { verb: 'add', object: { objectType: 'person', id: user.id, details: byTeam } },
          ...(asModerator ? [moderate(user.id)] : []),
        ]);
        return now(team, user.id);
      },
    );

    app.get(`${restBase}/team/memberships`, async (request, reply) => {
      const caller = await identity.caller(request, read);
      const limit = pageSize(request, 100, 1_000);
      const wanted = idInField('TEAM', 'teamId', param(request.query, 'teamId'));
      if (wanted === undefined) throw badRequest('teamId is required.');
      const { team } = await teams.find(caller, wanted);
      const cursor = cursors.read(request, caller.user.id);
      const after =
        typeof cursor?.['joinedPos'] === 'number' && typeof cursor['userId'] === 'string'
          ? { joinedPos: cursor['joinedPos'], userId: cursor['userId'] }
          : undefined;
      const { next, people } = await reads.peoplePage(team.id, { limit, ...(after && { after }) });
      if (next !== undefined) cursors.next(request, reply, kernel.urls(request), caller.user.id, next);
      const users = await identity.usersByIds(people.map(({ userId }) => userId));
      return { items: people.map((member) => show(team, member, users.get(member.userId))) };
    });

    app.get(`${restBase}/team/memberships/:id`, async (request) => {
      const caller = await identity.caller(request, read);
      const { team, member } = await find(caller, request.params);
      return show(team, member, await identity.userById(member.userId));
    });

    app.put(
      `${restBase}/team/memberships/:id`,
      operation('Changes a membership of a team.', changedTeamMembership),
      async (request) => {
        const caller = await identity.caller(request, write);
        const { team, isModerator, member } = await find(caller, request.params);
        const wanted = asFlag(changedTeamMembership.read(request.body).isModerator);
        if (wanted === undefined) throw badRequest('isModerator is required.');
        if (!isModerator) throw forbidden('Only a moderator may change who moderates a team.');
        await conversations.submit(caller, team.id, {
          verb: wanted ? 'assignModerator' : 'unassignModerator',
          object: { objectType: 'person', id: member.userId },
        });
        return now(team, member.userId);
      },
    );

    app.delete(`${restBase}/team/memberships/:id`, async (request, reply) => {
      const caller = await identity.caller(request, write);
      const { team, isModerator, member } = await find(caller, request.params);
      const isOwn = member.userId === caller.user.id;
      if (!isOwn && !isModerator) throw forbidden('Only a moderator may remove people from a team.');
      const others = (await reads.participants(team.id)).filter(({ userId }) => userId !== member.userId);
      if (others.length === 0) await teams.end(caller, team);
      else if (member.isModerator && !others.some((other) => other.isModerator))
        throw new ApiError(
          409,
          'A team needs a moderator: make another member a moderator first, or delete the team.',
        );
      else await teams.remove(caller, team, member.userId);
      return reply.code(204).send();
    });
  };
}
