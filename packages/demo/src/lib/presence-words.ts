/** A person's presence in text, shown beside a dot and read by screen readers. */
const words: Readonly<Record<string, string>> = {
  active: 'Active',
  inactive: 'Away',
  call: 'On a call',
  meeting: 'In a meeting',
  presenting: 'Presenting',
  calendarItem: 'In a meeting',
  dnd: 'Do not disturb',
  ooo: 'Out of office',
};
export const presenceWords = (status: string): string => words[status] ?? 'Not known';
export const isPresenceKnown = (status: string): boolean => status in words;
