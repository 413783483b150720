/** The reactions of the service, by name. */
export const reactionNames = ['celebrate', 'heart', 'thumbsup', 'smiley', 'haha', 'confused', 'sad'] as const;

const emoji: Readonly<Record<string, string>> = {
  ...{ celebrate: '🎉', heart: '❤️', thumbsup: '👍', smiley: '😀', haha: '😂', confused: '😕', sad: '😢' },
};
/** What stands for a reaction; one that came later than this app is shown by its name. */
export const emojiOf = (name: string): string => emoji[name] ?? (name === '' ? '•' : name);

/** Who reacted, in words: those who are known by name, and how many more. */
export function whoReacted(name: string, count: number, known: readonly string[]): string {
  const rest = count - known.length;
  const people = [...known, ...(rest > 0 ? [rest === 1 ? '1 other' : `${String(rest)} others`] : [])];
  const last = people.pop() ?? '';
  return `${people.length > 0 ? `${people.join(', ')} and ` : ''}${last}: ${name}`;
}
