const dayMs = 86_400_000;
const startOfDay = (atMs: number): number => new Date(atMs).setHours(0, 0, 0, 0);

export const clockTime = (iso: string): string =>
  new Date(iso).toLocaleTimeString(undefined, { hour: '2-digit', minute: '2-digit' });

export const fullTime = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'full', timeStyle: 'short' });

/** "Today", "Yesterday", a weekday of the last week, else the date. */
export function dayLabel(iso: string, nowMs = Date.now()): string {
  const date = new Date(iso);
  const days = Math.round((startOfDay(nowMs) - startOfDay(date.getTime())) / dayMs);
  if (days <= 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days < 7) return date.toLocaleDateString(undefined, { weekday: 'long' });
  const sameYear = date.getFullYear() === new Date(nowMs).getFullYear();
  return date.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'long',
    ...(!sameYear && { year: 'numeric' }),
  });
}

/** For a list: the time today, else the day. */
export function shortWhen(iso: string, nowMs = Date.now()): string {
  const label = dayLabel(iso, nowMs);
  if (label === 'Today') return clockTime(iso);
  if (label === 'Yesterday') return label;
  const date = new Date(iso);
  return nowMs - date.getTime() < 7 * dayMs
    ? date.toLocaleDateString(undefined, { weekday: 'short' })
    : date.toLocaleDateString(undefined, { day: 'numeric', month: 'short' });
}

export const sameDay = (a: string, b: string): boolean =>
  startOfDay(Date.parse(a)) === startOfDay(Date.parse(b));

/** With seconds, the same width everywhere. */
export const exactClock = (atMs: number): string =>
  new Date(atMs).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
