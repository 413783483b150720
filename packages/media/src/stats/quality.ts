import type { MediaStats, OutboundStats } from './types.js';

/** The limits above which the uplink counts as bad. */
export const qualityLimits = { lossPercent: 9, rttMs: 500, jitterMs: 500 } as const;

/** How well the own media gets to the other side. */
export interface NetworkQuality {
  readonly kind: 'audio' | 'video';
  /** 1 is good, 0 is bad */
  readonly score: 0 | 1;
  readonly lossPercent: number;
  readonly rttMs: number | undefined;
  readonly jitterMs: number | undefined;
  /** which limits are exceeded; empty when good */
  readonly reasons: readonly ('loss' | 'rtt' | 'jitter')[];
}

/** Judges one outbound measurement. */
export function qualityOf({ kind, lossPercent, rttMs, jitterMs }: OutboundStats): NetworkQuality {
  const reasons = [
    lossPercent > qualityLimits.lossPercent && ('loss' as const),
    (rttMs ?? 0) > qualityLimits.rttMs && ('rtt' as const),
    (jitterMs ?? 0) > qualityLimits.jitterMs && ('jitter' as const),
  ].filter((reason) => reason !== false);
  return { kind, score: reasons.length === 0 ? 1 : 0, lossPercent, rttMs, jitterMs, reasons };
}

export interface QualityMonitor {
  /** The latest judgement by kind. */
  readonly now: Readonly<Partial<Record<'audio' | 'video', NetworkQuality>>>;
  /** Takes a measurement; returns the kinds whose score changed, and those judged for the first time. */
  add(stats: MediaStats): readonly NetworkQuality[];
}

/**
 * Judges the uplink, of the main audio and video. One bad interval is enough to report it; `good` needs several in a row, so
 * that a display does not flicker.
 *
 * @param goodIntervals default 3
 */
export function createQualityMonitor(goodIntervals = 3): QualityMonitor {
  const now: Partial<Record<'audio' | 'video', NetworkQuality>> = {};
  const good = { audio: 0, video: 0 };
  return {
    now,
    add({ outbound }) {
      return outbound.flatMap((one) => {
        // slides share the path of the main video
        if (one.slot === 'slides' || one.reportedAtMs === undefined) return [];
        const judged = qualityOf(one);
        const before = now[one.kind];
        good[one.kind] = judged.score === 1 ? good[one.kind] + 1 : 0;
        if (before?.score === 0 && judged.score === 1 && good[one.kind] < goodIntervals) return [];
        now[one.kind] = judged;
        return before?.score === judged.score ? [] : [judged];
      });
    },
  };
}
