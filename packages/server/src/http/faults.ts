import { randomUUID } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './errors.js';

/** What a test asks the service to do wrong. @source design.md §4, POST /admin/v1/faults */
export interface Fault {
  readonly kind: 'refuse-sockets' | 'status' | 'delay';
  readonly match?: { readonly path?: string; readonly method?: string; readonly userId?: string };
  readonly status?: number;
  readonly retryAfterS?: number;
  readonly delayMs?: number;
  /** how often it strikes; default: until it is removed */
  readonly times?: number;
  /** ms after which it ends by itself */
  readonly forMs?: number;
}

interface Active {
  readonly fault: Fault;
  left: number;
  readonly endsMs: number;
}

export interface Faults {
  add(fault: Fault): string;
  /** The id of one that struck at once and is over, such as cut sockets. */
  done(): string;
  /** False when there was none of that id. */
  remove(id: string): boolean;
  /** Uses up one strike of the first active fault that fits. */
  strike(kind: Fault['kind'], request: Asked): Promise<Fault | undefined>;
  close(): void;
}

interface Asked {
  /** without the query */
  readonly path: string;
  readonly method: string;
  /** of the person whose token was shown; undefined when there was none */
  userId(): Promise<string | undefined>;
}

export function createFaults(now: () => number): Faults & { delayed(ms: number): Promise<void> } {
  const active = new Map<string, Active>();
  const over = new Set<string>();
  const waiting = new Map<NodeJS.Timeout, () => void>();

  // whoever cleans up after one that is over is not told that it never was
  const end = (id: string): void => {
    active.delete(id);
    if (over.size >= 1000) over.clear();
    over.add(id);
  };

  async function fits(match: Fault['match'], asked: Asked): Promise<boolean> {
    if (match === undefined) return true;
    if (match.path !== undefined && !asked.path.startsWith(match.path)) return false;
    if (match.method !== undefined && asked.method !== match.method.toUpperCase()) return false;
    return match.userId === undefined || (await asked.userId()) === match.userId;
  }

  return {
    add: (fault) => {
      const id = randomUUID();
      active.set(id, {
        fault,
        left: fault.times ?? Infinity,
        endsMs: fault.forMs === undefined ? Infinity : now() + fault.forMs,
      });
      return id;
    },
    done: () => {
      const id = randomUUID();
      end(id);
      return id;
    },
    remove: (id) => active.delete(id) || over.delete(id),
    strike: async (kind, asked) => {
      for (const [id, entry] of active) {
        if (entry.endsMs <= now()) {
          end(id);
          continue;
        }
        if (entry.fault.kind !== kind || !(await fits(entry.fault.match, asked))) continue;
        // while we looked up who asks, another request may have used the last one
        if (entry.left <= 0) continue;
        entry.left -= 1;
        if (entry.left <= 0) end(id);
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

/** Strikes requests before anything else looks at them; administration is spared. */
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
