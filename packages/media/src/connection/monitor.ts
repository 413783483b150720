import type { Clock } from '../kit.js';
import { createNormaliser } from '../stats/normalise.js';
import { createQualityMonitor, type NetworkQuality } from '../stats/quality.js';
import { count, indexReport } from '../stats/report.js';
import { createSpeakingDetector } from '../stats/speaking.js';
import type { MediaStats } from '../stats/types.js';
import { createFlow, hasFlowed } from './flow.js';
import type { Session } from './session.js';
import type { MediaConnectionEvents, ProblemDirection } from './types.js';

export interface MonitorOptions {
  readonly clock: Clock;
  /** 0: nothing is measured */
  readonly intervalMs: number;
  readonly oneWayMs: number;
  readonly sending: () => boolean;
  readonly emit: <Type extends 'stats' | 'networkQuality' | 'speaking'>(
    type: Type,
    event: MediaConnectionEvents[Type],
  ) => void;
  /** media flows on this peer connection; called once for each */
  readonly onFlows: () => void;
  /** called after each measurement */
  readonly onBlocked: (direction: ProblemDirection | undefined) => void;
}

/** Measures the present session at intervals. What it has counted goes on over sessions. */
export interface Monitor {
  readonly stats: MediaStats | undefined;
  readonly quality: Readonly<Partial<Record<'audio' | 'video', NetworkQuality>>>;
  /** Whether someone speaks now. */
  readonly speaking: Readonly<Record<'local' | 'remote', boolean>>;
  start(session: Session): void;
  stop(): void;
}

/** Levels are looked at this often, so that an end of speech is known within a second. */
const levelsMs = 250;
/** The first media is looked for this often. */
const firstMediaMs = 100;

export function createMonitor(options: MonitorOptions): Monitor {
  const { clock, intervalMs, sending, emit } = options;
  const normaliser = createNormaliser();
  const quality = createQualityMonitor();
  const speakers = { local: createSpeakingDetector(), remote: createSpeakingDetector() };
  let stats: MediaStats | undefined;
  let sessions = 0;
  let stopNow: (() => void) | undefined;

  const addLevel = (side: 'local' | 'remote', level: number | undefined): void => {
    const detector = speakers[side];
    if (detector.add(level ?? 0, clock.now(), level === undefined))
      emit('speaking', { side, speaking: detector.speaking });
  };
  /** Runs again and again, never twice at a time, until stopped or done; a report that fails is left out. */
  const every = (ms: number, work: () => Promise<'done' | undefined>): (() => void) => {
    let on = true;
    let cancel: () => void = () => undefined;
    const isOn = (): boolean => on;
    const round = async (): Promise<void> => {
      const outcome = await work().catch(() => undefined);
      if (isOn() && outcome === undefined) next();
    };
    const next = (): void => {
      cancel = clock.after(ms, () => void round(), { unref: true });
    };
    next();
    return () => {
      on = false;
      cancel();
    };
  };

  const slotOf =
    ({ pc, slots }: Session) =>
    (mid: string | undefined, trackId: string | undefined): string | undefined => {
      const found = pc
        .getTransceivers()
        .find((one) =>
          mid === undefined
            ? trackId !== undefined && [one.receiver.track.id, one.sender.track?.id].includes(trackId)
            : one.mid === mid,
        );
      return found && slots.nameOf(found);
    };
  /** Local and remote; undefined while muted, or without audio. */
  const levels = async ({ pc }: Session): Promise<readonly (number | undefined)[]> => {
    const audio = pc.getTransceivers().find(({ receiver }) => receiver.track.kind === 'audio');
    if (audio === undefined) return [];
    const { sender, receiver } = audio;
    const [out, incoming] = await Promise.all([sender.getStats(), receiver.getStats()]);
    const [source] = indexReport(out).of('media-source');
    const [inbound] = indexReport(incoming).of('inbound-rtp');
    return [
      sender.track?.enabled === true ? count(source, 'audioLevel') : undefined,
      count(inbound, 'audioLevel'),
    ];
  };

  return {
    get stats() {
      return stats;
    },
    quality: quality.now,
    get speaking() {
      return { local: speakers.local.speaking, remote: speakers.remote.speaking };
    },
    start(session) {
      stopNow?.();
      if (intervalMs === 0) return;
      let on = true;
      sessions += 1;
      const name = String(sessions);
      const flow = createFlow(options.oneWayMs);
      let flowed = false;
      const isConnected = (): boolean => session.connected;
      const cancels = [
        every(firstMediaMs, async () => {
          if (!isConnected()) return undefined;
          const report = await session.report();
          if (!on || !isConnected() || !hasFlowed(report, sending())) return undefined;
          flowed = true;
          options.onFlows();
          return 'done';
        }),
        every(intervalMs, async () => {
          const report = await session.report();
          if (!on) return undefined;
          stats = normaliser.read(report, clock.now(), name, slotOf(session));
          if (flowed) options.onBlocked(flow.add(stats, sending(), session.connected));
          emit('stats', stats);
          for (const judged of quality.add(stats)) emit('networkQuality', judged);
          return undefined;
        }),
        every(Math.min(levelsMs, intervalMs), async () => {
          const [local, remote] = await levels(session);
          if (!on) return undefined;
          addLevel('local', local);
          addLevel('remote', remote);
          return undefined;
        }),
      ];
      stopNow = () => {
        on = false;
        for (const cancel of cancels) cancel();
        for (const side of ['local', 'remote'] as const) addLevel(side, undefined);
      };
    },
    stop() {
      stopNow?.();
      stopNow = undefined;
    },
  };
}
