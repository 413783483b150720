import type { Team } from '@trunkline/wire';
import { forbidden } from '../../kernel/http/errors.js';
import type { Caller, Routes } from '../../modules/contracts.js';
import type { ConversationRecord } from '../../modules/conversation/index.js';
import { fields, param, text } from '../../kernel/http/untrusted.js';
import { pageSize } from '../../kernel/http/cursor.js';
import { descriptionIn, nameIn } from '../rooms/room-settings.js';
import { base, idInPath, iso, personId, readable, teamId, type Rest } from '../tools.js';

/** A team's name and description are those of its general room: ciphertext under that room's key. */
async function show(rest: Rest, team: ConversationRecord): Promise<Team> {
  const description = await readable(rest, team.keyUrl, text(team.extra['description']));
  return {
    id: teamId(team.id),
    name: (await readable(rest, team.keyUrl, team.title ?? undefined)) ?? '',
    ...(description === undefined ? {} : { description }),
    creatorId: personId(team.creatorId),
    created: iso(team.createdMs),
  };
}

/** @source protocol/hydra-rest.md §7 */
export function teamRoutes(rest: Rest): Routes {
  const { context, conversations, cursors, identity, teams } = rest;
  const read = 'spark:teams_read';
  const write = 'spark:teams_write';
  const teamIn = (caller: Caller, params: unknown) =>
    teams.find(caller, idInPath('TEAM', param(params, 'id')));

  return (app) => {
    app.post(`${base}/teams`, async (request) => {
      const caller = await identity.caller(request, write);
      const body = fields(request.body);
      const description = descriptionIn(body);
      // locked: its moderators decide who is in, and those are the team's
      const { id } = await conversations.create(caller, {
        memberIds: [],
        title: nameIn('name', body),
        tags: ['TEAM', 'LOCKED'],
        ...(description === undefined ? {} : { extra: { description } }),
        team: 'itself',
      });
      return show(rest, (await teams.find(caller, id)).team);
    });

    app.get(`${base}/teams`, async (request, reply) => {
      const caller = await identity.caller(request, read);
      const limit = pageSize(request, 100, 1_000);
      const cursor = cursors.read(request, caller.user.id);
      const found = await conversations.reads.list(caller.user.id, {
        limit: limit + 1,
        sortBy: 'created',
        teams: true,
        ...(cursor && { after: { value: Number(cursor['value']), id: text(cursor['id']) ?? '' } }),
      });
      const shown = found.slice(0, limit).map(({ conversation }) => conversation);
      const last = shown.at(-1);
      if (found.length > limit && last !== undefined) {
        const position = { value: last.createdMs, id: last.id };
        cursors.next(request, reply, context.urls(request), caller.user.id, position);
      }
      return { items: await Promise.all(shown.map((team) => show(rest, team))) };
    });

    app.get(`${base}/teams/:id`, async (request) => {
      const caller = await identity.caller(request, read);
      return show(rest, (await teamIn(caller, request.params)).team);
    });

    app.put(`${base}/teams/:id`, async (request) => {
      const caller = await identity.caller(request, write);
      const { team, isModerator } = await teamIn(caller, request.params);
      if (!isModerator) throw forbidden('Only a moderator may change a team.');
      const body = fields(request.body);
      const description = descriptionIn(body);
      await conversations.submit(caller, team.id, {
        verb: 'update',
        object: {
          objectType: 'conversation',
          id: team.id,
          displayName: nameIn('name', body),
          details:
            description === undefined
              ? {}
              : { extra: { description: await rest.kms.encrypt(team.keyUrl, description) } },
        },
      });
      return show(rest, (await teams.find(caller, team.id)).team);
    });

    app.delete(`${base}/teams/:id`, async (request, reply) => {
      const caller = await identity.caller(request, write);
      const { team, isModerator } = await teamIn(caller, request.params);
      if (!isModerator) throw forbidden('Only a moderator may delete a team.');
      await teams.end(caller, team);
      return reply.code(204).send();
    });
  };
}
