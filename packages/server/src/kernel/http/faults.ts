import type { FastifyInstance } from 'fastify';
import { randomUUID } from 'node:crypto';
import { ApiError } from './errors.js';

/** Faults that wait for requests or sockets; the other kinds act at once. */
type LastingKind = 'refuse-sockets' | 'status' | 'delay';
export type FaultKind = LastingKind | 'drop-sockets' | 'expire-tokens' | 'pause-media';

/** What a fault applies to; each member that is given has to fit. */
export interface FaultMatch {
  /** beginning of the whole path, such as `/v1/rooms` */
  readonly path?: string;
  readonly method?: string;
  /** uuid of the person whose token is used */
  readonly userId?: string;
}

/** What a test asks the service to do wrong. */
export interface Fault {
  readonly kind: LastingKind;
  readonly match?: FaultMatch;
  readonly status?: number;
  readonly retryAfterS?: number;
  readonly delayMs?: number;
  /** how many requests it applies to; default: all until it is removed */
  readonly times?: number;
  /** ms after which it ends by itself */
  readonly forMs?: number;
}

/** What is known of a fault, also after its end. */
export interface FaultReport {
  readonly id: string;
  readonly kind: FaultKind;
  readonly match: FaultMatch;
  /** requests it applied to, sockets it refused or cut, or tokens it expired */
  readonly matched: number;
  /** whether it still applies to what comes */
  readonly active: boolean;
}

interface Entry {
  readonly id: string;
  readonly kind: FaultKind;
  readonly fault: Omit<Fault, 'kind'>;
  matched: number;
  left: number;
  readonly endsMs: number;
  removed: boolean;
}

export interface Faults {
  /** Starts a fault; returns its id. */
  add(fault: Fault): string;
  /** Records a fault that acted at once, such as cut sockets; returns its id. */
  done(kind: FaultKind, match: FaultMatch | undefined, matched: number): string;
  /** Ends a fault. False when there was none with that id, or it was removed before. */
  remove(id: string): boolean;
  /** Undefined for an unknown id; the newest 1,000 that are over are remembered. */
  report(id: string): FaultReport | undefined;
  list(): readonly FaultReport[];
  /** Counts the request for the first active fault that fits, and returns that fault. */
  strike(kind: LastingKind, request: Asked): Promise<Omit<Fault, 'kind'> | undefined>;
  close(): void;
}

interface Asked {
  /** without the query */
  readonly path: string;
  readonly method: string;
  /** of the person whose token was shown; undefined when there was none */
  userId(): Promise<string | undefined>;
}

const remembered = 1000;

export function createFaults(now: () => number): Faults & { delayed(ms: number): Promise<void> } {
  const active = new Map<string, Entry>();
  const over = new Map<string, Entry>();
  const waiting = new Map<NodeJS.Timeout, () => void>();

  // kept, so that a test can remove a fault that is over, and read how often it matched
  const end = (entry: Entry): void => {
    active.delete(entry.id);
    over.set(entry.id, entry);
    for (const oldest of over.keys()) {
      if (over.size <= remembered) break;
      over.delete(oldest);
    }
  };
  const entryOf = (kind: FaultKind, fault: Omit<Fault, 'kind'>): Entry => ({
    id: randomUUID(),
    kind,
    fault,
    matched: 0,
    left: fault.times ?? Infinity,
    endsMs: fault.forMs === undefined ? Infinity : now() + fault.forMs,
    removed: false,
  });
  const reportOf = (entry: Entry): FaultReport => ({
    id: entry.id,
    kind: entry.kind,
    match: entry.fault.match ?? {},
    matched: entry.matched,
    active: active.has(entry.id) && entry.endsMs > now(),
  });

  async function fits(match: Fault['match'], asked: Asked): Promise<boolean> {
    if (match === undefined) return true;
    if (match.path !== undefined && !asked.path.startsWith(match.path)) return false;
    if (match.method !== undefined && asked.method !== match.method.toUpperCase()) return false;
    return match.userId === undefined || (await asked.userId()) === match.userId;
  }

  return {
    add: (fault) => {
      const entry = entryOf(fault.kind, fault);
      active.set(entry.id, entry);
      return entry.id;
    },
    done: (kind, match, matched) => {
      const entry = entryOf(kind, match === undefined ? {} : { match });
      entry.matched = matched;
      end(entry);
      return entry.id;
    },
    remove: (id) => {
      const entry = active.get(id) ?? over.get(id);
      if (entry === undefined || entry.removed) return false;
      entry.removed = true;
      if (active.has(id)) end(entry);
      return true;
    },
    report: (id) => {
      const entry = active.get(id) ?? over.get(id);
      return entry === undefined ? undefined : reportOf(entry);
    },
    list: () => [...over.values(), ...active.values()].map(reportOf),
    strike: async (kind, asked) => {
      for (const entry of [...active.values()]) {
        if (entry.endsMs <= now()) {
          end(entry);
          continue;
        }
        if (entry.kind !== kind || !(await fits(entry.fault.match, asked))) continue;
        // while the caller was looked up, another request may have used the last one
        if (entry.left <= 0 || entry.removed) continue;
        entry.left -= 1;
        entry.matched += 1;
        if (entry.left <= 0) end(entry);
        return entry.fault;
      }
      return undefined;
    },
    delayed: (ms) =>
      new Promise((resolve) => {
        const timer = setTimeout(() => {
          waiting.delete(timer);
          resolve();
        }, ms);
        waiting.set(timer, resolve);
      }),
    close: () => {
      active.clear();
      for (const [timer, resolve] of waiting) {
        clearTimeout(timer);
        resolve();
      }
      waiting.clear();
    },
  };
}

/** Applies faults to requests before anything else looks at them; never to administration and `/healthz`. */
export function faultHook(
  app: FastifyInstance,
  faults: ReturnType<typeof createFaults>,
  userIdOf: (authorization: string | undefined) => Promise<string | undefined>,
): void {
  app.addHook('onRequest', async (request) => {
    const path = request.url.split('?', 1)[0] ?? '';
    if (path.startsWith('/admin/') || path === '/healthz') return;
    const asked: Asked = {
      path,
      method: request.method,
      userId: () => userIdOf(request.headers.authorization),
    };
    const slow = await faults.strike('delay', asked);
    if (slow?.delayMs !== undefined) await faults.delayed(slow.delayMs);
    const bad = await faults.strike('status', asked);
    if (bad !== undefined)
      throw new ApiError(bad.status ?? 500, 'A fault that an administrator set answers this request.', {
        ...(bad.retryAfterS === undefined ? {} : { retryAfterS: bad.retryAfterS }),
      });
  });
}
