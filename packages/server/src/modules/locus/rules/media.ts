// What devices send and receive, and the mutes of their users.
import { ApiError, notFound } from '../../../kernel/http/errors.js';
import {
  isIn,
  participantById,
  withDevice,
  withParticipant,
  without,
  type Device,
  type DeviceMedia,
  type Meeting,
  type Participant,
} from '../model.js';

/** The participant and the device, which must be in. People in the lobby have no media. */
export function requireDevice(
  meeting: Meeting,
  participantId: string,
  deviceKey: string,
): { readonly participant: Participant; readonly device: Device } {
  const participant = participantById(meeting, participantId);
  const device = participant?.devices.find(({ key }) => key === deviceKey);
  if (participant === undefined || device === undefined) throw notFound();
  if (!isIn(participant) || device.state !== 'JOINED')
    throw new ApiError(409, 'This device is not in the meeting. Join first, or wait to be admitted.');
  return { participant, device };
}

/** What was agreed in an offer and its answer. Without `media` the device has none (any more). */
export function setMedia(
  meeting: Meeting,
  participantId: string,
  deviceKey: string,
  media: DeviceMedia | undefined,
): Meeting {
  const before = participantById(meeting, participantId)?.devices.find(({ key }) => key === deviceKey);
  if (JSON.stringify(before?.media) === JSON.stringify(media)) return meeting;
  return withParticipant(meeting, participantId, (participant) =>
    withDevice(participant, deviceKey, (device) => ({
      ...without(device, 'media'),
      ...(media !== undefined && { media }),
    })),
  );
}

/** Media of a device flows, or stopped flowing: its client is to negotiate again. */
export function setConnected(meeting: Meeting, deviceKey: string, connected: boolean): Meeting {
  const participant = meeting.participants.find(({ devices }) =>
    devices.some(({ key }) => key === deviceKey),
  );
  const media = participant?.devices.find(({ key }) => key === deviceKey)?.media;
  if (participant === undefined || media === undefined || media.connected === connected) return meeting;
  return setMedia(meeting, participant.id, deviceKey, { ...media, connected });
}

/** After a restart of the service no media flows. */
export function withoutMedia(meeting: Meeting): Meeting {
  const keys = meeting.participants.flatMap(({ devices }) =>
    devices.flatMap(({ key, media }) => (media?.connected === true ? [key] : [])),
  );
  return keys.reduce((before, key) => setConnected(before, key, false), meeting);
}

/** The user's own mutes, as their client says them. Unmuting answers a moderator's request. */
export function setLocalMute(
  meeting: Meeting,
  participantId: string,
  { audio, video }: { readonly audio?: boolean | undefined; readonly video?: boolean | undefined },
): Meeting {
  const before = participantById(meeting, participantId);
  if (before === undefined) throw notFound();
  const isSame =
    (audio ?? before.audio.localMuted) === before.audio.localMuted &&
    (video ?? before.video.localMuted) === before.video.localMuted;
  if (isSame) return meeting;
  return withParticipant(meeting, participantId, (participant) => {
    const { requestedMs, ...rest } = participant.audio;
    return {
      ...participant,
      audio: {
        ...rest,
        ...(requestedMs !== undefined && audio !== false && { requestedMs }),
        ...(audio !== undefined && { localMuted: audio }),
      },
      video: { ...participant.video, ...(video !== undefined && { localMuted: video }) },
    };
  });
}
