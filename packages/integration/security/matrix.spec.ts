import { expect } from 'chai';
import { cases, type Case } from './cases.js';
import { startWatched, type Watched } from './kit.js';
import { createWorld, ownSecret, roomSecret, type Reply, type World } from './world.js';

/** What a request is made of, the parameters of the path filled in. */
function requestOf(route: string, one: Case, world: World): { method: string; path: string; body: unknown } {
  const [method = '', pattern = ''] = route.split(' ');
  const values = [...(one.params?.(world) ?? [])];
  const path = pattern.replace(/:\w+/g, () => encodeURIComponent(values.shift() ?? 'x'));
  const query = one.query?.(world);
  return { method, path: query === undefined ? path : `${path}?${query}`, body: one.body?.(world) };
}
const casesOf = (route: string): readonly Case[] => [cases[route] ?? []].flat();

describe('authorisation, over every route of the service', function () {
  this.timeout(120_000);
  let service: Watched;
  let world: World;
  let routes: readonly string[];
  /** what only members of the room may receive, in clear and as the conversation service has it */
  let roomSecrets: readonly string[];
  before(async () => {
    service = await startWatched({ logLevel: 'error' });
    world = await createWorld(service);
    // HEAD is GET without its body; the wildcards of administration serve nothing
    routes = service.routes
      .filter(({ method, url }) => method !== 'HEAD' && !/^\/admin(?:\/\*)?$/.test(url))
      .filter(({ method, url }) => url !== '/metrics' || method === 'GET')
      .map(({ method, url }) => `${method} ${url}`);
    const { text } = await view(`/conversation/api/v1/conversations/${world.conversation}`);
    const { displayName, encryptionKeyUrl } = JSON.parse(text) as Record<string, string>;
    roomSecrets = [roomSecret, displayName, encryptionKeyUrl].filter((each) => each !== undefined);
    expect(roomSecrets).to.have.length(3);
  });
  after(() => service.close());

  const view = (path: string): Promise<Reply> => world.raw(world.people.ana.token, 'GET', path);
  const ask = (token: string | undefined, route: string, one: Case): Promise<Reply> => {
    const { method, path, body } = requestOf(route, one, world);
    return world.raw(token, method, path, body);
  };

  /** All that is Ana's, as she sees it. */
  async function state(): Promise<string> {
    const conversation = `/conversation/api/v1/conversations/${world.conversation}`;
    const replies = [];
    for (const path of [
      `/v1/rooms/${world.room}`,
      `/v1/messages?roomId=${world.room}`,
      `/v1/memberships?roomId=${world.room}`,
      `/v1/teams/${world.team}`,
      `/v1/team/memberships?teamId=${world.team}`,
      `/v1/webhooks/${world.webhook}`,
      `/wdm/api/v1/devices/${world.device}`,
      `/v1/meetings/${world.meeting}`,
      `/v1/meetingInvitees?meetingId=${world.meeting}`,
      '/v1/people/me',
      `${conversation}/activities`,
      world.file.file,
    ]) {
      const { status, text } = await view(path);
      expect(status, path).to.equal(200);
      // when someone was seen is not theirs to keep still
      replies.push(text.replace(/"(lastActivity|lastSeen\w*|status|lastModified)":"?[^",}]*"?/g, ''));
    }
    return replies.join('\n');
  }

  it('has a case for each route, and no case for a route that is not there', () => {
    const unknown = routes.filter((route) => cases[route] === undefined);
    expect(unknown, 'say in cases.ts whose objects these routes serve').to.deep.equal([]);
    expect(Object.keys(cases).filter((route) => !routes.includes(route))).to.deep.equal([]);
  });

  it('refuses every route without a token, but for those that are open on purpose', async () => {
    const open = service.routes.filter(({ access }) => access === 'public' || access === 'capability');
    const declared = routes.filter((route) => casesOf(route).some(({ owner }) => owner === 'open'));
    const opened = new Set(open.map(({ method, url }) => `${method} ${url}`));
    expect(declared.filter((route) => !opened.has(route))).to.deep.equal([]);
    const { ana } = world.people;
    for (const route of routes)
      for (const one of casesOf(route)) {
        if (one.owner === 'open') continue;
        const wrong = [undefined, 'nonsense', world.tokens.revoked, `${ana.token}x`, ana.token.slice(0, -1)];
        for (const token of wrong) {
          const { status, text } = await ask(token, route, one);
          expect(status, `${route} ${token ?? 'without token'} ${text}`).to.equal(401);
        }
      }
  });

  it('gives administration to the admin token only, and the admin token nothing else', async () => {
    const people = Object.values(world.people).map(({ token }) => token);
    for (const route of routes)
      for (const one of casesOf(route)) {
        if (one.owner === 'open') continue;
        const tokens = one.owner === 'admin' ? people : [service.adminToken];
        for (const token of tokens) expect((await ask(token, route, one)).status, route).to.equal(401);
      }
  });

  it('serves the owner, so that a refusal of others means something', async () => {
    for (const route of routes)
      for (const one of casesOf(route)) {
        if (one.ownerSkips === true || !['room', 'own'].includes(one.owner)) continue;
        const { status, text } = await ask(world.people.ana.token, route, one);
        expect(status, `${route} ${text}`).to.be.within(200, 299);
      }
  });

  const outsiders = {
    'a stranger': () => world.people.sol.token,
    'a removed member': () => world.people.rex.token,
    'a guest': () => world.tokens.guest,
    'a bot that is not a member': () => world.people.bot.token,
    'an administrator of the organization': () => world.people.chief.token,
  } as const;

  for (const [who, token] of Object.entries(outsiders))
    it(`gives ${who} nothing of another’s, and changes nothing for them`, async () => {
      const before = await state();
      expect((await world.raw(token(), 'GET', '/v1/people/me')).status).to.equal(200);
      for (const route of routes)
        for (const one of casesOf(route)) {
          if (one.owner === 'open' || one.owner === 'admin') continue;
          const { status, text } = await ask(token(), route, one);
          const what = `${route} for ${who}: ${String(status)} ${text.slice(0, 300)}`;
          const refused =
            one.answersAll === undefined &&
            (one.owner === 'room' || one.owner === 'own' || (one.owner === 'org' && who === 'a guest'));
          if (refused) expect(status, what).to.be.within(400, 404);
          for (const secret of [...roomSecrets, ownSecret]) expect(text, what).not.to.include(secret);
        }
      expect(await state()).to.equal(before);
    });

  it('gives a member what is the room’s, and nothing that is another member’s own', async () => {
    const before = await state();
    for (const route of routes)
      for (const one of casesOf(route)) {
        if (one.owner !== 'own') continue;
        const { status, text } = await ask(world.people.ben.token, route, one);
        expect(status, `${route} ${text}`).to.be.within(400, 404);
        expect(text, route).not.to.include(ownSecret);
      }
    expect(await state()).to.equal(before);
  });

  it('gives a token of the owner without the scope nothing that the scope is for', async () => {
    const before = await state();
    for (const route of routes)
      for (const one of casesOf(route)) {
        if (one.owner === 'open' || one.owner === 'admin') continue;
        // what any token may do: the catalog, reporting, key messages (which carry a token of their own), people, whether the
        // service is there, and to ask what a token is good for
        if (route.endsWith('/users/validateAuthToken')) continue;
        if (
          / \/(?:u2c|metrics|client-logs|encryption|v1\/people|v1\/ping|v1\/build_info)(?:\/|$)/.test(route)
        )
          continue;
        const { status, text } = await ask(world.tokens.narrow, route, one);
        expect(status, `${route} ${text}`).to.equal(403);
      }
    expect(await state()).to.equal(before);
  });
});
