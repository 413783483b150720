// Sound and picture of one meeting: brings what flows in line with what the meeting says.
import type { AudioMix, MediaServer, Recorder, RecordingSummary } from '@trunkline/media-server';
import type { RoapMessage } from '@trunkline/wire';
import type { Logger } from 'pino';
import { ApiError } from '../../../kernel/http/errors.js';
import type { DeviceMedia, Meeting } from '../model.js';
import { createLeg, type Leg } from './leg.js';
import { planMedia, type MediaPlan } from './plan.js';

/** Who speaks: device keys, the loudest first, and the one whose picture is shown. */
export interface Speaking {
  readonly speaking: readonly string[];
  readonly dominant: string | undefined;
}

export interface ConferenceParts {
  readonly server: MediaServer;
  readonly log: Logger;
  /** Media of a device was negotiated, flows, or stopped flowing. */
  changed(deviceKey: string, media: DeviceMedia): Promise<void>;
  speakers(meeting: Meeting, speaking: Speaking): void;
  /** Where a recording is written that begins now. */
  recordingFile(): Promise<string>;
  /** A recording was ended, and is in its file. */
  recorded(
    recording: Pick<RecordingSummary, 'path' | 'empty'> & { readonly durationMs: number | undefined },
  ): Promise<void>;
}

export interface Conference {
  /** Takes a ROAP message of a device that is in, and returns what to answer. */
  receive(deviceKey: string, mediaId: string, message: RoapMessage): Promise<readonly RoapMessage[]>;
  /** The meeting changed. */
  update(meeting: Meeting): void;
  /** Sends tones to all others. */
  sendDtmf(deviceKey: string, tones: string): Promise<void>;
  close(): Promise<void>;
}

/** speakers that are remembered */
const mostSpeakers = 50;

export async function createConference(parts: ConferenceParts): Promise<Conference> {
  const { server, log } = parts;
  const legs = new Map<string, Promise<Leg>>();
  const live = new Map<string, Leg>();
  const mix: AudioMix = await server.createMix();
  let speakers: readonly string[] = [];
  let recorder: Recorder | undefined;
  let meeting: Meeting | undefined;
  let closed = false;

  const trouble = (error: unknown): void => {
    log.warn({ err: error }, 'media: a change of a meeting could not be carried out');
  };
  const attempt = async (run: () => Promise<unknown> | undefined): Promise<void> => {
    try {
      await run();
    } catch (error) {
      trouble(error);
    }
  };

  mix.on('speakers', ({ speaking, dominant }) => {
    if (dominant !== undefined && dominant !== speakers[0])
      speakers = [dominant, ...speakers.filter((key) => key !== dominant)].slice(0, mostSpeakers);
    if (meeting !== undefined) parts.speakers(meeting, { speaking, dominant });
    reconcile();
  });

  // one pass at a time; what changes meanwhile is in the next one
  let running: Promise<void> | undefined;
  let again = false;
  function reconcile(): void {
    if (closed) return;
    if (running !== undefined) {
      again = true;
      return;
    }
    running = (async () => {
      do {
        again = false;
        await pass();
      } while (again as boolean);
    })()
      .catch(trouble)
      .finally(() => {
        running = undefined;
      });
  }

  async function pass(): Promise<void> {
    const now = meeting;
    if (now === undefined) return;
    const plan = planMedia(now, [...live.values()], speakers);
    for (const [key, leg] of live)
      if (!plan.sights.has(key)) {
        live.delete(key);
        legs.delete(key);
        await attempt(() => mix.leave(key));
        await attempt(() => leg.close());
      }
    for (const leg of live.values()) {
      await listen(leg, plan);
      await show(leg, 'video', plan);
      await show(leg, 'slides', plan);
    }
    await attempt(() => record(now, plan));
  }

  /** What the media server was given last, by leg or recorder and by name. */
  const applied = new WeakMap<object, Map<string, string>>();
  /** Carries a wish out if it is another than the last one; one that failed is tried again at the next pass. */
  async function apply(
    of: object,
    name: string,
    wish: string,
    run: () => Promise<unknown> | undefined,
  ): Promise<void> {
    const known = applied.get(of) ?? new Map<string, string>();
    applied.set(of, known);
    if (known.get(name) === wish) return;
    await attempt(async () => {
      await run();
      known.set(name, wish);
    });
  }

  async function listen(leg: Leg, plan: MediaPlan): Promise<void> {
    const mid = leg.mid('audio');
    if (mid === undefined) return;
    const membership = `${mid} ${String(leg.sendsAudio)}`;
    await apply(leg, 'mix', membership, () =>
      mix.join({
        participant: leg.deviceKey,
        track: leg.sendsAudio ? leg.transport.track(mid) : undefined,
        slot: leg.transport.slot(mid),
      }),
    );
    // the mix keeps mutes of its members only
    if (applied.get(leg)?.get('mix') !== membership) return;
    const muted = plan.muted.has(leg.deviceKey);
    await apply(leg, 'mute', String(muted), () => mix.setMuted(leg.deviceKey, muted));
  }

  /** What a device sends; null when it is not there. */
  const trackOf = (source: { readonly deviceKey: string; readonly kind: 'video' | 'slides' } | undefined) => {
    const leg = source && live.get(source.deviceKey);
    const mid = source && leg?.mid(source.kind);
    return leg === undefined || mid === undefined ? null : leg.transport.track(mid);
  };

  async function show(leg: Leg, kind: 'video' | 'slides', plan: MediaPlan): Promise<void> {
    const mid = leg.mid(kind);
    const slot = mid === undefined ? undefined : leg.transport.slot(mid);
    if (slot === undefined) return;
    const deviceKey = plan.sights.get(leg.deviceKey)?.[kind];
    const track = trackOf(deviceKey === undefined ? undefined : { deviceKey, kind });
    await apply(leg, kind, track?.id ?? '', () => slot.route(track));
  }

  async function record({ recording }: Meeting, plan: MediaPlan): Promise<void> {
    if (recording?.isOn !== true) {
      await stopRecording();
      return;
    }
    const now = (recorder ??= await startRecording());
    const sound = recording.isPaused ? null : mix.track;
    const picture = recording.isPaused ? null : trackOf(plan.recorded);
    await apply(now, 'sound', sound?.id ?? '', () => now.route('sound', sound));
    await apply(now, 'picture', picture?.id ?? '', () => now.route('picture', picture));
  }

  async function startRecording(): Promise<Recorder> {
    const started = await server.createRecorder({
      path: await parts.recordingFile(),
      tracks: [
        { name: 'sound', kind: 'audio' },
        { name: 'picture', kind: 'video' },
      ],
    });
    started.on('ended', ({ reason }) => {
      if (recorder !== started) return;
      log.warn({ reason }, 'media: a recording ended by itself; what follows is another one');
      void attempt(stopRecording).then(reconcile);
    });
    return started;
  }

  async function stopRecording(): Promise<void> {
    const ending = recorder;
    if (ending === undefined) return;
    recorder = undefined;
    // an engine that was killed leaves a file that can be played up to there, and no summary
    const lost = { path: ending.path, durationMs: undefined, empty: false };
    await parts.recorded(await ending.stop().catch(() => lost));
  }

  const open = (deviceKey: string): Promise<Leg> => {
    let leg = legs.get(deviceKey);
    if (leg === undefined) {
      const report = (): void => {
        const media = live.get(deviceKey)?.media;
        if (media !== undefined && !closed) void attempt(() => parts.changed(deviceKey, media));
      };
      leg = createLeg(server, deviceKey, { connected: report, negotiated: reconcile });
      legs.set(deviceKey, leg);
      leg.then(
        (made) => {
          if (legs.get(deviceKey) === leg) live.set(deviceKey, made);
          else void attempt(() => made.close());
        },
        () => legs.delete(deviceKey),
      );
    }
    return leg;
  };

  return {
    receive: async (deviceKey, mediaId, message) => {
      if (closed) throw new ApiError(409, 'The meeting has ended.');
      const leg = await open(deviceKey);
      const messages = await leg.receive(mediaId, message);
      if (leg.media !== undefined) await parts.changed(deviceKey, leg.media);
      return messages;
    },
    update: (now) => {
      meeting = now;
      reconcile();
    },
    sendDtmf: async (deviceKey, tones) => {
      const from = participantOfDevice(meeting, deviceKey);
      await Promise.all(
        [...live.values()].map(async (leg) => {
          if (participantOfDevice(meeting, leg.deviceKey) === from) return;
          const mid = leg.mid('audio');
          // clients that do not offer tones get none
          if (mid !== undefined) await attempt(() => leg.transport.slot(mid)?.sendDtmf(tones));
        }),
      );
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await running;
      await attempt(stopRecording);
      await attempt(() => mix.close());
      for (const leg of live.values()) await attempt(() => leg.close());
      live.clear();
      legs.clear();
    },
  };
}

const participantOfDevice = (meeting: Meeting | undefined, deviceKey: string): string | undefined =>
  meeting?.participants.find(({ devices }) => devices.some(({ key }) => key === deviceKey))?.id;
