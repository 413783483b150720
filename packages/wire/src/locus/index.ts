export { applyLocusDelta, isLocusDelta, locusActionFor, type LocusAction } from './delta.js';
export type * from './dto.js';
export { reactionTypes, type ReactionType } from './reactions.js';
export { compareSequences, isEmptySequence, type LocusSequence, type SequenceOrder } from './sequence.js';
