// Reading what browsers report: every field may be missing, of another type, or NaN.

/** One entry of an RTCStatsReport. */
export type Entry = Readonly<Record<string, unknown>>;
/** The part of RTCStatsReport that is read. */
export interface Report {
  forEach(each: (entry: Entry) => void): void;
}

/** A finite number of 0 or more; else 0. */
export const count = (entry: Entry | undefined, key: string): number => maybe(entry, key) ?? 0;
/** A finite number of 0 or more; else undefined. */
export const maybe = (entry: Entry | undefined, key: string): number | undefined => {
  const value = entry?.[key];
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
};
export const text = (entry: Entry | undefined, key: string): string | undefined => {
  const value = entry?.[key];
  return typeof value === 'string' && value !== '' ? value : undefined;
};
/** Seconds in the report, milliseconds here. */
export const milliseconds = (entry: Entry | undefined, key: string): number | undefined => {
  const seconds = maybe(entry, key);
  return seconds === undefined ? undefined : round(seconds * 1000);
};
/** Three digits after the point are enough for anybody, and hide the noise of floating point. */
export const round = (value: number): number => Math.round(value * 1000) / 1000;
/** `part` of `whole` in percent, 0 to 100; 0 when there is no whole. */
export const percent = (part: number, whole: number): number =>
  whole > 0 ? round(Math.min(100, (100 * Math.max(0, part)) / whole)) : 0;

/** Entries by id and by type. */
export interface Indexed {
  readonly byId: ReadonlyMap<string, Entry>;
  of(type: string): readonly Entry[];
  /** the entry whose id is in this field */
  ref(entry: Entry | undefined, key: string): Entry | undefined;
}

export function indexReport(report: Report): Indexed {
  const byId = new Map<string, Entry>();
  const byType = new Map<string, Entry[]>();
  report.forEach((entry) => {
    byId.set(String(entry['id']), entry);
    const type = String(entry['type']);
    const list = byType.get(type);
    if (list) list.push(entry);
    else byType.set(type, [entry]);
  });
  return {
    byId,
    of: (type) => byType.get(type) ?? [],
    ref: (entry, key) => {
      const id = text(entry, key);
      return id === undefined ? undefined : byId.get(id);
    },
  };
}

/** The candidate pair in use. */
export function selectedPair(index: Indexed): Entry | undefined {
  for (const transport of index.of('transport')) {
    const pair = index.ref(transport, 'selectedCandidatePairId');
    if (pair) return pair;
  }
  // Firefox has no transport entries, but marks the pair
  return index.of('candidate-pair').find((pair) => pair['selected'] === true && pair['nominated'] === true);
}
