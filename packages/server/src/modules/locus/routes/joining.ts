import { randomUUID } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { badRequest, notFound } from '../../../kernel/http/errors.js';
import { fields, text } from '../../../kernel/http/untrusted.js';
import { servicePaths } from '../../../kernel/http/urls.js';
import type { Kernel } from '../../../kernel/kernel.js';
import type { Routes } from '../../../kernel/module.js';
import type { Attendance } from '../attendance.js';
import { arrivalOf, newMeetingAt, type Doors } from '../doors.js';
import type { LiveMeetings } from '../live.js';
import { readLocalMedia } from '../media/messages.js';
import { isIn, isModerator, isPresent, participantById, participantOf, type Meeting } from '../model.js';
import { notModerator } from '../refusals.js';
import { requireIn } from '../rules/controls.js';
import { decline, end, invite, join, leave, requireModerator, type Arrival } from '../rules/joining.js';
import { addPhone, removePhone } from '../rules/phones.js';
import type { Seats } from '../seats.js';
import { showMeeting } from '../show.js';
import { locusUrl } from '../urls.js';
import { firstConnection } from './media.js';

export interface JoiningParts {
  readonly kernel: Pick<Kernel, 'urls'>;
  readonly seats: Seats;
  readonly doors: Doors;
  readonly live: LiveMeetings;
  readonly attendance: Pick<Attendance, 'seen'>;
}
type Params = { Params: { id: string } };
type OfParticipant = { Params: { id: string; participantId: string } };

const base = `${servicePaths.locus}/loci`;
const reasonIn = (body: unknown): string | undefined => text(fields(body)['reason'])?.slice(0, 80);

/** Coming, ringing and going. @source protocol/meetings-signalling.md §4 */
export function joiningRoutes({ kernel, seats, doors, live, attendance }: JoiningParts): Routes {
  const answerJoin = (request: FastifyRequest, meeting: Meeting, userId: string): object => ({
    ...seats.locus(request, meeting, userId),
    mediaConnections: firstConnection(readLocalMedia(request.body), randomUUID()),
  });

  /** Locked meetings let in who was in, and the host; everybody else waits. */
  const enter =
    (arrival: Arrival) =>
    (meeting: Meeting, ...rest: [Parameters<typeof join>[2]]): Meeting => {
      const known = participantOf(meeting, arrival.userId);
      const isInside = known !== undefined && (isIn(known) || isModerator(known));
      const mustWait = !arrival.isHost && !isInside && (arrival.mustWait || meeting.isLocked);
      return join(meeting, { ...arrival, mustWait }, ...rest);
    };

  return (app) => {
    app.get(base, async (request) => {
      const { user } = await seats.caller(request);
      const urls = kernel.urls(request);
      const loci = (await live.of(user.id)).flatMap((meeting) => {
        const viewer = participantOf(meeting, user.id);
        return viewer !== undefined && isPresent(viewer) ? [showMeeting(urls, meeting, viewer)] : [];
      });
      return { loci, locusUrls: loci.map(({ url }) => url), remoteLocusClusterUrls: [] };
    });
    app.get<Params>(`${base}/:id`, async (request) => {
      const { caller, meeting } = await seats.of(request);
      return seats.locus(request, meeting, caller.user.id).locus;
    });
    app.get<Params>(`${base}/:id/sync`, async (request) => {
      const { caller, meeting } = await seats.of(request);
      return seats.locus(request, meeting, caller.user.id).locus;
    });

    app.post(`${base}/call`, async (request) => {
      const caller = await seats.caller(request);
      const { user } = caller;
      const address = text(fields(fields(request.body)['invitee'])['address'])?.trim();
      if (address === undefined || address === '' || address.length > 1000)
        throw badRequest(
          'invitee.address must be a meeting link, a meeting number, a SIP address or an email.',
        );
      const device = await seats.device(request.body, caller);
      const destination = await doors.resolve(caller, address);
      if (destination.kind === 'place') {
        const entry = await doors.enter(destination.place, caller, request.body);
        const arrival = arrivalOf(caller, request.body, device, entry);
        const meeting = await live.changeHeld(newMeetingAt(destination.place), enter(arrival));
        return answerJoin(request, meeting, user.id);
      }
      const callee = destination.user;
      if (callee.id === user.id) throw badRequest('You cannot call yourself.');
      const arrival = arrivalOf(caller, request.body, device, { isHost: false, mustWait: false });
      // both call each other: one call results
      const theirs = (await live.of(user.id)).find(
        (meeting) =>
          meeting.type === 'CALL' &&
          participantOf(meeting, user.id)?.state === 'NOTIFIED' &&
          participantOf(meeting, callee.id)?.state === 'JOINED',
      );
      if (theirs !== undefined)
        return answerJoin(
          request,
          await live.change(theirs.id, (meeting, at) => join(meeting, arrival, at)),
          user.id,
        );
      const meeting = await live.changeHeld(
        { type: 'CALL', orgId: user.org_id, title: callee.display_name, isPersonalRoom: false },
        (fresh, at) =>
          invite(
            join(fresh, arrival, at),
            [
              {
                userId: callee.id,
                name: callee.display_name,
                email: callee.email,
                orgId: callee.org_id,
                address,
              },
            ],
            at,
          ),
      );
      return answerJoin(request, meeting, user.id);
    });

    app.post<Params>(`${base}/:id/participant`, async (request) => {
      const seat = await seats.of(request);
      const { caller, participant } = seat;
      const { id } = request.params;
      const { device, correlationId } = fields(request.body);
      const { provisionalType, url, dialoutAddress } = fields(device);
      if (provisionalType === 'DIAL_IN' || provisionalType === 'DIAL_OUT') {
        const phone = {
          url: text(url) ?? '',
          kind: provisionalType === 'DIAL_IN' ? ('dial-in' as const) : ('dial-out' as const),
          address: text(dialoutAddress),
          correlationId: text(correlationId)?.slice(0, 80) ?? '',
        };
        const meeting = await live.change(id, (before, at) => addPhone(before, caller.user.id, phone, at));
        return answerJoin(request, meeting, caller.user.id);
      }
      const key = await seats.device(request.body, caller);
      const place = await doors.placeOf(seat.meeting);
      // the user who was invited, or was in, needs no password again
      const wasAdmitted = isIn(participant) || participant.state === 'NOTIFIED' || place === undefined;
      const entry = wasAdmitted
        ? { isHost: participant.userId === seat.meeting.hostUserId, mustWait: false }
        : await doors.enter(place, caller, request.body);
      const arrival = arrivalOf(caller, request.body, key, entry);
      const isCalled = participant.state === 'NOTIFIED';
      const meeting = await live.change(id, (before, at) =>
        isCalled ? join(before, arrival, at) : enter(arrival)(before, at),
      );
      return answerJoin(request, meeting, caller.user.id);
    });

    app.put<Params>(`${base}/:id/participant/alert`, async (request) => {
      const { caller, meeting } = await seats.of(request);
      await seats.device(request.body, caller);
      return seats.locus(request, meeting, caller.user.id);
    });
    app.put<Params>(`${base}/:id/participant/decline`, async (request) => {
      const { caller, participant } = await seats.of(request);
      await seats.device(request.body, caller);
      const meeting = await live.change(request.params.id, (before, at) =>
        decline(before, participant.id, reasonIn(request.body), at),
      );
      return seats.locus(request, meeting, caller.user.id);
    });

    app.put<OfParticipant>(`${base}/:id/participant/:participantId/leave`, async (request) => {
      const { caller, meeting: before, participant } = await seats.of(request);
      const { id, participantId } = request.params;
      const target = participantById(before, participantId);
      if (target === undefined) throw notFound();
      const phoneUrl = text(fields(fields(request.body)['device'])['url']);
      const isPhone = target.devices.some(({ key, phone }) => phone !== undefined && key === phoneUrl);
      let meeting: Meeting;
      if (isPhone && phoneUrl !== undefined) {
        if (target.id !== participant.id) requireModerator(before, caller.user.id);
        meeting = await live.change(id, (now) => removePhone(now, participantId, phoneUrl));
      } else if (target.id === participant.id) {
        const deviceKey = await seats.device(request.body, caller);
        meeting = await live.change(id, (now, at) =>
          leave(now, participantId, { deviceKey, reason: reasonIn(request.body) }, at),
        );
      } else {
        meeting = await live.change(id, (now, at) => {
          const by = requireIn(now, caller.user.id);
          if (!isModerator(by)) throw notModerator();
          return leave(now, participantId, { reason: 'FORCED' }, at);
        });
      }
      return seats.locus(request, meeting, caller.user.id);
    });

    app.post<Params>(`${base}/:id/end`, async (request) => {
      const { caller } = await seats.of(request);
      const meeting = await live.change(request.params.id, (before, at) => {
        requireModerator(before, caller.user.id);
        return end(before, at);
      });
      return seats.locus(request, meeting, caller.user.id);
    });

    app.get<{ Params: { id: string; participantId: string; key: string } }>(
      `${base}/:id/participant/:participantId/devices/:key/keepalive`,
      async (request) => {
        const seat = await seats.of(request);
        const { participantId, key } = request.params;
        seats.own(seat, participantId);
        if (!seat.participant.devices.some((device) => device.key === key && device.isWaiting))
          throw notFound();
        attendance.seen(key);
        return { locusUrl: locusUrl(kernel.urls(request), seat.meeting.id) };
      },
    );
  };
}
