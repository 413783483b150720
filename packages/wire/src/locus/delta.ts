// What to do with a state of a meeting that arrived. @source protocol/meetings-signalling.md §6.2
import type { Locus, LocusDelta, LocusParticipant } from './dto.js';
import { compareSequences, isEmptySequence } from './sequence.js';

/**
 * - `take`: it replaces what is known
 * - `apply`: merge it with {@link applyLocusDelta}
 * - `keep`: it is old or the same; ignore it
 * - `wait`: a delta before it is missing; it may still come
 * - `sync`: ask the service for the whole state or for what is missing
 * - `moved`: the meeting goes on at another URL; fetch that one
 */
export type LocusAction = 'take' | 'apply' | 'keep' | 'wait' | 'sync' | 'moved';

/** Whether it carries only what changed. */
export const isLocusDelta = (locus: Locus | LocusDelta): locus is LocusDelta => 'baseSequence' in locus;

/** Decides about a whole Locus or a delta. @param current the working copy; undefined when there is none yet */
export function locusActionFor(
  current: Pick<Locus, 'url' | 'sequence'> | undefined,
  incoming: Locus | LocusDelta,
): LocusAction {
  if (!isLocusDelta(incoming)) return actionForWhole(current, incoming);
  // nothing to merge it into
  if (current === undefined) return 'sync';
  if (isEmptySequence(current.sequence) || isEmptySequence(incoming.sequence)) return 'sync';
  switch (compareSequences(current.sequence, incoming.sequence)) {
    case 'greater':
    case 'equal':
      return 'keep';
    case 'desync':
      return 'sync';
    case 'less':
  }
  if (incoming.url !== current.url) return 'moved';
  switch (compareSequences(current.sequence, incoming.baseSequence)) {
    case 'greater':
    case 'equal':
      return 'apply';
    case 'desync':
      return 'sync';
    case 'less':
      // the service says in this way that the delta was too large for the socket
      return compareSequences(incoming.baseSequence, incoming.sequence) === 'equal' ? 'sync' : 'wait';
  }
}

function actionForWhole(current: Pick<Locus, 'url' | 'sequence'> | undefined, incoming: Locus): LocusAction {
  if (current === undefined || isEmptySequence(current.sequence) || isEmptySequence(incoming.sequence))
    return 'take';
  switch (compareSequences(current.sequence, incoming.sequence)) {
    case 'less':
      return 'take';
    case 'desync':
      return 'sync';
    case 'greater':
    case 'equal':
      return 'keep';
  }
}

function mergedParticipants(
  known: readonly LocusParticipant[],
  changed: readonly LocusParticipant[],
): readonly LocusParticipant[] {
  const byId = new Map(known.map((participant) => [participant.id, participant]));
  for (const participant of changed) byId.set(participant.id, participant);
  return [...byId.values()];
}

/** The Locus after a delta: participants are merged by id, every other field that is present replaces the old one. */
export function applyLocusDelta(current: Locus, delta: LocusDelta): Locus {
  const changed: Partial<Locus> & { baseSequence?: unknown } = { ...delta };
  delete changed.baseSequence;
  const { participants } = delta;
  return {
    ...current,
    ...changed,
    participants:
      participants === undefined
        ? current.participants
        : mergedParticipants(current.participants, participants),
  };
}
