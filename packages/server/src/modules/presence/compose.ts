// Many things are known of a person at once; one of them is shown. No clock and no store in here.

/** What a client may say of its person. `active` and `inactive` come from machines, the others mostly from people. */
export const eventTypes = [
  'dnd',
  'presenting',
  'meeting',
  'call',
  'ooo',
  'calendarItem',
  'active',
  'inactive',
] as const;
export type EventType = (typeof eventTypes)[number];
/** Only a machine says this: it is weaker than all the others. */
const fromDevices: EventType = 'inactive';

export const isEventType = (value: string): value is EventType =>
  (eventTypes as readonly string[]).includes(value);

/** ms without a sign of life after which a user is inactive. @source protocol/presence-devices-support.md §11 */
export const idleMs = 600_000;
/** ms that a socket may be away before its person is: longer than a reconnect takes */
export const graceMs = 10_000;

export interface Said {
  /** no two of one person are the same: the greatest was said last */
  readonly setMs: number;
  /** undefined: until it is taken back */
  readonly expiresMs: number | undefined;
}

/** Everything known of one person. Times are epoch ms. */
export interface Known {
  readonly events: ReadonlyMap<EventType, Said>;
  readonly connected: boolean;
  /** the last socket closed */
  readonly disconnectedMs: number | undefined;
  /** since when they have been doing things, without a pause of {@link idleMs} */
  readonly busySinceMs: number | undefined;
  readonly lastActiveMs: number | undefined;
}

export interface Composed {
  readonly status: EventType | 'unknown';
  /** when it began */
  readonly sinceMs: number | undefined;
  /** when the event behind it ends; undefined: it does not, or it is none */
  readonly expiresMs: number | undefined;
  /** when a user must look again, though nothing happens until then */
  readonly nextMs: number | undefined;
}

const stands = (event: Said | undefined, nowMs: number): event is Said =>
  event !== undefined && (event.expiresMs === undefined || event.expiresMs > nowMs);

function byDevices(known: Known, nowMs: number): Omit<Composed, 'nextMs'> & { readonly untilMs?: number } {
  const { events, connected, disconnectedMs, busySinceMs, lastActiveMs } = known;
  const inactive = events.get(fromDevices);
  if (stands(inactive, nowMs))
    return { status: 'inactive', sinceMs: inactive.setMs, expiresMs: inactive.expiresMs };
  if (lastActiveMs === undefined) return { status: 'unknown', sinceMs: undefined, expiresMs: undefined };
  const idleAtMs = lastActiveMs + idleMs;
  const goneAtMs = connected ? Infinity : (disconnectedMs ?? -Infinity) + graceMs;
  const endsMs = Math.min(idleAtMs, goneAtMs);
  if (nowMs < endsMs)
    return { status: 'active', sinceMs: busySinceMs ?? lastActiveMs, expiresMs: undefined, untilMs: endsMs };
  return {
    status: 'inactive',
    sinceMs: Number.isFinite(endsMs) ? Math.max(endsMs, lastActiveMs) : lastActiveMs,
    expiresMs: undefined,
  };
}

/**
 * What is shown: what was said last, of what still stands, whatever it is (`inactive` apart); else what the person's
 * devices let us see.
 */
export function compose(known: Known, nowMs: number): Composed {
  const ends = [...known.events.values()].flatMap(({ expiresMs }) =>
    expiresMs !== undefined && expiresMs > nowMs ? [expiresMs] : [],
  );
  const next = (more?: number): number | undefined => {
    const all = more === undefined ? ends : [...ends, more];
    return all.length === 0 ? undefined : Math.min(...all);
  };
  let last: readonly [EventType, Said] | undefined;
  for (const entry of known.events)
    if (
      entry[0] !== fromDevices &&
      stands(entry[1], nowMs) &&
      entry[1].setMs >= (last?.[1].setMs ?? -Infinity)
    )
      last = entry;
  if (last !== undefined) {
    const [status, { setMs, expiresMs }] = last;
    return { status, sinceMs: setMs, expiresMs, nextMs: next() };
  }
  const { untilMs, ...shown } = byDevices(known, nowMs);
  return { ...shown, nextMs: next(untilMs) };
}
