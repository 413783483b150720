// Notices who has gone without leaving: a closed page, a crash, a call that no one answers.
import type { Mercury } from '../mercury/api.js';
import type { Devices } from '../devices/api.js';
import type { LiveMeetings } from './live.js';
import { hasEnded, type Device, type Meeting } from './model.js';
import { leave, unanswered } from './rules/joining.js';
import { keepAliveSecs } from './show.js';

/** ms without socket and media after which a device is taken for gone: a page that is loaded again is back by then */
const absentMs = 30_000;
/** ms that a person in the lobby may be silent */
const silentMs = 3 * keepAliveSecs * 1000;
/** ms that a call rings */
const ringingMs = 60_000;
export const checkEveryMs = 5_000;

export interface Attendance {
  /** A device in the lobby is still there. */
  seen(deviceKey: string): void;
  /** Looks at every meeting; called every {@link checkEveryMs}. */
  check(): Promise<void>;
}

export function createAttendance(
  live: LiveMeetings,
  mercury: Pick<Mercury, 'deviceConnected'>,
  devices: Pick<Devices, 'existing'>,
  now: () => number,
): Attendance {
  /** when each device was last there */
  const lastSeen = new Map<string, number>();
  /** when a person was first found ringing */
  const ringing = new Map<string, number>();

  const isThere = ({ key, media, isWaiting, phone }: Device): boolean =>
    phone !== undefined || mercury.deviceConnected(key) || (!isWaiting && media?.connected === true);

  async function checkMeeting(meeting: Meeting, current: Set<string>): Promise<void> {
    const nowMs = now();
    const present = meeting.participants.flatMap(({ id, devices: all }) =>
      all.flatMap((device) => (device.state === 'JOINED' || device.isWaiting ? [{ id, device }] : [])),
    );
    const registered = await devices.existing(
      present.flatMap(({ device }) => (device.phone === undefined ? [device.key] : [])),
    );
    for (const { id, device } of present) {
      current.add(device.key);
      if (isThere(device)) lastSeen.set(device.key, nowMs);
      else if (!lastSeen.has(device.key)) lastSeen.set(device.key, nowMs);
      const silent = nowMs - (lastSeen.get(device.key) ?? nowMs);
      const removed = device.phone === undefined && !registered.has(device.key);
      if (removed || silent > (device.isWaiting ? silentMs : absentMs))
        await live.change(meeting.id, (before, at) =>
          hasEnded(before) ? before : leave(before, id, { deviceKey: device.key, reason: 'INACTIVE' }, at),
        );
    }
    for (const { id, state } of meeting.participants) {
      if (state !== 'NOTIFIED') continue;
      current.add(id);
      const since = ringing.get(id) ?? nowMs;
      ringing.set(id, since);
      if (nowMs - since > ringingMs)
        await live.change(meeting.id, (before, at) => unanswered(before, id, at));
    }
  }

  return {
    seen: (deviceKey) => {
      lastSeen.set(deviceKey, now());
    },
    check: async () => {
      const current = new Set<string>();
      for (const meeting of await live.held()) await checkMeeting(meeting, current);
      for (const known of [lastSeen, ringing])
        for (const key of known.keys()) if (!current.has(key)) known.delete(key);
    },
  };
}
