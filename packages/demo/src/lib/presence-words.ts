/** What is said of a person's presence, for the eye beside a dot and for who hears the page. */
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
