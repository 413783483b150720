import {
  applyHeaders,
  meaningOfClose,
  type BufferStateData,
  type EventFrame,
  type WdmDevice,
} from '@trunkline/wire';
import type { Clock } from '../../kernel/clock.js';
import type { Credentials } from '../../kernel/credentials/credentials.js';
import { isSdkError, sdkError, type SdkError } from '../../kernel/errors.js';
import { createBoundedSet } from '../../kit/bounded-set.js';
import type { Emitter } from '../../kit/events.js';
import type { CallInit, ResolvedConfig } from '../../kernel/host.js';
import type { Logger } from '../../kernel/log.js';
import { backoffMs, deferred, race, type Deferred } from '../../kit/wait.js';
import type { Connection, ConnectionEnd } from './connection.js';
import { createCatchUp, type GapListener } from './catch-up.js';
import type { Transport } from '../transport.js';
import { onOnline } from './online.js';
import type { SocketConstructor, SocketEvents, SocketState } from '../../kernel/socket.js';
import { socketUrl } from './socket-url.js';
import type { WireListeners } from '../../kernel/wire-listeners.js';

export interface MercuryParts {
  readonly WebSocket: () => SocketConstructor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ResolvedConfig;
  readonly credentials: Credentials;
  readonly transport: Transport;
  readonly listeners: WireListeners;
  readonly gapListeners: ReadonlySet<GapListener>;
  readonly events: Emitter<SocketEvents>;
  readonly session: string;
  /** @throws {SdkError} when the token must not be sent to this URL */
  readonly checkSocketUrl: (url: string) => Promise<void>;
  readonly report: (error: unknown, context: string) => void;
  readonly trace: (source: string, type: string, event: unknown) => void;
}

export interface Mercury {
  readonly state: SocketState;
  connect(init?: CallInit): Promise<WdmDevice>;
  /** Closed until somebody connects again. */
  readonly disconnect: () => Promise<void>;
  /** A good token has appeared: what waits for one tries again now. */
  wake(): void;
  close(error: SdkError): Promise<void>;
}

// after a switch-over the service closes the old socket; should it forget, we do it
const OLD_SOCKET_MS = 60_000;
// a service whose numbers jump again so soon does not number as we think
const SEQUENCE_TRUST_MS = 60_000;

/** The state machine around the socket. @source protocol/device-and-mercury.md §4-§6 */
export function createMercury(parts: MercuryParts): Mercury {
  const { clock, log, config, credentials, listeners, report } = parts;
  const { devices, open: openConnection } = parts.transport;
  const timings = config.mercury;
  const { events } = parts;
  const catchUp = createCatchUp(events, parts.gapListeners, report);
  const recent = createBoundedSet(5_000);
  const handling = new Map<string, Promise<void>>(); // frames whose listeners are still at work

  let state: SocketState = 'idle';
  let active: Connection | undefined; // delivers; open or opening
  let standby: Connection | undefined; // the next one, while a switch-over is under way
  let old: Connection | undefined; // the one before, until the service closes it
  let waiter: Deferred<WdmDevice> | undefined;
  let run = 0; // stale attempts see that they are
  let failures = 0;
  let openedAtMs = 0;
  let everOpen = false;
  let aloneSinceMs: number | undefined; // since when nothing arrives
  let lastDeviceUrl: string | undefined;
  let replacing = false; // a shutdown was announced
  let refusedNow = false; // the last end was a refused token, and it has been refreshed for it
  let checkSequence = true;
  let sequenceGapAtMs = Number.NEGATIVE_INFINITY;
  let cancelWait: (() => void) | undefined;
  let closedBy: SdkError | undefined;

  const pending = new Set<() => void>();
  const later = (delayMs: number, act: () => void): (() => void) => {
    const off = (): void => {
      pending.delete(now);
      cancel();
    };
    const now = (): void => {
      off();
      act();
    };
    const cancel = clock.after(delayMs, now, { unref: true });
    pending.add(now);
    return off;
  };
  const go = (to: SocketState, reason?: string, retryInMs?: number): void => {
    if (state === to) return;
    const from = state;
    state = to;
    log.info({ from, to, reason, retryInMs }, 'socket');
    events.emit('state', {
      from,
      to,
      ...(reason !== undefined && { reason }),
      ...(retryInMs !== undefined && { retryInMs }),
    });
  };
  const stopWaiting = (): void => {
    cancelWait?.();
    cancelWait = undefined;
  };
  const takeWaiter = (): Deferred<WdmDevice> | undefined => {
    const taken = waiter;
    waiter = undefined;
    return taken;
  };
  /** For good, until somebody connects again. Resolves when all connections are gone. */
  const finish = async (reason: string, error: unknown): Promise<void> => {
    run += 1;
    stopWaiting();
    const left = [active, standby, old];
    active = standby = old = undefined;
    replacing = false;
    aloneSinceMs ??= everOpen ? clock.now() : undefined;
    takeWaiter()?.reject(error);
    go('closed', reason);
    await Promise.all(left.map(async (connection) => connection?.close()));
  };
  const retry = (reason: string, error: unknown, atOnce = false): void => {
    if (closedBy) return;
    run += 1;
    active = undefined;
    if (failures >= timings.maxRetries) {
      const message = `the socket could not be opened in ${String(failures + 1)} attempts: ${reason}`;
      void finish(reason, sdkError('ERR_SOCKET_REFUSED', message, { cause: error, retryable: true }));
      return;
    }
    const delayMs = atOnce ? 0 : backoffMs(failures, timings.backoffBaseMs, timings.backoffMaxMs);
    failures += 1;
    stopWaiting();
    const next = (): void => {
      stopWaiting();
      void attempt();
    };
    const cancelTimer = clock.after(delayMs, next);
    const offline = onOnline(() => {
      failures = 0;
      next();
    });
    cancelWait = () => {
      cancelTimer();
      offline();
    };
    go('waiting', reason, delayMs);
  };
  /** What to do when device, token or constructor failed. */
  const failed = (error: unknown): void => {
    if (closedBy) return;
    const code = isSdkError(error) ? error.code : undefined;
    const mayPass = isSdkError(error) && error.retryable;
    const tokenMayCome = code === 'ERR_AUTH_EXPIRED' && everOpen && credentials.renewable;
    if (mayPass || tokenMayCome) {
      if (tokenMayCome) takeWaiter()?.reject(error);
      retry(code ?? 'failed', error);
    } else void finish(code ?? 'failed', error);
  };
  /** Opens one connection. `adopt` gets it in the same turn in which it comes to be, so that closing always finds it. */
  const open = async (
    adopt: (connection: Connection) => void,
    onOpened: (first: EventFrame, device: WdmDevice) => void,
    onClosed: (end: ConnectionEnd, token: string) => void,
  ): Promise<void> => {
    const mine = run;
    const device = await devices.ensure();
    await parts.checkSocketUrl(device.webSocketUrl);
    const token = await credentials.get();
    if (mine !== run || closedBy) return;
    const connection = openConnection({
      WebSocket: parts.WebSocket(),
      clock,
      log,
      token,
      url: socketUrl(device.webSocketUrl, clock.now(), config.device.ttlS !== undefined),
      session: parts.session,
      later,
      timings,
      checkSequence,
      opened: (first) => {
        onOpened(first, device);
      },
      frame: received,
      shutdown: (reason) => {
        if (connection === active && state === 'open') switchOver(device.webSocketUrl, reason);
      },
      latency: (ms) => {
        events.emit('latency', { ms });
      },
      closed: (end) => {
        onClosed(end, token);
      },
    });
    adopt(connection);
  };
  /** One step on the way to an open socket. Nothing follows from it when another has begun meanwhile. */
  const step = async (
    reason: string | undefined,
    work: (mine: number) => Promise<unknown>,
    next?: () => void,
  ): Promise<void> => {
    if (closedBy) return;
    const mine = (run += 1);
    go('connecting', reason);
    try {
      await work(mine);
      if (mine === run) next?.();
    } catch (error) {
      if (mine === run) failed(error);
    }
  };
  const attempt = (): Promise<void> =>
    step(undefined, (mine) =>
      open(
        (connection) => {
          active = connection;
        },
        isOpen,
        (end, token) => {
          if (mine === run) ended(end, token);
        },
      ),
    );
  const isOpen = (first: EventFrame, device: WdmDevice): void => {
    openedAtMs = clock.now();
    refusedNow = false;
    replacing = false;
    const sameDevice = lastDeviceUrl === undefined || lastDeviceUrl === device.url;
    lastDeviceUrl = device.url;
    const gap = aloneSinceMs === undefined ? undefined : { sinceMs: aloneSinceMs, untilMs: openedAtMs };
    aloneSinceMs = undefined;
    everOpen = true;
    go('open');
    takeWaiter()?.resolve(device);
    catchUp.opened(first.data as BufferStateData, gap, sameDevice, openedAtMs);
  };
  /** The delivering connection has ended. */
  const ended = (end: ConnectionEnd, token: string): void => {
    const { code, own } = end;
    const reason = end.reason === '' ? `close code ${String(code)}` : end.reason;
    const wasOpen = end.authorized;
    if (wasOpen) {
      aloneSinceMs = own === 'pong' && active ? active.aliveMs : clock.now();
      // the service is there: one that did not last is no full success, but no reason to stay away for long either
      failures = clock.now() - openedAtMs >= timings.backoffBaseMs ? 0 : Math.min(failures, 1);
    }
    if (own === 'sequence') distrustNumbers();
    // our second socket takes over when it is ready; the service may close the first one early
    if (standby !== undefined || replacing) {
      active = undefined;
      void standby?.close();
      standby = undefined;
      replacing = false;
      retry('maintenance', undefined, true);
      return;
    }
    const meaning = own === undefined ? meaningOfClose(code, end.reason, wasOpen) : 'transient';
    active = undefined;
    // wrong from the beginning, such as a certificate that is not trusted: whoever connects is told
    if (!everOpen && isSdkError(end.cause)) {
      failed(end.cause);
      return;
    }
    switch (meaning) {
      case 'transient':
        retry(own === 'timeout' ? 'no answer' : reason, sdkError('ERR_SOCKET_REFUSED', reason));
        return;
      case 'replaced':
        void finish(
          meaning,
          sdkError('ERR_SOCKET_REPLACED', 'another socket of this device took over; connect to take it back'),
        );
        return;
      case 'unauthorized':
        void step(
          meaning,
          () => credentials.rejected(token),
          () => {
            retry(meaning, undefined, !refusedNow);
            refusedNow = true;
          },
        );
        return;
      case 'unknown-device':
        void step(
          reason,
          () => devices.refresh(),
          () => {
            retry(reason, undefined);
          },
        );
        return;
      case 'permanent':
        void finish(
          reason,
          sdkError(
            code === 4403 ? 'ERR_FORBIDDEN' : 'ERR_SOCKET_REFUSED',
            `the service refuses a socket: ${reason} (${String(code)})`,
          ),
        );
    }
  };
  const distrustNumbers = (): void => {
    const now = clock.now();
    if (now - sequenceGapAtMs < SEQUENCE_TRUST_MS && !catchUp.redelivers) {
      checkSequence = false;
      log.warn({}, 'frame numbers jump: they are no longer looked at');
    }
    sequenceGapAtMs = now;
  };
  /** A second socket is opened while the first still delivers. @source §4.8 */
  const switchOver = (url: string, reason: unknown): void => {
    if (replacing) return;
    replacing = true;
    events.emit('maintenance', { url, ...(typeof reason === 'string' && { reason }) });
    const mine = run;
    let tries = 0;
    const again = (): void => {
      standby = undefined;
      if (mine !== run || !replacing) return;
      later(backoffMs(tries++, timings.backoffBaseMs, timings.backoffMaxMs), () => {
        if (mine === run && replacing) start();
      });
    };
    const start = (): void => {
      let taken = -1; // the run in which the new one delivers
      open(
        (connection) => {
          standby = connection;
        },
        (first, device) => {
          const before = active;
          active = standby;
          standby = undefined;
          old = before;
          taken = run += 1;
          isOpen(first, device);
          later(OLD_SOCKET_MS, () => {
            if (old === before) old = undefined;
            void before?.close();
          });
        },
        (end, token) => {
          if (taken < 0) again();
          else if (taken === run) ended(end, token);
        },
      ).catch(again);
    };
    start();
  };

  /** The hot path: each event frame of every connection. */
  const received = (frame: EventFrame, connection: Connection): void => {
    const { id, data } = frame;
    const fresh = recent.add(id);
    if (!fresh) {
      // it came before: acknowledged again, once its listeners are done
      const busy = handling.size === 0 ? undefined : handling.get(id);
      if (busy === undefined) connection.ack(id);
      else
        void busy.then(() => {
          connection.ack(id);
        });
    } else {
      if (data.headers !== undefined) applyHeaders(data);
      parts.trace('wire', data.eventType, data);
      const busy = listeners.dispatch(frame);
      if (busy === undefined) connection.ack(id);
      else {
        handling.set(id, busy);
        void busy.then(() => {
          handling.delete(id);
          connection.ack(id);
        });
      }
    }
    if (frame.redelivered === true) catchUp.redelivered(fresh);
  };

  return {
    get state() {
      return state;
    },
    connect: (init) => {
      if (closedBy) return Promise.reject(closedBy);
      if (init?.signal?.aborted === true) return Promise.reject(init.signal.reason as Error);
      const device = devices.current;
      if (state === 'open' && device) return Promise.resolve(device);
      waiter ??= deferred();
      const { promise } = waiter;
      if (state === 'idle' || state === 'closed') {
        failures = 0;
        void attempt();
      }
      return race(promise, init?.signal);
    },
    disconnect: async () => {
      if (state === 'idle' || state === 'closed') return;
      const message = 'disconnect() came while the socket was being opened';
      await finish('disconnected', sdkError('ERR_SOCKET_REFUSED', message, { retryable: true }));
    },
    wake: () => {
      if (state !== 'waiting') return;
      stopWaiting();
      void attempt();
    },
    close: async (error) => {
      closedBy = error;
      await finish('client closed', error);
      for (const act of [...pending]) act();
    },
  };
}
