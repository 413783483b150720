import { meetingCases } from './meeting-cases.js';
import { roomSecret, type World } from './world.js';

/**
 * Whose object a request names. `room`: Ana's room, with its members. `own`: Ana's alone. `org`: people of the
 * organization, but not guests. `self`: only what the caller has. `open`: no token is needed, see the list of the
 * service. `admin`: only with the admin token.
 */
export type Owner = 'room' | 'own' | 'org' | 'self' | 'open' | 'admin';

/** One request about Ana's objects. */
export interface Case {
  readonly owner: Owner;
  /** the values of the path's parameters, in order */
  readonly params?: (world: World) => readonly string[];
  readonly query?: (world: World) => string;
  readonly body?: (world: World) => unknown;
  /** what others get may be 2xx: an empty list, or an answer that does not say what exists */
  readonly answersAll?: true;
  /** not run as Ana, to whom it would succeed: it removes what the others need, or what it needs is not there */
  readonly ownerSkips?: true;
}

/** The uuid in a public id. */
const decodeTeam = (id: string): string => Buffer.from(id, 'base64url').toString().split('/').pop() ?? '';
const text = (title: string) => () => ({ title: `${title} ${roomSecret}` });
const conv = '/conversation/api/v1';
const lyra = '/lyra/api/v1/spaces/:id';
const ofRoom = (more: Partial<Case> = {}): Case => ({
  owner: 'room',
  params: (w) => [w.conversation],
  ...more,
});
const gone = { ownerSkips: true } as const;
const self: Case = { owner: 'self' };
const open: Case = { owner: 'open' };
const adminOnly: Case = { owner: 'admin' };
const device: Case = { owner: 'org', params: (w) => [w.roomDevice], ...gone };

/** Every route of the service. A new one fails the test until someone says here whose objects it serves. */
export const cases: Readonly<Record<string, Case | readonly Case[]>> = {
  'GET /v1/rooms': self,
  'POST /v1/rooms': { owner: 'room', body: (w) => ({ title: roomSecret, teamId: w.team }), ...gone },
  'GET /v1/rooms/:id': { owner: 'room', params: (w) => [w.room] },
  'GET /v1/rooms/:id/meetingInfo': { owner: 'room', params: (w) => [w.room], ...gone },
  'PUT /v1/rooms/:id': { owner: 'room', params: (w) => [w.room], body: text('Room') },
  'DELETE /v1/rooms/:id': { owner: 'room', params: (w) => [w.room], ...gone },

  'POST /v1/messages': [
    { owner: 'room', body: (w) => ({ roomId: w.room, text: `Reply ${roomSecret}` }) },
    { owner: 'room', body: (w) => ({ roomId: w.room, parentId: w.message, text: `Reply ${roomSecret}` }) },
  ],
  'GET /v1/messages': { owner: 'room', query: (w) => `roomId=${w.room}` },
  'GET /v1/messages/direct': { owner: 'self', query: (w) => `personId=${w.anaHydra}` },
  'GET /v1/messages/:id': { owner: 'room', params: (w) => [w.message] },
  'PUT /v1/messages/:id': {
    owner: 'own',
    params: (w) => [w.message],
    body: (w) => ({ roomId: w.room, text: `Text ${roomSecret}` }),
  },
  'DELETE /v1/messages/:id': { owner: 'own', params: (w) => [w.message], ...gone },
  'GET /v1/contents/:id': { owner: 'room', params: (w) => [w.contents] },

  'POST /v1/memberships': {
    owner: 'room',
    body: (w) => ({ roomId: w.room, personId: w.people.bot.id }),
    ...gone,
  },
  'GET /v1/memberships': { owner: 'room', query: (w) => `roomId=${w.room}` },
  'GET /v1/memberships/:id': { owner: 'room', params: (w) => [w.membership] },
  'PUT /v1/memberships/:id': {
    owner: 'room',
    params: (w) => [w.membership],
    body: () => ({ isModerator: false }),
  },
  'DELETE /v1/memberships/:id': { owner: 'room', params: (w) => [w.membership], ...gone },

  'POST /v1/teams': { ...self, body: () => ({}) },
  'GET /v1/teams': self,
  'POST /conversation/api/v1/teams': { ...self, body: () => ({}) },
  'GET /conversation/api/v1/teams': self,
  'GET /conversation/api/v1/teams/:id': { owner: 'room', params: (w) => [decodeTeam(w.team)] },
  'GET /conversation/api/v1/teams/:id/conversations': { owner: 'room', params: (w) => [decodeTeam(w.team)] },
  'POST /conversation/api/v1/teams/:id/conversations': {
    owner: 'room',
    params: (w) => [decodeTeam(w.team)],
    body: () => ({ displayName: roomSecret }),
    ...gone,
  },
  'POST /conversation/api/v1/teams/:id/conversations/:room/participants': {
    owner: 'room',
    params: (w) => [decodeTeam(w.team), w.conversation],
    ...gone,
  },
  'POST /argonaut/api/v1/search': { ...self, body: () => ({ query: 'secret' }) },
  'GET /v1/ping': self,
  'GET /v1/build_info': self,
  'GET /v1/teams/:id': { owner: 'room', params: (w) => [w.team] },
  'PUT /v1/teams/:id': {
    owner: 'own',
    params: (w) => [w.team],
    body: () => ({ name: `Team ${roomSecret}` }),
  },
  'DELETE /v1/teams/:id': { owner: 'own', params: (w) => [w.team], ...gone },
  'POST /v1/team/memberships': {
    owner: 'own',
    body: (w) => ({ teamId: w.team, personId: w.people.sol.id }),
    ...gone,
  },
  'GET /v1/team/memberships': { owner: 'room', query: (w) => `teamId=${w.team}` },
  'GET /v1/team/memberships/:id': { owner: 'room', params: (w) => [w.teamMembership] },
  'PUT /v1/team/memberships/:id': {
    owner: 'own',
    params: (w) => [w.teamMembership],
    body: () => ({ isModerator: true }),
    ...gone,
  },
  // Ben himself may leave
  'DELETE /v1/team/memberships/:id': { owner: 'room', params: (w) => [w.teamMembership], ...gone },

  'POST /v1/attachment/actions': {
    owner: 'room',
    body: (w) => ({ type: 'submit', messageId: w.card, inputs: { answer: roomSecret } }),
  },
  'GET /v1/attachment/actions/:id': { owner: 'room', params: (w) => [w.action] },

  'POST /v1/webhooks': { ...self, body: () => ({}) },
  'GET /v1/webhooks': self,
  'GET /v1/webhooks/:id': { owner: 'own', params: (w) => [w.webhook] },
  'PUT /v1/webhooks/:id': {
    owner: 'own',
    params: (w) => [w.webhook],
    body: () => ({ name: 'Taken', targetUrl: 'https://example.com/taken' }),
    ...gone,
  },
  'DELETE /v1/webhooks/:id': { owner: 'own', params: (w) => [w.webhook], ...gone },

  'GET /v1/people/me': self,
  'GET /v1/people': { ...self, query: () => 'email=ana@example.com' },
  'GET /v1/people/:id': { ...self, params: (w) => [w.anaHydra] },
  'POST /v1/download/endpoints': {
    owner: 'room',
    body: (w) => ({ endpoints: [`http://x${w.file.file}`] }),
    answersAll: true,
  },

  [`GET ${conv}/conversations`]: self,
  [`GET ${conv}/conversationsSummary`]: self,
  [`GET ${conv}/conversations/left`]: self,
  [`GET ${conv}/conversations/user/:id`]: { owner: 'self', params: (w) => [w.people.ana.id] },
  [`GET ${conv}/conversations/:id`]: ofRoom({ query: () => 'activitiesLimit=10&includeParticipants=true' }),
  [`GET ${conv}/conversations/:id/activities`]: ofRoom(),
  [`GET ${conv}/conversations/:id/activities/:activityId`]: ofRoom({
    params: (w) => [w.conversation, w.activity],
  }),
  [`GET ${conv}/activities/:id`]: { owner: 'room', params: (w) => [w.activity] },
  [`GET ${conv}/conversations/:id/parents`]: ofRoom(),
  [`GET ${conv}/conversations/:id/parents/:activityId`]: ofRoom({
    params: (w) => [w.conversation, w.activity],
    ...gone,
  }),
  [`POST ${conv}/bulk_activities_fetch`]: {
    owner: 'room',
    body: (w) => ({ activityUrls: [`http://x${conv}/activities/${w.activity}`] }),
    answersAll: true,
  },
  [`GET ${conv}/mentions`]: self,
  [`GET ${conv}/threads`]: self,
  [`POST ${conv}/conversations`]: { ...self, body: () => ({}) },
  [`POST ${conv}/conversations/:id/activities`]: [
    ofRoom({ body: () => ({ verb: 'post', object: { objectType: 'comment', displayName: 'x' } }), ...gone }),
    ofRoom({
      body: (w) => ({ verb: 'add', object: { objectType: 'person', id: w.people.sol.id } }),
      ...gone,
    }),
    ofRoom({
      body: (w) => ({ verb: 'delete', object: { objectType: 'activity', id: w.activity } }),
      ...gone,
    }),
    ofRoom({
      body: (w) => ({ verb: 'leave', object: { objectType: 'person', id: w.people.ana.id } }),
      ...gone,
    }),
    ofRoom({
      body: () => ({ verb: 'update', object: { objectType: 'conversation', displayName: 'x' } }),
      ...gone,
    }),
    ofRoom({
      body: (w) => ({ verb: 'acknowledge', object: { objectType: 'activity', id: w.activity } }),
      ...gone,
    }),
    ofRoom({ body: () => ({ verb: 'lock', object: { objectType: 'conversation' } }), ...gone }),
  ],
  [`POST ${conv}/conversations/:id/content`]: ofRoom({
    body: () => ({ verb: 'share', object: { objectType: 'content', files: { items: [] } } }),
    ...gone,
  }),
  [`POST ${conv}/conversations/:id/status/typing`]: ofRoom({
    body: () => ({ eventType: 'status.start_typing' }),
  }),
  [`POST ${conv}/users`]: { ...self, body: () => [] },
  [`POST ${conv}/users/validateAuthToken`]: { ...self, body: () => ({ token: 'x' }) },
  [`GET ${conv}/users`]: self,
  [`PATCH ${conv}/users/user`]: { ...self, body: () => ({}) },
  [`GET ${conv}/users/:id`]: { ...self, params: (w) => [w.people.ana.id] },
  [`POST ${conv}/users/deskFeedbackUrl`]: { ...self, body: () => ({}) },
  [`GET ${conv}/users/deskSupportUrl`]: self,

  [`PUT ${conv}/conversations/:id/space`]: ofRoom(),
  [`PUT ${conv}/conversations/:id/space/hidden`]: ofRoom(),
  'POST /files/v1/spaces/:id/upload_sessions': ofRoom({ body: () => ({ fileSize: 4 }) }),
  'POST /files/v1/uploads/:id/:until/:signature/finish': {
    owner: 'own',
    params: (w) => w.file.upload.split('/').slice(-3),
    body: () => ({}),
  },
  'GET /files/v1/files/:id': { owner: 'room', params: (w) => [w.file.id] },
  'PUT /files/v1/uploads/:id/:until/:signature': open,
  'GET /files/v1/files/:id/signed/:until/:signature': open,

  'POST /wdm/api/v1/devices': { ...self, body: () => ({ deviceType: 'x' }) },
  'GET /wdm/api/v1/devices': self,
  'GET /wdm/api/v1/devices/:id': { owner: 'own', params: (w) => [w.device] },
  'PUT /wdm/api/v1/devices/:id': {
    owner: 'own',
    params: (w) => [w.device],
    body: () => ({ name: 'x' }),
    ...gone,
  },
  'DELETE /wdm/api/v1/devices/:id': { owner: 'own', params: (w) => [w.device], ...gone },
  'GET /wdm/api/v1/devices/auxiliary': self,
  'PUT /wdm/api/v1/devices/auxiliary/Room/:id': device,
  'DELETE /wdm/api/v1/devices/auxiliary/Room/:id': { ...self, params: (w) => [w.roomDevice] },
  'PUT /wdm/api/v1/devices/auxiliary/:id': device,
  'DELETE /wdm/api/v1/devices/auxiliary/:id': { ...self, params: (w) => [w.roomDevice] },
  'POST /argonaut/api/v1/directory': { ...self, body: () => ({ queryString: 'Board' }) },
  'GET /proximity/api/v1/ultrasound/advertisements': { owner: 'own', query: () => 'token=1', ...gone },
  'GET /lyra/api/v1/spaces': self,
  [`GET ${lyra}`]: device,
  [`PUT ${lyra}/occupants/:who`]: {
    owner: 'own',
    params: (w) => [w.roomDevice, '@me'],
    body: (w) => ({ deviceUrl: w.deviceUrl }),
    ...gone,
  },
  [`DELETE ${lyra}/occupants/@me`]: { ...self, params: (w) => [w.roomDevice] },
  [`POST ${lyra}/bindings`]: {
    owner: 'own',
    params: (w) => [w.roomDevice],
    body: (w) => ({ conversationUrl: `http://x${conv}/conversations/${w.conversation}` }),
    ...gone,
  },
  [`GET ${lyra}/bindings`]: { owner: 'own', params: (w) => [w.roomDevice], ...gone },
  [`DELETE ${lyra}/bindings`]: { owner: 'own', params: (w) => [w.roomDevice], ...gone },
  [`DELETE ${lyra}/bindings/:bindingId`]: {
    owner: 'own',
    params: (w) => [w.roomDevice, w.conversation],
    ...gone,
  },
  [`GET ${lyra}/audio`]: { ...device, owner: 'own' },
  [`PUT ${lyra}/audio`]: { ...device, owner: 'own', body: () => ({}) },
  ...Object.fromEntries(
    ['microphones/actions/mute', 'microphones/actions/un-mute', 'volume/actions/increase'].map((path) => [
      `POST ${lyra}/audio/${path}/invoke`,
      { ...device, owner: 'own' } as const,
    ]),
  ),
  [`POST ${lyra}/audio/volume/actions/decrease/invoke`]: { ...device, owner: 'own' },
  [`POST ${lyra}/audio/volume/actions/set/invoke`]: { ...device, owner: 'own', body: () => ({ level: 1 }) },
  'GET /lyra/api/v1/screens/:capability': open,

  ...Object.fromEntries(
    ['developer', 'user'].map((kind) => [
      `POST /feature/api/v1/features/users/:userId/${kind}`,
      {
        owner: 'own',
        params: (w: World) => [w.people.ana.id],
        body: () => ({ key: 'a', val: '1' }),
      } as const,
    ]),
  ),
  'POST /feature/api/v1/features/users/:userId/toggles': {
    owner: 'own',
    params: (w) => [w.people.ana.id],
    body: () => [{ key: 'a', val: '1', type: 'USER' }],
  },
  'GET /apheleia/api/v1/compositions': { ...self, query: (w) => `userId=${w.people.ana.id}` },
  'POST /apheleia/api/v1/compositions': { ...self, body: (w) => ({ subjects: [w.people.ana.id] }) },
  'POST /apheleia/api/v1/subscriptions': { ...self, body: (w) => ({ subjects: [w.people.ana.id] }) },
  'POST /apheleia/api/v1/events': {
    owner: 'own',
    body: (w) => ({ subject: w.people.ana.id, eventType: 'dnd', ttl: 60 }),
  },
  'GET /encryption/api/v1/kms/:userId': { owner: 'own', params: (w) => [w.people.ana.id] },
  'POST /encryption/api/v1/kms/messages': { ...self, body: () => ({ kmsMessages: ['x'] }) },
  ...Object.fromEntries(
    ['/identity/scim/v1/Users/:id', '/identity/identity/scim/v1/Users/:id'].map((url) => [
      `PATCH ${url}`,
      {
        owner: 'own',
        params: (w: World) => [w.people.ana.id],
        body: () => ({ displayName: 'ana' }),
      } as const,
    ]),
  ),
  'POST /client-logs/api/v1/logs/urls': { ...self, body: () => ({}) },
  'POST /client-logs/api/v1/logs/meta': { owner: 'own', body: (w) => ({ filename: w.log.name, data: [] }) },
  'DELETE /client-logs/api/v1/logs/:id': { owner: 'own', params: (w) => [w.log.id], ...gone },
  'PUT /client-logs/api/v1/logs/uploads/:id/:until/:signature': open,
  'GET /u2c/api/v1/catalog': self,
  'POST /metrics/api/v1/clientmetrics': { ...self, body: () => ({ metrics: [] }) },
  'POST /metrics/api/v1/metrics': { ...self, body: () => ({ metrics: [] }) },

  ...meetingCases,

  ...Object.fromEntries(
    [
      'GET /',
      'GET /healthz',
      'GET /openapi',
      'GET /openapi.json',
      'GET /metrics',
      'GET /u2c/api/v1/limited/catalog',
      'GET /u2c/api/v1/signin/catalog',
      'GET /v1/region',
      'POST /v1/jwt/login',
      'POST /metrics/api/v1/clientmetrics-prelogin',
      'GET /idbroker/idb/oauth2/v1/authorize',
      'POST /idbroker/idb/oauth2/v1/authorize',
      'GET /idbroker/idb/oauth2/v1/logout',
      'POST /idbroker/idb/oauth2/v1/logout',
      'POST /idbroker/idb/oauth2/v1/access_token',
      'POST /idbroker/idb/oauth2/v1/revoke',
      'POST /oauth-helper/api/v1/actions/device/authorize',
      'POST /oauth-helper/api/v1/actions/device/token',
      'GET /idbroker/device',
      'POST /idbroker/device',
      'GET /idbroker/account',
      'POST /idbroker/account',
      'POST /license/api/v1/users/activations',
      'POST /user-onboarding/api/v1/users/activations',
      'POST /atlas/admin/api/v1/users/activations',
      'POST /idbroker/idb/token/v1/actions/UserOTP/Generate/invoke',
      'POST /idbroker/idb/token/v1/actions/UserOTP/Validate/invoke',
      'POST /idbroker/idb/token/v1/actions/UserActivation/invoke',
      'GET /support/help/:payload/:signature',
      'GET /support/feedback/:payload/:signature',
      'POST /support/feedback/:payload/:signature',
    ].map((route) => [route, open]),
  ),
  ...Object.fromEntries(
    [
      'POST users',
      'POST clients',
      'GET clients',
      'DELETE clients/:id',
      'POST guest-issuers',
      'GET guest-issuers',
      'DELETE guest-issuers/:id',
      'GET outbox',
      'POST tokens',
      'POST tokens/revoke',
      'POST faults',
      'GET faults',
      'GET faults/:id',
      'DELETE faults/:id',
      'GET events',
      'POST devices',
      'GET devices',
      'DELETE devices/:id',
      'POST contacts',
      'POST calls',
      'GET logs',
      'GET logs/:id',
      'GET feedback',
    ].map((route) => [route.replace(' ', ' /admin/v1/'), adminOnly]),
  ),
};
