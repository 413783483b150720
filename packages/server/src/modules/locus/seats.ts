// Who asks, from which device, and what they are shown.
import type { Locus } from '@trunkline/wire';
import type { FastifyRequest } from 'fastify';
import { ApiError, badRequest, notFound } from '../../kernel/http/errors.js';
import { fields, text } from '../../kernel/http/untrusted.js';
import { deviceIdOf } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import type { Devices } from '../devices/api.js';
import type { Caller, Identity } from '../identity/api.js';
import type { LiveMeetings } from './live.js';
import { participantById, participantOf, type Meeting, type Participant } from './model.js';
import { showMeeting } from './show.js';

/** A person in, or at the door of, a meeting. */
export interface Seat {
  readonly caller: Caller;
  readonly meeting: Meeting;
  /** the caller's own */
  readonly participant: Participant;
}

export interface Seats {
  /** @throws ApiError 401, 403 */
  caller(request: FastifyRequest): Promise<Caller>;
  /** The meeting of the path and the caller's part in it. @throws ApiError 404 for everyone who never was in it */
  of(request: FastifyRequest): Promise<Seat>;
  /** The id of the device that the body names; it must be the caller's. @throws ApiError 400 */
  device(body: unknown, caller: Caller): Promise<string>;
  /** Refuses a path that names another participant than the caller. @throws ApiError 404 */
  own(seat: Seat, participantId: string): void;
  /** `{ locus }` as the caller may see it. */
  locus(request: FastifyRequest, meeting: Meeting, userId: string): { readonly locus: Locus };
}

const ids = (request: FastifyRequest): { readonly id: string; readonly participantId?: string } =>
  request.params as { id: string; participantId?: string };

export function createSeats(
  kernel: Kernel,
  identity: Pick<Identity, 'caller'>,
  devices: Pick<Devices, 'existing'>,
  live: Pick<LiveMeetings, 'find'>,
): Seats {
  const caller = (request: FastifyRequest): Promise<Caller> => identity.caller(request, 'spark:all');
  return {
    caller,
    of: async (request) => {
      const who = await caller(request);
      const meeting = await live.find(ids(request).id);
      const participant = meeting && participantOf(meeting, who.user.id);
      if (meeting === undefined || participant === undefined) throw notFound();
      return { caller: who, meeting, participant };
    },
    device: async (body, { user }) => {
      const url = text(fields(fields(body)['device'])['url']) ?? text(fields(body)['deviceUrl']);
      const id = url === undefined ? undefined : deviceIdOf(url);
      if (id === undefined || !(await devices.existing([id], user.id)).has(id))
        throw badRequest('device.url must be the URL of one of your registered devices.');
      return id;
    },
    own: ({ meeting, participant }, participantId) => {
      if (participantId === participant.id) return;
      throw participantById(meeting, participantId) === undefined
        ? notFound()
        : new ApiError(403, 'This is for the participant themselves.');
    },
    locus: (request, meeting, userId) => {
      const viewer = participantOf(meeting, userId);
      if (viewer === undefined) throw notFound();
      return { locus: showMeeting(kernel.urls(request), meeting, viewer) };
    },
  };
}
