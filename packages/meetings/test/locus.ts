// A meeting as the service shows it to Ana; Ben is the other one.
import type { Locus, LocusDelta, LocusParticipant, LocusSelf } from '@trunkline/wire';

export const locusUrl = 'https://cloud.test/locus/api/v1/loci/1';
/** of the fake host's device */
export const deviceUrl = 'https://cloud.test/wdm/devices/00000000-0000-4000-8000-00000000000d';

export const participant = (id: string, more: Partial<LocusParticipant> = {}): LocusParticipant => ({
  id,
  url: `${locusUrl}/participant/${id}`,
  identity: `${id}-person`,
  type: 'USER',
  state: 'JOINED',
  person: { id: `${id}-person`, name: id, email: `${id}@example.com` },
  devices: [{ url: id === 'ana' ? deviceUrl : `${deviceUrl}-${id}`, deviceType: 'WEB', state: 'JOINED' }],
  status: { audioStatus: 'SENDRECV', videoStatus: 'SENDRECV' },
  controls: {},
  ...more,
});

export function locus(sequence: number, more: Partial<Locus> = {}): Locus {
  const participants = more.participants ?? [participant('ana'), participant('ben')];
  const self = participants.find(({ id }) => id === 'ana') as LocusSelf | undefined;
  return {
    url: locusUrl,
    created: '2026-01-01T00:00:00.000Z',
    syncUrl: `${locusUrl}/sync`,
    sequence: { entries: [sequence], rangeStart: 0, rangeEnd: 0 },
    fullState: {
      active: true,
      state: 'ACTIVE',
      type: 'MEETING',
      locked: false,
      count: 2,
      lastActive: '2026-01-01T00:00:00.000Z',
      sessionId: 's',
    },
    info: {
      topic: 'Standup',
      displayHints: { joined: ['RAISE_HAND'], moderator: ['ADD_GUEST'], coHost: [] },
    },
    controls: {
      reactions: { enabled: true, reactionChannelUrl: `${locusUrl}/reactions` },
    },
    participants,
    ...(self !== undefined && { self }),
    mediaShares: [{ name: 'content', url: `${locusUrl}/mediashares/content` }],
    ...more,
  };
}

export const delta = (base: number, sequence: number, more: Partial<LocusDelta> = {}): LocusDelta => ({
  url: locusUrl,
  baseSequence: { entries: [base], rangeStart: 0, rangeEnd: 0 },
  sequence: { entries: [sequence], rangeStart: 0, rangeEnd: 0 },
  ...more,
});
