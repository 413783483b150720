import { encodeId, type Message, type Room, type Team, type TeamMembership, uuidOf } from '@trunkline/wire';
import { expect } from 'chai';
import { type Answer, type ContentCloud, type Person, startContent } from '../../modules/harness.test.js';

const nextOf = (answer: Answer<unknown>): string | undefined =>
  /^<([^>]+)>; rel="next"$/.exec(answer.headers['link'] ?? '')?.[1];
const nowhere = encodeId('TEAM', '00000000-0000-4000-8000-000000000000');
interface Page<T> {
  readonly items: readonly T[];
}

describe('teams', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  let team: Team;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben, cleo] = [await cloud.person('ana'), await cloud.person('ben'), await cloud.person('cleo')];
    team = await cloud.ok<Team>(ana, 'POST', '/v1/teams', { name: 'Build', description: 'who builds' });
  });
  afterEach(() => cloud.close());

  const add = (by: Person, who: Person, more: object = {}) =>
    cloud.ok<TeamMembership>(by, 'POST', '/v1/team/memberships', {
      teamId: team.id,
      personId: who.id,
      ...more,
    });
  const rooms = async (who: Person, query = `?teamId=${team.id}`) =>
    (await cloud.ok<Page<Room>>(who, 'GET', `/v1/rooms${query}`)).items;
  const general = async (): Promise<Room> => {
    const [room] = (await rooms(ana)).filter(({ title }) => title === team.name);
    if (room === undefined) throw new Error('the team has no general room');
    return room;
  };
  const status = async (...call: Parameters<ContentCloud['call']>) => (await cloud.call(...call)).status;

  it('have a general room of their name, and who makes one moderates it', async () => {
    expect(team).to.include({ name: 'Build', description: 'who builds' });
    expect(await general()).to.include({ type: 'group', isLocked: true, teamId: team.id });
    const { items } = await cloud.ok<Page<TeamMembership>>(
      ana,
      'GET',
      `/v1/team/memberships?teamId=${team.id}`,
    );
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ teamId: team.id, personEmail: 'ana@example.com', isModerator: true });
    expect(await cloud.ok(ana, 'GET', `/v1/team/memberships/${items[0]?.id ?? ''}`)).to.deep.equal(items[0]);
  });

  it('keep name and description as ciphertext', async () => {
    const rows = await cloud.store.db.selectFrom('conversations').select(['title', 'extra']).execute();
    expect(JSON.stringify(rows)).not.to.contain('Build').and.not.to.contain('who builds');
  });

  it('are the same to a stranger as a team that is not there', async () => {
    const own = await cloud.ok<Page<TeamMembership>>(ana, 'GET', `/v1/team/memberships?teamId=${team.id}`);
    const membership = own.items[0]?.id ?? '';
    const calls = (id: string): readonly [Parameters<ContentCloud['call']>[1], string, object?][] => [
      ['GET', `/v1/teams/${id}`],
      ['PUT', `/v1/teams/${id}`, { name: 'x' }],
      ['DELETE', `/v1/teams/${id}`],
      ['GET', `/v1/team/memberships?teamId=${id}`],
      ['POST', '/v1/team/memberships', { teamId: id, personId: ben.id }],
      ['GET', `/v1/rooms?teamId=${id}`],
      ['POST', '/v1/rooms', { title: 'x', teamId: id }],
    ];
    for (const [at, [method, url, body]] of calls(team.id).entries()) {
      const theirs = await cloud.call(cleo, method, url, body);
      const [, none] = calls(nowhere)[at] ?? [method, url];
      const missing = await cloud.call(cleo, method, none, calls(nowhere)[at]?.[2]);
      expect([method, url, theirs.status, theirs.body['message']]).to.deep.equal([
        method,
        url,
        404,
        missing.body['message'],
      ]);
    }
    for (const method of ['GET', 'DELETE'] as const)
      expect(await status(cleo, method, `/v1/team/memberships/${membership}`)).to.equal(404);
    // a room is not a team
    const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'plain' });
    const uuid = Buffer.from(room.id, 'base64url').toString().split('/').pop() ?? '';
    expect(await status(ana, 'GET', `/v1/teams/${uuid}`)).to.equal(404);
  });

  it('are changed by moderators only, and the general room changes its name with them', async () => {
    await add(ana, ben);
    const url = `/v1/teams/${team.id}`;
    expect(await status(ben, 'PUT', url, { name: 'Mine' })).to.equal(403);
    expect(await status(ben, 'DELETE', url)).to.equal(403);
    expect(await status(ana, 'PUT', url, {})).to.equal(400);
    expect(await status(ana, 'PUT', url, { name: 'x'.repeat(1_001) })).to.equal(400);
    expect(await cloud.ok(ana, 'PUT', url, { ...team, name: 'Ship' })).to.include({
      name: 'Ship',
      description: 'who builds',
    });
    expect((await rooms(ben)).map(({ title }) => title)).to.deep.equal(['Ship']);
  });

  it('page through', async () => {
    for (const name of ['2', '3']) await cloud.ok(ana, 'POST', '/v1/teams', { name });
    await cloud.ok(ana, 'POST', '/v1/rooms', { title: 'no team' });
    const names: string[] = [];
    let url: string | undefined = '/v1/teams?max=1';
    while (url !== undefined) {
      const page: Answer<Page<Team>> = await cloud.call(ana, 'GET', url);
      names.push(...page.body.items.map(({ name }) => name));
      url = nextOf(page);
    }
    expect(names).to.have.members(['Build', '2', '3']);
    await add(ana, ben);
    const first = await cloud.call(ben, 'GET', `/v1/team/memberships?teamId=${team.id}&max=1`);
    const second = await cloud.ok<Page<TeamMembership>>(ben, 'GET', nextOf(first) ?? '');
    expect(second.items.map(({ personEmail }) => personEmail)).to.deep.equal(['ben@example.com']);
  });

  it('own rooms that their members make; others see nothing of them', async () => {
    await add(ana, ben);
    const made = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', { title: 'Plans', teamId: team.id });
    expect(made.teamId).to.equal(team.id);
    expect((await rooms(ben)).map(({ title }) => title)).to.have.members(['Plans', 'Build']);
    expect((await rooms(ana)).map(({ title }) => title)).to.deep.equal(['Build']);
    const plain = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', { title: 'Old' });
    const moved = await cloud.ok<Room>(ben, 'PUT', `/v1/rooms/${plain.id}`, { ...plain, teamId: team.id });
    expect(moved.teamId).to.equal(team.id);
    const other = await cloud.ok<Team>(ben, 'POST', '/v1/teams', { name: 'Other' });
    const again = { title: 'Old', teamId: other.id };
    expect(await status(ben, 'PUT', `/v1/rooms/${plain.id}`, again)).to.equal(400);
  });

  it('take anyone who leaves out of all of their rooms', async () => {
    const mine = await add(ana, ben);
    await add(ana, cleo);
    const room = await cloud.ok<Room>(cleo, 'POST', '/v1/rooms', { title: 'Plans', teamId: team.id });
    await cloud.ok(cleo, 'POST', '/v1/memberships', { roomId: room.id, personId: ben.id });
    await cloud.ok(ben, 'POST', '/v1/messages', { roomId: room.id, text: 'here' });
    const outside = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', { title: 'Mine' });
    expect(await status(cleo, 'DELETE', `/v1/team/memberships/${mine.id}`)).to.equal(403);
    // ana is not in that room, and takes him out of it nevertheless
    expect(await status(ana, 'DELETE', `/v1/team/memberships/${mine.id}`)).to.equal(204);
    const { id: generalId } = await general();
    for (const id of [room.id, generalId]) expect(await status(ben, 'GET', `/v1/rooms/${id}`)).to.equal(404);
    expect(await status(ben, 'POST', '/v1/messages', { roomId: room.id, text: 'still' })).to.equal(404);
    expect(await status(ben, 'GET', `/v1/teams/${team.id}`)).to.equal(404);
    expect(await status(ben, 'GET', `/v1/rooms/${outside.id}`)).to.equal(200);
    expect(await status(ana, 'GET', `/v1/team/memberships/${mine.id}`)).to.equal(404);
  });

  it('are what their general room is: who joins or leaves that, by a moderator, joins or leaves the team (A34)', async () => {
    const { id } = await add(ana, ben);
    const room = await general();
    const other = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', { title: 'Of the team', teamId: team.id });
    const { items } = await cloud.ok<Page<{ id: string; personId: string }>>(
      ben,
      'GET',
      `/v1/memberships?roomId=${room.id}&personId=${ben.id}`,
    );
    const his = `/v1/memberships/${items[0]?.id ?? ''}`;
    const hers = { roomId: room.id, personId: cleo.id };
    expect(await status(ben, 'POST', '/v1/memberships', hers)).to.equal(403);
    expect(await status(cleo, 'DELETE', his)).to.equal(404);
    expect(await status(ana, 'DELETE', `/v1/rooms/${room.id}`)).to.equal(403);
    expect(await status(ana, 'PUT', `/v1/rooms/${room.id}`, { title: 'x', isLocked: false })).to.equal(403);
    const toAll = { title: 'x', isPublic: true, description: 'd' };
    expect(await status(ana, 'PUT', `/v1/rooms/${room.id}`, toAll)).to.equal(403);
    expect(await status(cleo, 'GET', `/v1/rooms/${room.id}`)).to.equal(404);
    expect(
      await status(ben, 'POST', '/v1/team/memberships', { teamId: team.id, personId: cleo.id }),
    ).to.equal(403);
    const uuid = Buffer.from(room.id, 'base64url').toString().split('/').pop() ?? '';
    const leave = { verb: 'leave', object: { objectType: 'person', id: ana.id, details: { byTeam: true } } };
    const direct = `/conversation/api/v1/conversations/${uuid}/activities`;
    // the last moderator: what clients say of `details` does not count
    expect(await status(ana, 'POST', direct, leave)).to.equal(409);
    expect(await status(ben, 'POST', direct, leave)).to.equal(403);
    expect(await status(ana, 'POST', '/v1/memberships', hers)).to.equal(200);
    expect(await status(cleo, 'GET', `/v1/teams/${team.id}`)).to.equal(200);
    expect(await status(ben, 'DELETE', his)).to.equal(204);
    for (const url of [`/v1/teams/${team.id}`, `/v1/rooms/${room.id}`, `/v1/rooms/${other.id}`])
      expect(await status(ben, 'GET', url)).to.equal(404);
    expect(await status(ana, 'GET', `/v1/team/memberships/${id}`)).to.equal(404);
  });

  it('end for the last one who leaves the general room, with all rooms of the team', async () => {
    const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Of the team', teamId: team.id });
    const { items } = await cloud.ok<Page<{ id: string }>>(
      ana,
      'GET',
      `/v1/memberships?roomId=${(await general()).id}&personId=${ana.id}`,
    );
    expect(await status(ana, 'DELETE', `/v1/memberships/${items[0]?.id ?? ''}`)).to.equal(204);
    for (const url of [`/v1/teams/${team.id}`, `/v1/rooms/${room.id}`])
      expect(await status(ana, 'GET', url)).to.equal(404);
    expect(await rooms(ana, '')).to.deep.equal([]);
  });

  describe('in the conversation service', () => {
    const base = '/conversation/api/v1/teams';
    const conversations = '/conversation/api/v1/conversations';
    const person = (who: Person) => ({ verb: 'add', object: { objectType: 'person', id: who.id } });
    type Shown = Readonly<Record<string, unknown>> & {
      readonly id: string;
      readonly tags: readonly string[];
      readonly teamMembers: Page<{ readonly id: string; readonly roomProperties?: object }>;
      readonly conversations: Page<{ readonly id: string; readonly tags: readonly string[] }>;
    };
    const get = (who: Person, id: string, query = '?includeTeamConversations=true&includeTeamMembers=true') =>
      cloud.ok<Shown>(who, 'GET', `${base}/${id}${query}`);
    let internal: Shown;
    let inside: Shown;
    beforeEach(async () => {
      internal = await cloud.ok<Shown>(ana, 'POST', base, {
        objectType: 'team',
        displayName: 'Core',
        summary: 'the core',
        activities: { items: [person(ana), person(ben)] },
      });
      inside = await cloud.ok<Shown>(ana, 'POST', `${base}/${internal.id}/conversations`, {
        displayName: 'Open room',
        activities: { items: [person(ana)] },
      });
    });
    const act = (who: Person, id: string, activity: object) =>
      cloud.call(who, 'POST', `${conversations}/${id}/activities`, activity);

    it('are the teams of REST, with members and rooms only when asked for', async () => {
      expect(internal).to.include({
        objectType: 'team',
        generalConversationUuid: internal.id,
        archived: false,
      });
      expect(internal.teamMembers.items).to.have.length(2);
      expect(await cloud.ok(ben, 'GET', `/v1/teams/${internal.id}`)).to.include({
        name: 'Core',
        description: 'the core',
      });
      const bare = await get(ben, internal.id, '');
      expect([bare.teamMembers.items, bare.conversations.items]).to.deep.equal([[], []]);
      const { items } = await cloud.ok<Page<Shown>>(ana, 'GET', base);
      expect(items.map(({ id }) => id)).to.include.members([internal.id, uuidOf('TEAM', team.id)]);
      expect(await status(cleo, 'GET', `${base}/${internal.id}`)).to.equal(404);
      expect(await status(cleo, 'GET', `${base}/${internal.id}/conversations`)).to.equal(404);
      expect(
        await status(cleo, 'POST', `${base}/${internal.id}/conversations`, { displayName: 'x' }),
      ).to.equal(404);
    });

    it('show open rooms to members who are not in them, by name only, and let them join', async () => {
      const room = (await get(ben, internal.id)).conversations.items.find(({ id }) => id === inside.id);
      expect(room?.tags).to.include.members(['OPEN', 'NOT_JOINED']);
      const shown = room as unknown as { displayName: string; encryptionKeyUrl: string };
      expect(await cloud.kms.decrypt(shown.encryptionKeyUrl, shown.displayName)).to.equal('Open room');
      // under the team's key: that of the room is for those who are in it
      expect(shown.encryptionKeyUrl).to.equal(internal['encryptionKeyUrl']);
      expect(await status(ben, 'GET', `${conversations}/${inside.id}`)).to.equal(404);
      const join = `${base}/${internal.id}/conversations/${inside.id}/participants`;
      expect(await status(cleo, 'POST', join, {})).to.equal(404);
      expect((await cloud.ok<Shown>(ben, 'POST', join, {})).tags).not.to.include('NOT_JOINED');
      expect(await status(ben, 'GET', `${conversations}/${inside.id}`)).to.equal(200);
      expect(await status(ben, 'POST', join, {})).to.equal(409);
    });

    it('keep locked rooms from members who are not in them', async () => {
      await act(ana, inside.id, { verb: 'lock', object: { objectType: 'conversation', id: inside.id } });
      expect((await get(ben, internal.id)).conversations.items.map(({ id }) => id)).to.deep.equal([
        internal.id,
      ]);
      const join = `${base}/${internal.id}/conversations/${inside.id}/participants`;
      expect(await status(ben, 'POST', join, {})).to.equal(404);
    });

    it('take rooms in and let them go, by those who may', async () => {
      const own = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', { title: "Ben's" });
      const id = uuidOf('ROOM', own.id) ?? '';
      const object = { objectType: 'conversation', id };
      expect((await act(ana, internal.id, { verb: 'add', object })).status).to.equal(404);
      expect((await act(ben, internal.id, { verb: 'add', object })).status).to.equal(200);
      expect(await cloud.ok(ben, 'GET', `/v1/rooms/${own.id}`)).to.include({
        teamId: encodeId('TEAM', internal.id),
      });
      expect((await act(ben, internal.id, { verb: 'remove', object })).status).to.equal(403);
      expect((await act(ana, internal.id, { verb: 'remove', object })).status).to.equal(200);
      expect(await cloud.ok(ben, 'GET', `/v1/rooms/${own.id}`)).not.to.have.property('teamId');
      expect((await act(ana, internal.id, { verb: 'remove', object })).status).to.equal(404);
    });

    it('are archived and brought back by moderators; no one writes in what is archived', async () => {
      const target = { objectType: 'conversation', id: inside.id };
      const say = { verb: 'post', object: { objectType: 'comment', displayName: 'x' } };
      expect((await act(ana, inside.id, { verb: 'archive', object: target })).status).to.equal(200);
      expect((await act(ana, inside.id, say)).status).to.equal(403);
      const archived = (await get(ana, internal.id)).conversations.items.find(({ id }) => id === inside.id);
      expect(archived?.tags).to.include.members(['ARCHIVED', 'HIDDEN']);
      await act(ana, inside.id, { verb: 'unarchive', object: target });
      expect((await act(ana, inside.id, say)).status).to.equal(200);
      const whole = { objectType: 'team', id: internal.id };
      expect((await act(ben, internal.id, { verb: 'archive', object: whole })).status).to.equal(403);
      await act(ana, internal.id, { verb: 'archive', object: whole });
      expect((await get(ben, internal.id))['archived']).to.equal(true);
      const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'no team' });
      const id = uuidOf('ROOM', room.id) ?? '';
      expect(
        (await act(ana, id, { verb: 'archive', object: { objectType: 'conversation', id } })).status,
      ).to.equal(400);
    });

    it('tell their members the new name of a room that they are not in, under the team\u2019s key', async () => {
      await act(ana, inside.id, {
        verb: 'update',
        object: { objectType: 'conversation', id: inside.id, displayName: 'Renamed' },
      });
      const told = cloud.activities().at(-1) as unknown as {
        object: {
          objectType: string;
          activityEvent: { object: { displayName: string; encryptionKeyUrl: string } };
        };
        target: { id: string };
      };
      expect([told.object.objectType, told.target.id]).to.deep.equal(['teamRoomStatus', internal.id]);
      const { displayName, encryptionKeyUrl } = told.object.activityEvent.object;
      expect(encryptionKeyUrl).to.equal(internal['encryptionKeyUrl']);
      expect(await cloud.kms.decrypt(encryptionKeyUrl, displayName)).to.equal('Renamed');
    });
  });

  it('never lose their last moderator while a user is left', async () => {
    const his = await add(ana, ben);
    const { items } = await cloud.ok<Page<TeamMembership>>(
      ana,
      'GET',
      `/v1/team/memberships?teamId=${team.id}`,
    );
    const mine = `/v1/team/memberships/${items[0]?.id ?? ''}`;
    expect(await status(ana, 'PUT', mine, { isModerator: false })).to.equal(409);
    expect(await status(ana, 'DELETE', mine)).to.equal(409);
    const url = `/v1/team/memberships/${his.id}`;
    expect(await status(ben, 'PUT', url, { isModerator: true })).to.equal(403);
    expect(await status(ana, 'PUT', url, {})).to.equal(400);
    expect(await cloud.ok(ana, 'PUT', url, { isModerator: true })).to.include({ isModerator: true });
    expect(await status(ana, 'DELETE', mine)).to.equal(204);
    // the last one ends it
    expect(await status(ben, 'DELETE', url)).to.equal(204);
    expect((await cloud.ok<Page<Team>>(ben, 'GET', '/v1/teams')).items).to.deep.equal([]);
  });

  it('end with all of their rooms, also those that who ends them is not in', async () => {
    await add(ana, ben);
    const room = await cloud.ok<Room>(ben, 'POST', '/v1/rooms', {
      title: 'Plans',
      teamId: team.id,
      isLocked: true,
      isPublic: true,
      description: 'all may come',
    });
    expect(await status(ana, 'DELETE', `/v1/teams/${team.id}`)).to.equal(204);
    for (const who of [ana, ben]) {
      expect(await status(who, 'GET', `/v1/teams/${team.id}`)).to.equal(404);
      expect(await status(who, 'GET', `/v1/rooms/${room.id}`)).to.equal(404);
      expect(await rooms(who, '')).to.deep.equal([]);
      expect(await rooms(who, '?orgPublicSpaces=true')).to.deep.equal([]);
    }
  });

  it('refuse what is wrong', async () => {
    for (const body of [{}, { name: ' ' }, { name: {} }, { name: 'x', description: 'y'.repeat(4_001) }])
      expect(await status(ana, 'POST', '/v1/teams', body)).to.equal(400);
    const to = '/v1/team/memberships';
    expect(await status(ana, 'GET', to)).to.equal(400);
    expect(await status(ana, 'GET', `${to}?teamId=noise`)).to.equal(400);
    for (const body of [
      { personId: ben.id },
      { teamId: team.id },
      { teamId: team.id, personId: ben.id, personEmail: 'b@c' },
    ])
      expect(await status(ana, 'POST', to, body)).to.equal(400);
    const unknown = { teamId: team.id, personEmail: 'unknown@example.com' };
    expect(await status(ana, 'POST', to, unknown)).to.equal(404);
    await add(ana, ben);
    expect(await status(ana, 'POST', to, { teamId: team.id, personId: ben.id })).to.equal(409);
    for (const id of ['noise', nowhere, `${ben.id}:${ben.id}`])
      expect(await status(ana, 'GET', `${to}/${id}`)).to.equal(404);
  });
});

describe('public rooms', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben] = [await cloud.person('ana'), await cloud.person('ben')];
  });
  afterEach(() => cloud.close());
  const listed = async (who: Person, more = '') =>
    (await cloud.ok<Page<Room>>(who, 'GET', `/v1/rooms?orgPublicSpaces=true${more}`)).items;

  it('need a description, are found and joined by all of the organisation', async () => {
    const body = { title: 'Town', isPublic: true };
    expect((await cloud.call(ana, 'POST', '/v1/rooms', body)).status).to.equal(400);
    const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { ...body, description: 'hall' });
    expect(room).to.include({ isPublic: true, description: 'hall' }).and.have.property('madePublic');
    expect((await listed(ben)).map(({ id }) => id)).to.deep.equal([room.id]);
    expect(await cloud.ok(ben, 'GET', `/v1/rooms/${room.id}`)).to.include({ title: 'Town' });
    for (const url of [`/v1/messages?roomId=${room.id}`, `/v1/memberships?roomId=${room.id}`])
      expect((await cloud.call(ben, 'GET', url)).status).to.equal(404);
    const join = { roomId: room.id, personId: ben.id, isModerator: true };
    expect(await cloud.ok(ben, 'POST', '/v1/memberships', join)).to.include({ isModerator: false });
    expect((await cloud.call(ben, 'POST', '/v1/memberships', join)).status).to.equal(409);
    expect(cloud.activities().at(-1)).to.include({ verb: 'add' });
    const written = await cloud.ok<Message>(ben, 'POST', '/v1/messages', { roomId: room.id, text: 'hi' });
    expect(written.text).to.equal('hi');
  });

  it('become private again, and are to strangers as if they were not there', async () => {
    const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Town' });
    const url = `/v1/rooms/${room.id}`;
    const join = { roomId: room.id, personEmail: 'ben@example.com' };
    expect((await cloud.call(ben, 'POST', '/v1/memberships', join)).status).to.equal(404);
    expect((await cloud.call(ana, 'PUT', url, { title: 'Town', isPublic: true })).status).to.equal(400);
    const open = { title: 'Town', isPublic: true, description: 'hall' };
    expect(await cloud.ok(ana, 'PUT', url, open)).to.include({ isPublic: true });
    expect((await cloud.call(ana, 'PUT', url, { title: 'T', description: ' ' })).status).to.equal(400);
    expect(await cloud.ok(ana, 'PUT', url, { title: 'Town', isPublic: false })).to.include({
      isPublic: false,
    });
    expect(await listed(ben)).to.deep.equal([]);
    expect((await cloud.call(ben, 'GET', url)).status).to.equal(404);
    expect((await cloud.call(ben, 'POST', '/v1/memberships', join)).status).to.equal(404);
  });

  it('are listed page by page, between two dates', async () => {
    for (const title of ['1', '2', '3'])
      await cloud.ok(ana, 'POST', '/v1/rooms', { title, isPublic: true, description: title });
    const ids: string[] = [];
    let url: string | undefined = '/v1/rooms?orgPublicSpaces=true&max=2';
    while (url !== undefined) {
      const page: Answer<Page<Room>> = await cloud.call(ben, 'GET', url);
      ids.push(...page.body.items.map(({ id }) => id));
      url = nextOf(page);
    }
    expect(new Set(ids).size).to.equal(3);
    expect(await listed(ben, '&to=2020-01-01T00:00:00.000Z')).to.deep.equal([]);
    expect(await listed(ben, '&from=2020-01-01T00:00:00.000Z')).to.have.length(3);
    expect((await cloud.call(ben, 'GET', '/v1/rooms?orgPublicSpaces=true&from=soon')).status).to.equal(400);
  });

  it('are not for guests of the organisation', async () => {
    const body = { title: 'T', isPublic: true, description: 'd' };
    const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', body);
    const { users, tokens } = cloud.identity;
    const user = await users.create({ email: 'g@example.com', displayName: 'G' });
    await cloud.store.write((write) => users.change(write, user.id, { roles: '["guest"]' }));
    const { accessToken: token } = await tokens.grant(user.id, {});
    const guest: Person = { ...ben, id: user.id, token };
    expect(await listed(guest)).to.deep.equal([]);
    expect((await cloud.call(guest, 'GET', `/v1/rooms/${room.id}`)).status).to.equal(404);
    const join = { roomId: room.id, personId: user.id };
    expect((await cloud.call(guest, 'POST', '/v1/memberships', join)).status).to.equal(404);
  });
});
