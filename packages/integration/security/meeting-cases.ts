import type { Case } from './cases.js';
import type { World } from './world.js';

const self: Case = { owner: 'self' };
const open: Case = { owner: 'open' };
/** Others would change what the tests after this one need, or Ana may do it once. */
const gone = { ownerSkips: true } as const;
const times = { start: '2030-01-01T09:00:00Z', end: '2030-01-01T10:00:00Z' };
const loci = '/locus/api/v1/loci';
const v1 = `${loci}/meetingInfo`;
const appapi = '/wbxappapi/v1';
const spaceInstant = '/wbxappapi/v2/meetings/spaceInstant';
const conversation = (w: World): string => `http://x/conversation/api/v1/conversations/${w.conversation}`;

const ofMeeting = (more: Partial<Case> = {}): Case => ({ owner: 'own', params: (w) => [w.meeting], ...more });
const ofInvitee = (more: Partial<Case> = {}): Case => ({ owner: 'own', params: (w) => [w.invitee], ...more });
const ofSpace = (more: Partial<Case> = {}): Case => ({
  owner: 'room',
  body: (w) => ({ spaceUrl: conversation(w) }),
  ...more,
});
/** A meeting that Ana holds in her room: members who have not joined get nothing of it either. */
const held = (more: Partial<Case> = {}): Case => ({ owner: 'own', params: (w) => [w.locus], ...more });
const ofParticipant = (more: Partial<Case> = {}): Case =>
  held({ params: (w) => [w.locus, w.participant], ...more });
const device = (w: World): object => ({ device: { url: w.deviceUrl, deviceType: 'WEB' } });
const media = (w: World): object => ({
  ...device(w),
  localMedias: [{ mediaId: 'm', localSdp: '{"audioMuted":true,"videoMuted":true}' }],
});

/** Meetings: those that are planned, and one that is held. */
export const meetingCases: Readonly<Record<string, Case | readonly Case[]>> = {
  'GET /v1/meetings': self,
  'POST /v1/meetings': { ...self, body: () => ({}) },
  'GET /v1/meetings/:id': ofMeeting(),
  'PUT /v1/meetings/:id': ofMeeting({ body: () => ({ title: 'Taken', ...times }), ...gone }),
  'PATCH /v1/meetings/:id': ofMeeting({ body: () => ({ title: 'Taken' }), ...gone }),
  'DELETE /v1/meetings/:id': ofMeeting(gone),
  'GET /v1/meetingInvitees': { owner: 'own', query: (w) => `meetingId=${w.meeting}` },
  'POST /v1/meetingInvitees': {
    owner: 'own',
    body: (w) => ({ meetingId: w.meeting, email: 'sol@example.com' }),
    ...gone,
  },
  'GET /v1/meetingInvitees/:id': ofInvitee(),
  'PUT /v1/meetingInvitees/:id': ofInvitee({ body: () => ({ email: 'sol@example.com' }), ...gone }),
  'DELETE /v1/meetingInvitees/:id': ofInvitee(gone),
  'GET /v1/meetingPreferences': self,
  // guests have none
  'GET /v1/meetingPreferences/personalMeetingRoom': self,
  'GET /v1/meetingPreferences/sites': self,

  [`POST ${appapi}/meetingInfo`]: [
    {
      owner: 'room',
      body: (w) => ({ conversationUrl: conversation(w) }),
    },
    { owner: 'own', body: (w) => ({ meetingKey: w.meetingNumber }) },
    { owner: 'own', body: (w) => ({ meetingKey: w.meetingNumber, password: 'guess' }) },
    { owner: 'own', body: (w) => ({ meetingUUID: w.meeting }) },
  ],
  [`GET ${appapi}/captcha/:id/image`]: open,
  [`GET ${appapi}/captcha/:id/audio`]: open,
  [`POST ${appapi}/captcha/:id/refresh`]: { owner: 'own', body: () => ({}), ...gone },

  'GET /m/:number': open,
  [`GET ${v1}/*`]: { owner: 'own', query: () => 'type=MEETING_ID', ...gone },
  [`GET ${v1.replace('/loci', '/$/loci')}/*`]: { owner: 'own', query: () => 'type=MEETING_LINK', ...gone },
  [`PUT ${v1}`]: [
    ofSpace({ body: (w) => ({ value: conversation(w), lookupType: 'CONVERSATION_URL' }) }),
    // a number leads to what is not protected by the password
    { ...self, body: (w) => ({ value: w.meetingNumber, lookupType: 'MEETING_ID' }) },
  ],
  [`PUT ${loci}/:id/meetingInfo`]: held({ body: () => ({}) }),
  [`POST ${spaceInstant}`]: [
    ofSpace(),
    ofSpace({ body: (w) => ({ spaceUrl: conversation(w), schedule: true }), ...gone }),
  ],
  [`POST ${spaceInstant}/query`]: ofSpace(gone),
  [`POST ${spaceInstant}/deletePersistentMeeting`]: ofSpace(gone),
  'POST /hecate/api/v1/cmrmeetings/claim': {
    owner: 'own',
    body: (w) => ({ userId: w.people.ana.id, passcode: '123456', meetingAddress: w.meetingNumber }),
    ...gone,
  },
  'GET /calliope/api/discovery/v1/clusters': self,
  'POST /calliope/api/discovery/v1/clusters': { ...self, body: () => ({}) },
  'GET /v1/meetingParticipants': { owner: 'own', query: (w) => `meetingId=${w.meeting}` },
  'GET /v1/recordings': self,
  'GET /v1/recordings/:id': { owner: 'own', ...gone },
  'DELETE /v1/recordings/:id': { owner: 'own', ...gone },
  'GET /v1/recordings/:id/file/:until/:signature': open,

  [`GET ${loci}`]: self,
  [`POST ${loci}/call`]: {
    owner: 'room',
    body: (w) => ({
      ...device(w),
      invitee: { address: conversation(w) },
    }),
  },
  [`GET ${loci}/:id`]: held(),
  [`GET ${loci}/:id/sync`]: held(),
  [`PUT ${loci}/:id`]: held({ body: () => ({ invitees: [{ address: 'sol@example.com' }] }), ...gone }),
  [`POST ${loci}/:id/participant`]: held({ body: device }),
  [`PUT ${loci}/:id/participant/alert`]: held({ body: device }),
  [`PUT ${loci}/:id/participant/decline`]: held({ body: device, ...gone }),
  [`PUT ${loci}/:id/participant/:participantId/leave`]: ofParticipant({ body: device, ...gone }),
  [`PUT ${loci}/:id/participant/:participantId/media`]: ofParticipant({ body: media }),
  [`GET ${loci}/:id/participant/:participantId/devices/:key/keepalive`]: held({
    params: (w) => [w.locus, w.participant, w.device],
    ...gone,
  }),
  ...Object.fromEntries(
    ['PUT', 'PATCH'].flatMap((method): readonly (readonly [string, Case])[] => [
      [`${method} ${loci}/:id/controls`, held({ body: () => ({ lock: { locked: true } }), ...gone })],
      [
        `${method} ${loci}/:id/participant/:participantId/controls`,
        ofParticipant({ body: () => ({ hand: { raised: true } }) }),
      ],
    ]),
  ),
  [`POST ${loci}/:id/participant/:participantId/alias`]: ofParticipant({
    body: () => ({ aliasValue: 'Taken' }),
    ...gone,
  }),
  [`POST ${loci}/:id/participant/:participantId/sendDtmf`]: ofParticipant({
    body: () => ({ dtmf: { tones: '1' } }),
    ...gone,
  }),
  [`PUT ${loci}/:id/mediashares/:name`]: held({
    params: (w) => [w.locus, 'content'],
    body: () => ({ floor: { disposition: 'GRANTED' } }),
    ...gone,
  }),
  [`POST ${loci}/:id/reactions`]: held({ body: () => ({ reaction: { type: 'clap' } }) }),
  [`POST ${loci}/:id/end`]: held(gone),
};
