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
/** Of those, what wins over devices, strongest first. */
const said = ['dnd', 'presenting', 'meeting', 'call', 'ooo', 'calendarItem'] as const;

export const isEventType = (value: string): value is EventType =>
  (eventTypes as readonly string[]).includes(value);

/** ms without a sign of life after which somebody is inactive. @source protocol/presence-devices-support.md §11 */
export const idleMs = 600_000;
/** ms that a socket may be away before its person is: longer than a reconnect takes */
export const graceMs = 10_000;

export interface Said {
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
  /** when somebody must look again, though nothing happens until then */
  readonly nextMs: number | undefined;
}

const stands = (event: Said | undefined, nowMs: number): event is Said =>
  event !== undefined && (event.expiresMs === undefined || event.expiresMs > nowMs);

function byDevices(known: Known, nowMs: number): Omit<Composed, 'nextMs'> & { readonly untilMs?: number } {
  const { events, connected, disconnectedMs, busySinceMs, lastActiveMs } = known;
  const active = events.get('active');
  if (stands(active, nowMs))
    return {
      status: 'active',
      sinceMs: Math.min(active.setMs, busySinceMs ?? Infinity),
      expiresMs: active.expiresMs,
    };
  const inactive = events.get('inactive');
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
 * What is shown: dnd, presenting, meeting, call, ooo, calendarItem, in this order, as long as they were said; else what
 * the person's devices let us see.
 */
export function compose(known: Known, nowMs: number): Composed {
  const ends = [...known.events.values()].flatMap(({ expiresMs }) =>
    expiresMs !== undefined && expiresMs > nowMs ? [expiresMs] : [],
  );
  const next = (more?: number): number | undefined => {
    const all = more === undefined ? ends : [...ends, more];
    return all.length === 0 ? undefined : Math.min(...all);
  };
  for (const type of said) {
    const event = known.events.get(type);
    if (stands(event, nowMs))
      return { status: type, sinceMs: event.setMs, expiresMs: event.expiresMs, nextMs: next() };
  }
  const { untilMs, ...shown } = byDevices(known, nowMs);
  return { ...shown, nextMs: next(untilMs) };
}
