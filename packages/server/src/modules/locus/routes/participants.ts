import { createCursors, pageSize } from '../../../kernel/http/cursor.js';
import { notFound } from '../../../kernel/http/errors.js';
import { compactId, iso, personId, restBase, uuidInPath } from '../../../kernel/http/fields.js';
import { param } from '../../../kernel/http/untrusted.js';
import { servicePaths } from '../../../kernel/http/urls.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { Routes } from '../../../kernel/module.js';
import type { Identity } from '../../identity/api.js';
import type { MeetingsApi } from '../../meetings/api.js';
import type { LiveMeetings } from '../live.js';
import { hasRole, isIn, isWaiting, type Meeting, type Participant } from '../model.js';
import type { Seats } from '../seats.js';

export interface ParticipantParts {
  readonly kernel: Kernel;
  readonly identity: Pick<Identity, 'caller'>;
  readonly meetings: Pick<MeetingsApi, 'byScheduledId' | 'find' | 'show'>;
  readonly live: Pick<LiveMeetings, 'heldIn'>;
  readonly seats: Pick<Seats, 'of'>;
}

/** undefined: called, but never there. */
const stateOf = (participant: Participant): 'joined' | 'lobby' | 'end' | undefined => {
  if (isIn(participant)) return 'joined';
  if (isWaiting(participant)) return 'lobby';
  return participant.state === 'LEFT' && participant.devices.length > 0 ? 'end' : undefined;
};

function show(meeting: Meeting, participant: Participant): readonly object[] {
  const state = stateOf(participant);
  if (state === undefined) return [];
  const { audio, video, devices, userId } = participant;
  return [
    {
      id: compactId(participant.id),
      ...(meeting.scheduledId !== undefined && { meetingId: compactId(meeting.scheduledId) }),
      ...(userId !== undefined && { personId: personId(userId) }),
      displayName: participant.name,
      ...(participant.email !== undefined && { email: participant.email }),
      host: userId !== undefined && userId === meeting.hostUserId,
      coHost: hasRole(participant, 'COHOST'),
      muted: audio.localMuted || audio.remoteMuted,
      video: video.localMuted || video.remoteMuted ? 'off' : 'on',
      state,
      joinedTime: iso(Math.min(...devices.map(({ joinedMs }) => joinedMs))),
      devices: devices.map(({ deviceType, correlationId, joinedMs }) => ({
        deviceType,
        correlationId,
        joinedTime: iso(joinedMs),
      })),
    },
  ];
}

/** Who is in a meeting, for its host; and what those who are in know of its place. */
export function participantRoutes({ kernel, identity, meetings, live, seats }: ParticipantParts): Routes {
  const cursors = createCursors(kernel.vault.signer('cursors'));
  return (app) => {
    app.get(`${restBase}/meetingParticipants`, async (request, reply) => {
      const { user } = await identity.caller(request, 'spark:all');
      const scheduledId = uuidInPath(param(request.query, 'meetingId'));
      const limit = pageSize(request, 100, 100);
      const place = await meetings.byScheduledId(scheduledId);
      // no one else learns that it exists
      if (place?.hostUserId !== user.id) throw notFound();
      const meeting = await live.heldIn({ scheduledId });
      const all = meeting === undefined ? [] : meeting.participants.flatMap((one) => show(meeting, one));
      const from = Number(cursors.read(request, user.id)?.['from'] ?? 0);
      const next = from + limit;
      if (next < all.length) cursors.next(request, reply, kernel.urls(request), user.id, { from: next });
      return { items: all.slice(from, next) };
    });
    // meeting info of older clients, for a meeting that they are in
    app.put(`${servicePaths.locus}/loci/:id/meetingInfo`, async (request) => {
      const { meeting } = await seats.of(request);
      const urls = kernel.urls(request);
      const { scheduledId, conversationId } = meeting;
      const place =
        scheduledId !== undefined
          ? await meetings.byScheduledId(scheduledId)
          : conversationId !== undefined
            ? await meetings.find(urls.conversation(conversationId))
            : undefined;
      // a call is held nowhere
      if (place === undefined) throw notFound('There is no such meeting.');
      return meetings.show(urls, place);
    });
  };
}
