import { isSdkError, sdkError, type CallInit, type Host, type Listenable } from '@trunkline/core';
import { checkArguments, createEmitter, type ParameterRules } from '@trunkline/core/kit';
import type { Locus, LocusDelta, LocusEventData } from '@trunkline/wire';
import { uuidOf, type Person } from '@trunkline/wire';
import { inferDestination, type Destination } from './destination.js';
import { meetingError } from './errors.js';
import { fetchInfo } from './info.js';
import { createMeeting, type Meeting, type MeetingHandle } from './meeting.js';
import type { EndReason } from './model.js';
import { createPageLeave } from './page-leave.js';

/** A person's own meeting room. */
export interface PersonalMeetingRoom {
  readonly title: string;
  readonly link: string;
  readonly sipAddress: string;
  /** Who knows it can host meetings there. */
  readonly hostKey: string;
}

export interface MeetingsEvents {
  /** A meeting is there: you made it, a user calls, or you are in it with another device. */
  added: { readonly meeting: Meeting; readonly by: 'you' | 'call' | 'other-device' };
  /** It is over for you. */
  removed: { readonly meeting: Meeting; readonly reason: EndReason };
}

/** Meetings and calls, as `client.meetings`. */
export interface Meetings extends Listenable<MeetingsEvents> {
  /** Those that are not over. */
  readonly all: readonly Meeting[];
  /** Finds a meeting by its id. */
  get(id: string): Meeting | undefined;
  /** Opens the socket, so that calls come in. `create` does it by itself when you join. */
  listen(init?: CallInit): Promise<void>;
  /**
   * Makes a meeting of an address; no one is called before `join`. The same place again gives the same object.
   *
   * @param to a meeting link or number, a SIP or email address, a phone number, the id of a room or person, or `{ type, value }`
   * @throws {SdkError} `ERR_ARGUMENT` for an address of an unknown kind, `ERR_MEETING_NOT_FOUND` for a person or room that is not there
   */
  create(to: string | Destination, init?: CallInit): Promise<Meeting>;
  /** Finds meetings that you are in or called to, for instance after the socket was away. */
  sync(init?: CallInit): Promise<void>;
  /** Your own meeting room, made when it is first asked for. */
  getPersonalMeetingRoom(init?: CallInit): Promise<PersonalMeetingRoom>;
}

type Calls = Pick<Meetings, 'listen' | 'create' | 'sync' | 'getPersonalMeetingRoom'>;
const rules: ParameterRules<Calls> = {
  listen: '',
  create: 'to:holder',
  sync: '',
  getPersonalMeetingRoom: '',
};

const locusEvents = [
  'locus.difference',
  'locus.participant_joined',
  'locus.participant_left',
  'locus.participant_declined',
  'locus.participant_updated',
  'locus.participant_controls_updated',
  'locus.participant_roles_updated',
  'locus.participant_audio_muted',
  'locus.participant_audio_unmuted',
  'locus.participant_video_muted',
  'locus.participant_video_unmuted',
  'locus.self_changed',
  'locus.controls_updated',
  'locus.floor_granted',
  'locus.floor_released',
  'locus.recording_started',
  'locus.recording_stopped',
] as const;

declare module '@trunkline/core' {
  interface WireEvents extends Record<(typeof locusEvents)[number], LocusEventData> {
    'locus.message.roap': {
      readonly eventType: string;
      readonly correlationId: string;
      readonly message: unknown;
    };
    'meeting.speakers_changed': {
      readonly eventType: string;
      readonly locusUrl: string;
      readonly speaking: readonly string[];
      readonly dominant?: string;
    };
    'meeting.reaction': {
      readonly eventType: string;
      readonly locusUrl: string;
      readonly reaction: { readonly type: string };
      readonly sender: { readonly participantId: string; readonly displayName?: string };
    };
  }
}

interface Entry extends MeetingHandle {
  /** address as it was given, to find the same place again */
  readonly key: string | undefined;
}

/** What callers see as `client.meetings`. */
export function createMeetings(host: Host): Meetings {
  const emitter = createEmitter<MeetingsEvents>((error, type) => {
    host.report(error, `a listener of meetings.on('${type}')`);
  });
  const entries = new Map<string, Entry>();
  const pageLeave = createPageLeave(host);
  /** correlation ids of meetings that the user left while the service could not be reached */
  const unsentLeaves = new Set<string>();
  const leaveLater = (correlationId: string): void => {
    unsentLeaves.add(correlationId);
  };
  const byLocus = (url: string): Entry | undefined =>
    [...entries.values()].find(({ meeting }) => meeting.locus?.url === url);

  function add(
    destination: Destination | undefined,
    by: MeetingsEvents['added']['by'],
    more: Omit<Parameters<typeof createMeeting>[1], 'destination' | 'pageLeave' | 'leaveLater'> = {},
  ): Entry {
    const handle = createMeeting(host, { destination, pageLeave, leaveLater, ...more }, (reason) => {
      if (!entries.delete(handle.meeting.id)) return;
      emitter.emit('removed', { meeting: handle.meeting, reason });
    });
    const key = destination && `${destination.type} ${destination.value}`;
    const entry: Entry = { ...handle, key };
    entries.set(handle.meeting.id, entry);
    if (by === 'you') emitter.emit('added', { meeting: handle.meeting, by });
    return entry;
  }

  /** A state for a meeting that no one made here: a call, or a meeting of another device. */
  function takeUnknown(locus: Locus | LocusDelta): void {
    const { self, fullState } = locus;
    if (self === undefined || fullState === undefined || fullState.state === 'INACTIVE') return;
    if (self.state !== 'NOTIFIED' && self.state !== 'JOINED') return;
    const left = self.devices.find(
      ({ state, correlationId = '' }) => state === 'JOINED' && unsentLeaves.has(correlationId),
    );
    if (left !== undefined) {
      const { url, deviceType, correlationId = '' } = left;
      const body = { device: { url, deviceType }, usingResource: null, correlationId };
      host.request({ method: 'PUT', url: `${self.url}/leave`, body }).then(
        () => unsentLeaves.delete(correlationId),
        (error: unknown) => {
          host.report(error, 'meetings: a meeting that you left could not be left at the service');
        },
      );
      return;
    }
    const isCall = self.state === 'NOTIFIED';
    const entry = add(undefined, isCall ? 'call' : 'other-device', { isIncoming: isCall });
    entry.take(locus);
    emitter.emit('added', { meeting: entry.meeting, by: isCall ? 'call' : 'other-device' });
  }

  function take({ locus }: Pick<LocusEventData, 'locus'>): void {
    const known = byLocus(locus.url) ?? ownJoin(locus) ?? byAddress(locus);
    if (known === undefined) takeUnknown(locus);
    else known.take(locus);
  }
  /** The event of a join whose answer is still on its way. */
  const ownJoin = (locus: Locus | LocusDelta): Entry | undefined => {
    const ids = new Set(locus.self?.devices.map(({ correlationId }) => correlationId));
    return [...entries.values()].find(({ meeting }) => ids.has(meeting.correlationId));
  };
  /** A meeting that was made here and that another user started meanwhile. */
  const byAddress = ({ info, conversationUrl }: Locus | LocusDelta): Entry | undefined =>
    [...entries.values()].find(
      ({ meeting: { locus, state } }) =>
        locus === undefined &&
        ((info?.sipUri !== undefined && info.sipUri === state.sipAddress) ||
          (conversationUrl !== undefined && conversationUrl === state.conversationUrl)),
    );

  const offs = locusEvents.map((type) => host.onWire(type, take));
  offs.push(
    host.onWire('locus.message.roap', ({ correlationId, message }) => {
      [...entries.values()].find(({ meeting }) => meeting.correlationId === correlationId)?.roap(message);
    }),
    host.onWire('meeting.speakers_changed', ({ locusUrl, speaking, dominant }) => {
      byLocus(locusUrl)?.speakers(speaking, dominant);
    }),
    host.onWire('meeting.reaction', ({ locusUrl, reaction, sender }) => {
      byLocus(locusUrl)?.reaction({
        type: reaction.type,
        memberId: sender.participantId,
        name: sender.displayName,
      });
    }),
    // the socket was away: states of meetings are not sent again
    host.onWire('mercury.buffer_state', () => {
      if (isFirstSocket) isFirstSocket = false;
      else
        sync().catch((error: unknown) => {
          host.report(error, 'meetings: the meetings could not be found again');
        });
    }),
  );
  let isFirstSocket = true;
  host.onClose(() => {
    for (const off of offs) off();
    pageLeave.close();
    for (const entry of [...entries.values()]) entry.lost();
  });

  async function sync(init?: CallInit): Promise<void> {
    const { body } = await host.request<{ readonly loci?: readonly Locus[] }>({
      ...init,
      service: 'locus',
      path: 'loci',
    });
    const loci = body.loci ?? [];
    for (const locus of loci) take({ locus });
    const present = new Set(loci.map(({ url }) => url));
    // those that are not in the list: their own state says why
    await Promise.all(
      [...entries.values()].map(async ({ meeting }) => {
        if (meeting.locus !== undefined && !present.has(meeting.locus.url)) await meeting.sync();
      }),
    );
    for (const entry of [...entries.values()]) entry.resume();
  }

  /** What the address stands for on the wire. */
  async function resolve(destination: Destination, init?: CallInit): Promise<Destination> {
    switch (destination.type) {
      case 'ROOM': {
        const base = await host.serviceUrl('conversation', init);
        const uuid = uuidOf('ROOM', destination.value) ?? destination.value;
        return { type: 'CONVERSATION_URL', value: `${base}/conversations/${uuid}` };
      }
      case 'PERSON': {
        const { body } = await host
          .request<Person>({
            ...init,
            service: 'hydra',
            path: `people/${encodeURIComponent(destination.value)}`,
          })
          .catch((error: unknown) => {
            throw isSdkError(error) && error.status === 404
              ? meetingError('ERR_MEETING_NOT_FOUND', 'info', 'create: you can see no such person.', {
                  cause: error,
                })
              : error;
          });
        return { type: 'SIP_URI', value: body.emails[0] ?? '' };
      }
      case 'PERSONAL_ROOM':
        return destination.value === ''
          ? { type: 'PERSONAL_ROOM', value: (await host.connect(init)).userId }
          : destination;
      default:
        return destination;
    }
  }

  return {
    on: emitter.on,
    once: emitter.once,
    get all() {
      return [...entries.values()].map(({ meeting }) => meeting);
    },
    get: (id) => entries.get(id)?.meeting,
    ...checkArguments<Calls>('meetings', rules, {
      listen: async (init) => {
        await host.connect(init);
      },
      create: async (to, init) => {
        const inferred = typeof to === 'string' ? inferDestination(to) : to;
        if (inferred === undefined)
          throw sdkError(
            'ERR_ARGUMENT',
            'meetings.create: expected a meeting link or number, a SIP or email address, a phone number, or the id of a room or person',
          );
        const destination = await resolve(inferred, init);
        const key = `${destination.type} ${destination.value}`;
        const known = [...entries.values()].find((entry) => entry.key === key);
        if (known !== undefined) return known.meeting;
        const { info, passwordStatus, captcha } = await fetchInfo(host, destination, {}, init);
        if (info === undefined && passwordStatus !== 'required' && destination.type !== 'SIP_URI')
          throw meetingError('ERR_MEETING_NOT_FOUND', 'info', 'create: this meeting was not found.');
        const again = [...entries.values()].find((entry) => entry.key === key);
        if (again !== undefined) return again.meeting;
        const { meeting } = add(destination, 'you', { info });
        meeting.state.set({
          passwordStatus,
          requiredCaptcha: captcha,
          ...(info?.conversationUrl !== undefined && { conversationUrl: info.conversationUrl }),
        });
        return meeting;
      },
      sync,
      getPersonalMeetingRoom: async (init) => {
        const { body } = await host.request<{
          readonly topic: string;
          readonly personalMeetingRoomLink: string;
          readonly sipAddress: string;
          readonly hostPin: string;
        }>({ ...init, service: 'hydra', path: 'meetingPreferences/personalMeetingRoom' });
        return {
          title: body.topic,
          link: body.personalMeetingRoomLink,
          sipAddress: body.sipAddress,
          hostKey: body.hostPin,
        };
      },
    }),
  };
}
