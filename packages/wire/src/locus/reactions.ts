/** Reactions that a meeting takes. @source protocol/meetings-signalling.md §9 */
export const reactionTypes = [
  'smile',
  'sad',
  'wow',
  'haha',
  'celebrate',
  'clap',
  'thumb_up',
  'thumb_down',
  'heart',
  'fire',
  'prayer',
  'speed_up',
  'slow_down',
] as const;
export type ReactionType = (typeof reactionTypes)[number];
