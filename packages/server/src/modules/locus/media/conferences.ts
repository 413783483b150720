// The meetings that have sound and picture now.
import type { RoapMessage } from '@trunkline/wire';
import { mkdir, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Kernel } from '../../../kernel/kernel.js';
import type { Media } from '../../media/api.js';
import type { Mercury } from '../../mercury/api.js';
import { eventUrls } from '../../../kernel/http/urls.js';
import type { LiveMeetings } from '../live.js';
import { hasEnded, isIn, type Meeting } from '../model.js';
import { setConnected, setMedia } from '../rules/media.js';
import { locusUrl } from '../urls.js';
import { createConference, type Conference, type Speaking } from './conference.js';

export interface Conferences {
  /** Takes a ROAP message of a device that is in. */
  receive(
    meeting: Meeting,
    deviceKey: string,
    mediaId: string,
    message: RoapMessage,
  ): ReturnType<Conference['receive']>;
  sendDtmf(meetingId: string, deviceKey: string, tones: string): Promise<void>;
  close(): Promise<void>;
}

/** A recording that was ended. */
export interface FinishedRecording {
  readonly meetingId: string;
  readonly file: string;
  readonly startedMs: number;
  readonly durationMs: number;
  readonly byteLength: number;
  /** nothing of anyone is in it */
  readonly isEmpty: boolean;
}

export function createConferences(
  kernel: Kernel,
  media: Media,
  mercury: Pick<Mercury, 'sendToUsers'>,
  live: LiveMeetings,
  recorded: (recording: FinishedRecording) => Promise<void>,
): Conferences {
  const { config, log } = kernel;
  const open = new Map<string, Promise<Conference>>();
  let folder: Promise<string> | undefined;

  const recordingFolder = async (): Promise<string> => {
    if (config.data === 'memory') return mkdtemp(path.join(tmpdir(), 'trunkline-recordings-'));
    const kept = path.join(config.data, 'recordings');
    await mkdir(kept, { recursive: true });
    return kept;
  };

  /** Notifies those who is in who speaks, by participant. */
  function announceSpeakers(meeting: Meeting, { speaking, dominant }: Speaking): void {
    const byDevice = new Map(
      meeting.participants.flatMap(({ id, devices }) => devices.map(({ key }) => [key, id] as const)),
    );
    const ids = (keys: readonly string[]): readonly string[] => [
      ...new Set(keys.flatMap((key) => byDevice.get(key) ?? [])),
    ];
    mercury.sendToUsers(
      meeting.participants.filter(isIn).flatMap(({ userId }) => userId ?? []),
      {
        eventType: 'meeting.speakers_changed',
        locusUrl: locusUrl(eventUrls, meeting.id),
        speaking: ids(speaking),
        ...(dominant !== undefined && { dominant: byDevice.get(dominant) }),
      },
    );
  }

  async function start(meetingId: string): Promise<Conference> {
    let startedMs = 0;
    return createConference({
      server: await media.server(),
      log,
      changed: async (deviceKey, agreed) => {
        await live.change(meetingId, (meeting) => {
          const participant = meeting.participants.find(({ devices }) =>
            devices.some(({ key, state }) => key === deviceKey && state === 'JOINED'),
          );
          return participant === undefined
            ? meeting
            : setConnected(setMedia(meeting, participant.id, deviceKey, agreed), deviceKey, agreed.connected);
        });
      },
      speakers: announceSpeakers,
      recordingFile: async () => {
        folder ??= recordingFolder();
        startedMs = kernel.now();
        return path.join(await folder, `${meetingId}-${String(startedMs)}.webm`);
      },
      recorded: async ({ path: file, durationMs = kernel.now() - startedMs, empty }) => {
        const { size } = await stat(file);
        await recorded({ meetingId, file, startedMs, durationMs, byteLength: size, isEmpty: empty });
      },
    });
  }

  const end = async (meetingId: string): Promise<void> => {
    const conference = open.get(meetingId);
    open.delete(meetingId);
    await (await conference?.catch(() => undefined))?.close();
  };

  live.onChange((_before, after) => {
    if (hasEnded(after)) {
      end(after.id).catch((error: unknown) => {
        log.warn({ err: error }, 'media: a meeting could not be closed');
      });
      return;
    }
    void open.get(after.id)?.then(
      (conference) => {
        conference.update(after);
      },
      () => undefined,
    );
  });

  return {
    receive: async (meeting, deviceKey, mediaId, message) => {
      let conference = open.get(meeting.id);
      if (conference === undefined) {
        conference = start(meeting.id);
        open.set(meeting.id, conference);
        conference.catch(() => open.delete(meeting.id));
      }
      const ready = await conference;
      ready.update((await live.find(meeting.id)) ?? meeting);
      return ready.receive(deviceKey, mediaId, message);
    },
    sendDtmf: async (meetingId, deviceKey, tones) => {
      await (await open.get(meetingId))?.sendDtmf(deviceKey, tones);
    },
    close: async () => {
      await Promise.all([...open.keys()].map(end));
      if (config.data === 'memory' && folder !== undefined)
        await rm(await folder, { recursive: true, force: true });
    },
  };
}
