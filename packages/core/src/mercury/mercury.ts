import {
  applyHeaders,
  meaningOfClose,
  type BufferStateData,
  type EventFrame,
  type WdmDevice,
} from '@trunkline/wire';
import type { Clock } from '../clock.js';
import type { Credentials } from '../credentials/credentials.js';
import type { Devices } from '../device/devices.js';
import { isSdkError, sdkError, type SdkError } from '../errors.js';
import { createEmitter, type Emitter } from '../events.js';
import type { CallInit, Gap, GapOutcome, ResolvedConfig } from '../host.js';
import type { Logger } from '../log.js';
import { backoffMs, deferred, race, type Deferred } from '../wait.js';
import { openConnection, type Connection, type ConnectionEnd } from './connection.js';
import { createCatchUp, type CatchUp } from './catch-up.js';
import { onOnline } from './online.js';
import { RecentIds } from './recent-ids.js';
import type { Socket, SocketConstructor, SocketEvents, SocketState } from './socket.js';
import { socketUrl } from './socket-url.js';
import type { WireListeners } from './wire-listeners.js';

export interface MercuryParts {
  readonly WebSocket: () => SocketConstructor;
  readonly clock: Clock;
  readonly log: Logger;
  readonly config: ResolvedConfig;
  readonly credentials: Credentials;
  readonly devices: Devices;
  readonly listeners: WireListeners;
  readonly session: string;
  readonly report: (error: unknown, context: string) => void;
  readonly trace: (source: string, type: string, event: unknown) => void;
}

export interface Mercury {
  readonly socket: Socket;
  connect(init?: CallInit): Promise<WdmDevice>;
  readonly onGap: (listener: (gap: Gap) => Promise<GapOutcome>) => () => void;
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
  const { clock, log, config, credentials, devices, listeners, report } = parts;
  const timings = config.mercury;
  const events: Emitter<SocketEvents> = createEmitter<SocketEvents>(
    (error, type) => {
      report(error, `a listener of socket.on('${type}')`);
    },
    undefined,
    (type, event) => {
      parts.trace('socket', type, event);
    },
  );
  const catchUp: CatchUp = createCatchUp(events, report);
  const recent = new RecentIds();
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
    const cancel = clock.after(
      delayMs,
      () => {
        pending.delete(now);
        act();
      },
      { unref: true },
    );
    const now = (): void => {
      pending.delete(now);
      cancel();
      act();
    };
    pending.add(now);
    return () => {
      pending.delete(now);
      cancel();
    };
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
  /** For good, until somebody connects again. */
  const finish = (reason: string, error: unknown): void => {
    run += 1;
    stopWaiting();
    const left = [standby, old];
    active = standby = old = undefined;
    for (const connection of left) void connection?.close(1000, 'Done', 2_000);
    aloneSinceMs ??= everOpen ? clock.now() : undefined;
    const unheard = waiter;
    waiter = undefined;
    go('closed', reason);
    unheard?.reject(error);
  };
  const retry = (reason: string, error: unknown, atOnce = false): void => {
    if (closedBy) return;
    run += 1;
    active = undefined;
    if (failures >= timings.maxRetries) {
      finish(
        reason,
        sdkError(
          'ERR_SOCKET_REFUSED',
          `the socket could not be opened in ${String(failures + 1)} attempts: ${reason}`,
          { cause: error, retryable: true },
        ),
      );
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
      if (tokenMayCome) {
        waiter?.reject(error);
        waiter = undefined;
      }
      retry(code ?? 'failed', error);
    } else finish(code ?? 'failed', error);
  };
  /** Opens one connection. `adopt` gets it in the same turn in which it comes to be, so that closing always finds it. */
  const open = async (
    adopt: (connection: Connection) => void,
    onOpened: (first: EventFrame, device: WdmDevice) => void,
    onClosed: (end: ConnectionEnd, token: string) => void,
  ): Promise<void> => {
    const mine = run;
    const device = await devices.ensure();
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
  const attempt = async (): Promise<void> => {
    if (closedBy) return;
    const mine = (run += 1);
    go('connecting');
    try {
      await open(
        (connection) => {
          active = connection;
        },
        isOpen,
        (end, token) => {
          if (mine === run) ended(end, token);
        },
      );
    } catch (error) {
      if (mine === run) failed(error);
    }
  };
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
    const heard = waiter;
    waiter = undefined;
    heard?.resolve(device);
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
      standby?.close(1000, 'Done', 2_000).catch(() => undefined);
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
        finish(
          'replaced',
          sdkError(
            'ERR_SOCKET_REPLACED',
            'another socket of this device took over; connect again to take it back',
          ),
        );
        return;
      case 'unauthorized':
        void renew(token);
        return;
      case 'unknown-device':
        void reregister(reason);
        return;
      case 'permanent':
        finish(
          reason,
          code === 4403
            ? sdkError('ERR_FORBIDDEN', 'the service does not let this user open a socket (4403)')
            : sdkError(
                'ERR_SOCKET_REFUSED',
                `the service closed the socket for good: ${reason} (${String(code)})`,
              ),
        );
    }
  };
  const distrustNumbers = (): void => {
    const now = clock.now();
    if (now - sequenceGapAtMs < SEQUENCE_TRUST_MS && !catchUp.redelivers) {
      checkSequence = false;
      log.warn({}, 'the service does not number its frames one by one: numbers are no longer looked at');
    }
    sequenceGapAtMs = now;
  };
  const renew = async (token: string): Promise<void> => {
    const mine = (run += 1);
    go('connecting', 'unauthorized');
    try {
      await credentials.rejected(token);
      if (mine !== run) return;
      const again = refusedNow;
      refusedNow = true;
      retry('unauthorized', undefined, !again);
    } catch (error) {
      if (mine === run) failed(error);
    }
  };
  const reregister = async (reason: string): Promise<void> => {
    const mine = (run += 1);
    go('connecting', reason);
    try {
      await devices.refresh();
      if (mine === run) retry(reason, undefined);
    } catch (error) {
      if (mine === run) failed(error);
    }
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
            void before?.close(1000, 'Done', 2_000);
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
    socket: {
      on: events.on,
      once: events.once,
      get state() {
        return state;
      },
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
    onGap: catchUp.onGap,
    disconnect: async () => {
      if (state === 'idle' || state === 'closed') return;
      const open = active;
      replacing = false;
      finish(
        'disconnected',
        sdkError('ERR_SOCKET_REFUSED', 'disconnect() came while the socket was being opened', {
          retryable: true,
        }),
      );
      await open?.close(1000, 'Done', 2_000);
    },
    wake: () => {
      if (state !== 'waiting') return;
      stopWaiting();
      void attempt();
    },
    close: async (error) => {
      closedBy = error;
      run += 1;
      stopWaiting();
      const all = [active, standby, old];
      active = standby = old = undefined;
      waiter?.reject(error);
      waiter = undefined;
      go('closed', 'client closed');
      await Promise.all(all.map((connection) => connection?.close(1000, 'Done', 2_000) ?? Promise.resolve()));
      for (const act of [...pending]) act();
      events.removeAllListeners();
    },
  };
}
