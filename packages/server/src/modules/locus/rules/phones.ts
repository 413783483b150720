// Phones of participants. They are simulated: the service has no telephone network.
import { badRequest, notFound } from '../../../kernel/http/errors.js';
import { participantById, withParticipant, type Device, type Meeting } from '../model.js';
import { requireIn } from './controls.js';
import type { At } from './joining.js';

export interface Phone {
  readonly url: string;
  readonly kind: 'dial-in' | 'dial-out';
  readonly address?: string | undefined;
  readonly correlationId: string;
}

/** characters that a phone number may have, formatting included */
const longestNumber = 60;

/** The phone of a user who is in, shown beside their other devices. */
export function addPhone(meeting: Meeting, userId: string, phone: Phone, { nowMs }: At): Meeting {
  const participant = requireIn(meeting, userId);
  const { url, kind, address, correlationId } = phone;
  if (!/^dial(in|out):\/\/\/[0-9a-f-]{36}$/i.test(url))
    throw badRequest('device.url of a phone must be dialin:///UUID or dialout:///UUID.');
  if (kind === 'dial-out' && !/\d/.test(address ?? ''))
    throw badRequest('device.dialoutAddress must be a phone number.');
  if ((address?.length ?? 0) > longestNumber)
    throw badRequest(`device.dialoutAddress can have ${String(longestNumber)} characters.`);
  if (participant.devices.some(({ key }) => key === url)) return meeting;
  const device: Device = {
    key: url,
    deviceType: 'PROVISIONAL',
    state: 'JOINED',
    correlationId,
    isWaiting: false,
    joinedMs: nowMs,
    csis: [],
    phone: {
      kind,
      ...(address !== undefined && { address }),
      status: kind === 'dial-in' ? 'JOINED' : 'CONNECTED',
    },
  };
  return withParticipant(meeting, participant.id, (before) => ({
    ...before,
    devices: [...before.devices, device],
  }));
}

/** Removes a phone; its owner stays. */
export function removePhone(meeting: Meeting, participantId: string, url: string): Meeting {
  const participant = participantById(meeting, participantId);
  if (participant?.devices.some(({ key, phone }) => key === url && phone !== undefined) !== true)
    throw notFound();
  return withParticipant(meeting, participantId, (before) => ({
    ...before,
    devices: before.devices.filter(({ key }) => key !== url),
  }));
}
