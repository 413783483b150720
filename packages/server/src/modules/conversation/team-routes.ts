// Teams, as clients of the conversation service use them; REST has its own, over the same conversations.
import { badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, type Fields, flag, items, param, text } from '../../kernel/http/untrusted.js';
import { servicePaths, type Urls } from '../../kernel/http/urls.js';
import type { Routes } from '../../kernel/module.js';
import type { Caller } from '../identity/api.js';
import type { Participant } from './api.js';
import { personOf, wireConversation } from './shapes.js';
import { showConversation } from './show.js';
import { type ConversationRecord, type Membership } from './store.js';
import { isGeneral, isOpenToTeam, teamUrl, titleForTeam } from './team-rooms.js';
import { idIn, memberOf, type Tools } from './tools.js';
import { peopleOf } from './write-routes.js';

const base = servicePaths.conversation;

/** @source protocol/conversation.md §5 */
export function teamRoutes(tools: Tools): Routes {
  const { kernel, create, identity, joinTeamRoom, kms, reads, perform } = tools;

  /** A team of the caller's. @throws ApiError 404, for strangers as for unknown ids */
  async function teamIn(caller: Caller, params: unknown): Promise<Membership> {
    const found = await reads.membership(idIn(params), caller.user.id);
    if (found === undefined || !isGeneral(found.conversation)) throw notFound();
    return found;
  }

  /** A room as a member of its team sees it who is not in it: its name, under the team's key, and no more. */
  async function asUnjoined(room: ConversationRecord, team: ConversationRecord, urls: Urls): Promise<object> {
    const title = (await titleForTeam(kms, room, team)) ?? null;
    const record = { ...room, title, keyUrl: team.keyUrl, extra: {} };
    const shown = wireConversation(record, undefined, urls);
    return { ...shown, tags: [...shown.tags, 'NOT_JOINED'] };
  }

  async function roomsOf(caller: Caller, team: ConversationRecord, urls: Urls): Promise<readonly object[]> {
    const ids = await reads.teamRooms(team.id);
    const joined = await reads.memberships(caller.user.id, ids);
    const shown: object[] = [];
    for (const id of ids) {
      const mine = joined.get(id);
      if (mine !== undefined) shown.push(wireConversation(mine.conversation, mine.me, urls));
      else {
        const room = await reads.conversation(id);
        if (room !== undefined && isOpenToTeam(room)) shown.push(await asUnjoined(room, team, urls));
      }
    }
    return shown;
  }

  async function membersOf(team: ConversationRecord): Promise<readonly object[]> {
    const people = await reads.participants(team.id);
    const users = await identity.usersByIds(people.map(({ userId }) => userId));
    return people.flatMap((participant: Participant) => {
      const user = users.get(participant.userId);
      if (user === undefined) return [];
      return [
        { ...personOf(user), ...(participant.isModerator ? { roomProperties: { isModerator: true } } : {}) },
      ];
    });
  }

  async function show(
    caller: Caller,
    team: ConversationRecord,
    urls: Urls,
    wanted: { readonly rooms: boolean; readonly members: boolean },
  ): Promise<object> {
    const summary = text(team.extra['description']);
    return {
      id: team.id,
      objectType: 'team',
      url: teamUrl(urls, team.id),
      generalConversationUuid: team.id,
      ...(team.title === null ? {} : { displayName: team.title }),
      ...(summary === undefined ? {} : { summary }),
      published: new Date(team.createdMs).toISOString(),
      creatorUUID: team.creatorId,
      archived: team.tags.includes('ARCHIVED'),
      encryptionKeyUrl: team.keyUrl,
      defaultActivityEncryptionKeyUrl: team.keyUrl,
      kmsResourceObjectUrl: team.kroUrl,
      teamMembers: { items: wanted.members ? await membersOf(team) : [] },
      conversations: { items: wanted.rooms ? await roomsOf(caller, team, urls) : [] },
    };
  }

  const wantedIn = (query: unknown) => ({
    rooms: flag(param(query, 'includeTeamConversations')),
    members: flag(param(query, 'includeTeamMembers')),
  });

  async function newIn(body: Fields) {
    const title = text(body['displayName']);
    if (title === undefined || title === '') throw badRequest('displayName is required.');
    const keyUrl = text(body['encryptionKeyUrl']) ?? text(body['defaultActivityEncryptionKeyUrl']);
    const kmsMessage = text(body['kmsMessage']);
    return {
      title,
      memberIds: await peopleOf(identity, items(body['activities'])),
      ...(keyUrl === undefined ? {} : { keyUrl }),
      ...(kmsMessage === undefined ? {} : { kmsMessage }),
    };
  }

  return (app) => {
    app.post(`${base}/teams`, async (request) => {
      const caller = await identity.caller(request);
      const body = fields(request.body);
      const summary = text(body['summary']);
      const { id, kmsMessage } = await create(caller, {
        ...(await newIn(body)),
        ...(summary === undefined ? {} : { extra: { description: summary } }),
        tags: ['TEAM', 'LOCKED'],
        team: 'itself',
      });
      const { conversation } = await memberOf(reads, caller, id);
      const shown = await show(caller, conversation, kernel.urls(request), { rooms: true, members: true });
      return { ...shown, ...(kmsMessage === undefined ? {} : { kmsMessage }) };
    });

    app.get(`${base}/teams`, async (request) => {
      const caller = await identity.caller(request);
      const urls = kernel.urls(request);
      const shown: object[] = [];
      let after: { readonly value: number; readonly id: string } | undefined;
      for (;;) {
        const page = await reads.list(caller.user.id, {
          limit: 500,
          sortBy: 'created',
          teams: true,
          ...(after && { after }),
        });
        for (const { conversation } of page)
          shown.push(await show(caller, conversation, urls, wantedIn(request.query)));
        const last = page.at(-1)?.conversation;
        if (page.length < 500 || last === undefined) return { items: shown };
        after = { value: last.createdMs, id: last.id };
      }
    });

    app.get(`${base}/teams/:id`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await teamIn(caller, request.params);
      return show(caller, conversation, kernel.urls(request), wantedIn(request.query));
    });

    app.get(`${base}/teams/:id/conversations`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation } = await teamIn(caller, request.params);
      return { items: await roomsOf(caller, conversation, kernel.urls(request)) };
    });

    app.post(`${base}/teams/:id/conversations`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation: team } = await teamIn(caller, request.params);
      const wanted = await newIn(fields(request.body));
      const everybody = flag(param(request.query, 'includeAllTeamMembers'))
        ? (await reads.participants(team.id)).map(({ userId }) => userId)
        : [];
      const { id, kmsMessage } = await create(caller, {
        ...wanted,
        memberIds: [...new Set([...wanted.memberIds, ...everybody])],
        team: team.id,
      });
      await perform(caller, team.id, { verb: 'add', object: { objectType: 'conversation', id } });
      const membership = await memberOf(reads, caller, id);
      const query = { includeParticipants: 'true' };
      const { shown } = await showConversation(tools, caller, membership, query, kernel.urls(request));
      return { ...shown, ...(kmsMessage === undefined ? {} : { kmsMessage }) };
    });

    app.post(`${base}/teams/:id/conversations/:room/participants`, async (request) => {
      const caller = await identity.caller(request);
      const { conversation: team } = await teamIn(caller, request.params);
      const id = idIn(request.params, 'room');
      await joinTeamRoom(caller, team.id, id);
      const membership = await memberOf(reads, caller, id);
      const query = { includeParticipants: 'true' };
      return (await showConversation(tools, caller, membership, query, kernel.urls(request))).shown;
    });
  };
}
