/** Two letters that stand for a person. */
export function initialsOf(name: string): string {
  const words = name.split(/[\s._@-]+/).filter((word) => /\p{L}/u.test(word));
  const [first = '?', ...more] = words;
  return `${firstLetter(first)}${firstLetter(more.at(-1) ?? '')}`.toUpperCase();
}

const firstLetter = (word: string): string => String.fromCodePoint(...[word.codePointAt(0) ?? []].flat());

/** The same hue, 0 to 359, for the same text. */
export function hueOf(text: string): number {
  let hash = 7;
  for (const character of text) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 99_991;
  return (hash * 137) % 360;
}

export function sizeOf(bytes: number): string {
  if (bytes < 1024) return `${String(bytes)} B`;
  const units = ['KB', 'MB', 'GB'];
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 9.95 ? value.toFixed(1) : value.toFixed(0)} ${units[unit] ?? ''}`;
}

/** Whether the words say more than their letters: only then they travel as markdown. */
export const looksLikeMarkdown = (text: string): boolean =>
  /[*_`~]\S|^\s{0,3}(#{1,6}|[-+>]|\d+[.)])\s|\]\(|<@/m.test(text);

/** One line of a message, for lists and announcements. */
export const oneLine = (text: string, most = 140): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
};

export const emailLike = (text: string): boolean => /^[^\s@]+@[^\s@]+$/.test(text.trim());
