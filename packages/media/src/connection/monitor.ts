import type { Clock } from '../kit.js';
import { createNormaliser } from '../stats/normalise.js';
import { createQualityMonitor, type NetworkQuality } from '../stats/quality.js';
import { count, indexReport } from '../stats/report.js';
import { createSpeakingDetector } from '../stats/speaking.js';
import type { MediaStats } from '../stats/types.js';
import { createFlow, type FlowFinding } from './flow.js';
import type { Session } from './session.js';
import type { MediaConnectionEvents } from './types.js';

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
  readonly onFlow: (finding: FlowFinding) => void;
}

/** Measures the present session at intervals. What it has counted goes on over sessions. */
export interface Monitor {
  readonly stats: MediaStats | undefined;
  readonly quality: Readonly<Partial<Record<'audio' | 'video', NetworkQuality>>>;
  start(session: Session): void;
  stop(): void;
}

/** Levels are looked at this often, so that an end of speech is known within a second. */
const levelsMs = 250;

export function createMonitor({
  clock,
  intervalMs,
  oneWayMs,
  sending,
  emit,
  onFlow,
}: MonitorOptions): Monitor {
  const normaliser = createNormaliser();
  const quality = createQualityMonitor();
  const speakers = { local: createSpeakingDetector(), remote: createSpeakingDetector() };
  let stats: MediaStats | undefined;
  let sessions = 0;
  let stopNow: (() => void) | undefined;

  const hear = (side: 'local' | 'remote', level: number): void => {
    const detector = speakers[side];
    if (detector.add(level, clock.now())) emit('speaking', { side, speaking: detector.speaking });
  };

  return {
    get stats() {
      return stats;
    },
    quality: quality.now,
    start(session) {
      stopNow?.();
      if (intervalMs === 0) return;
      let on = true;
      sessions += 1;
      const name = String(sessions);
      const flow = createFlow(oneWayMs, stats);
      const slotOf = (mid: string | undefined, trackId: string | undefined): string | undefined => {
        const transceiver = session.pc
          .getTransceivers()
          .find((one) =>
            mid === undefined
              ? trackId !== undefined &&
                (one.receiver.track.id === trackId || one.sender.track?.id === trackId)
              : one.mid === mid,
          );
        return transceiver && session.slots.nameOf(transceiver);
      };
      /** Runs again and again, never twice at a time; a report that fails is left out. */
      const every = (ms: number, work: () => Promise<void>): (() => void) => {
        let cancel: () => void = () => undefined;
        const next = (): void => {
          cancel = clock.after(
            ms,
            () => {
              work()
                .catch(() => undefined)
                .finally(() => {
                  if (on) next();
                });
            },
            { unref: true },
          );
        };
        next();
        return () => {
          cancel();
        };
      };
      const cancels = [
        every(intervalMs, async () => {
          const report = await session.report();
          if (!on) return;
          stats = normaliser.read(report, clock.now(), name, slotOf);
          onFlow(flow.add(stats, sending(), session.connected));
          emit('stats', stats);
          for (const judged of quality.add(stats)) emit('networkQuality', judged);
        }),
        every(Math.min(levelsMs, intervalMs), async () => {
          for (const transceiver of session.pc.getTransceivers()) {
            if (transceiver.receiver.track.kind !== 'audio') continue;
            const { sender, receiver } = transceiver;
            const [out, incoming] = await Promise.all([sender.getStats(), receiver.getStats()]);
            if (!on) return;
            const [source] = indexReport(out).of('media-source');
            const [inbound] = indexReport(incoming).of('inbound-rtp');
            hear('local', sender.track?.enabled === true ? count(source, 'audioLevel') : 0);
            hear('remote', count(inbound, 'audioLevel'));
            return;
          }
        }),
      ];
      stopNow = () => {
        on = false;
        for (const cancel of cancels) cancel();
        for (const side of ['local', 'remote'] as const) hear(side, 0);
      };
    },
    stop() {
      stopNow?.();
      stopNow = undefined;
    },
  };
}
