import type { Team } from '@trunkline/wire';
import { pageSize } from '../../kernel/http/cursor.js';
import { forbidden } from '../../kernel/http/errors.js';
import { idInPath, iso, personId, restBase, teamId } from '../../kernel/http/fields.js';
import { defineBody, operation, textType } from '../../kernel/http/operation.js';
import { param, text } from '../../kernel/http/untrusted.js';
import type { Routes } from '../../kernel/module.js';
import type { ConversationRecord } from '../../modules/conversation/api.js';
import type { Caller } from '../../modules/identity/api.js';
import { checkedDescription, checkedName } from '../rooms/room-settings.js';
import { readable, type Rest } from '../tools.js';

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

const teamBody = defineBody(
  {
    name: textType('The name of the team, up to 1,000 characters.'),
    description: textType('Up to 4,000 characters.'),
  },
  ['name'],
);

/** @source protocol/hydra-rest.md §7 */
export function teamRoutes(rest: Rest): Routes {
  const { kernel, conversations, cursors, identity, teams } = rest;
  const read = 'spark:teams_read';
  const write = 'spark:teams_write';
  const teamIn = (caller: Caller, params: unknown) =>
    teams.find(caller, idInPath('TEAM', param(params, 'id')));

  return (app) => {
    app.post(
      `${restBase}/teams`,
      operation('Creates a team and its general room.', teamBody),
      async (request) => {
        const caller = await identity.caller(request, write);
        const body = teamBody.read(request.body);
        const description = checkedDescription(body.description);
        // locked: its moderators decide who is in, and those are the team's
        const { id } = await conversations.create(caller, {
          memberIds: [],
          title: checkedName('name', body.name),
          tags: ['TEAM', 'LOCKED'],
          ...(description === undefined ? {} : { extra: { description } }),
          team: 'itself',
        });
        return show(rest, (await teams.find(caller, id)).team);
      },
    );

    app.get(`${restBase}/teams`, async (request, reply) => {
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
        cursors.next(request, reply, kernel.urls(request), caller.user.id, position);
      }
      return { items: await Promise.all(shown.map((team) => show(rest, team))) };
    });

    app.get(`${restBase}/teams/:id`, async (request) => {
      const caller = await identity.caller(request, read);
      return show(rest, (await teamIn(caller, request.params)).team);
    });

    app.put(
      `${restBase}/teams/:id`,
      operation('Changes the name and description of a team.', teamBody),
      async (request) => {
        const caller = await identity.caller(request, write);
        const { team, isModerator } = await teamIn(caller, request.params);
        if (!isModerator) throw forbidden('Only a moderator may change a team.');
        const body = teamBody.read(request.body);
        const description = checkedDescription(body.description);
        await conversations.submit(caller, team.id, {
          verb: 'update',
          object: {
            objectType: 'conversation',
            id: team.id,
            displayName: checkedName('name', body.name),
            details:
              description === undefined
                ? {}
                : { extra: { description: await rest.kms.encrypt(team.keyUrl, description) } },
          },
        });
        return show(rest, (await teams.find(caller, team.id)).team);
      },
    );

    app.delete(`${restBase}/teams/:id`, async (request, reply) => {
      const caller = await identity.caller(request, write);
      const { team, isModerator } = await teamIn(caller, request.params);
      if (!isModerator) throw forbidden('Only a moderator may delete a team.');
      await teams.end(caller, team);
      return reply.code(204).send();
    });
  };
}
