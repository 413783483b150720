// Which of two states of a meeting is newer. @source protocol/meetings-signalling.md §6.1

/** Version of a Locus: single numbers, and a range of numbers that are all included. `0` and `0` is not a range. */
export interface LocusSequence {
  readonly entries: readonly number[];
  readonly rangeStart: number;
  readonly rangeEnd: number;
}

/** How the current sequence relates to the incoming one. `desync`: neither contains the other. */
export type SequenceOrder = 'greater' | 'less' | 'equal' | 'desync';

const hasRange = ({ rangeStart, rangeEnd }: LocusSequence): boolean => rangeStart !== 0 || rangeEnd !== 0;
const inRange = (entry: number, { rangeStart, rangeEnd }: LocusSequence): boolean =>
  entry >= rangeStart && entry <= rangeEnd;
const lowest = ({ entries, rangeStart }: LocusSequence): number => rangeStart || (entries[0] ?? 0);
const highest = ({ entries, rangeEnd }: LocusSequence): number => entries.at(-1) ?? rangeEnd;
const uniqueTo = (sequence: LocusSequence, other: LocusSequence): readonly number[] =>
  sequence.entries.filter((entry) => !other.entries.includes(entry) && !inRange(entry, other));
const isInside = (entry: number, sequence: LocusSequence): boolean =>
  entry > lowest(sequence) && entry < highest(sequence);

const order = (current: number, incoming: number): SequenceOrder => {
  if (current === incoming) return 'equal';
  return current > incoming ? 'greater' : 'less';
};

/** Whether the sequence says nothing: it compares with no other one. */
export const isEmptySequence = (sequence: LocusSequence): boolean =>
  sequence.entries.length === 0 && !hasRange(sequence);

/**
 * Compares two versions of the same Locus.
 *
 * @example compareSequences({ entries: [4], … }, { entries: [5], … }) // 'less': the incoming one is newer
 */
export function compareSequences(current: LocusSequence, incoming: LocusSequence): SequenceOrder {
  if (lowest(current) > highest(incoming)) return 'greater';
  if (highest(current) < lowest(incoming)) return 'less';
  const ours = uniqueTo(current, incoming);
  const theirs = uniqueTo(incoming, current);
  const [our] = ours;
  const [their] = theirs;
  if (our === undefined && their === undefined)
    return order(current.rangeEnd - lowest(current), incoming.rangeEnd - lowest(incoming));
  if (their === undefined) return 'greater';
  if (our === undefined) return 'less';
  if (
    (!hasRange(current) && !hasRange(incoming)) ||
    ours.some((entry) => isInside(entry, incoming)) ||
    theirs.some((entry) => isInside(entry, current))
  )
    return 'desync';
  return order(our, their);
}
