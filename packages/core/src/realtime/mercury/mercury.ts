import {
  meaningOfClose,
  type BufferStateData,
  type CloseMeaning,
  type EventFrame,
  type WdmDevice,
} from '@trunkline/wire';
import type { Clock } from '../../kernel/clock.js';
import type { Credentials } from '../../kernel/credentials/credentials.js';
import { isSdkError, sdkError, type SdkError } from '../../kernel/errors.js';
import type { Emitter } from '../../kit/events.js';
import type { CallInit, ResolvedConfig } from '../../kernel/host.js';
import type { Logger } from '../../kernel/log.js';
import { backoffMs, deferred, race, type Deferred } from '../../kit/wait.js';
import type { Connection, ConnectionEnd } from './connection.js';
import { createCatchUp, type GapListener } from './catch-up.js';
import type { Transport } from '../transport.js';
import { createDelays } from './delays.js';
import { createDelivery } from './delivery.js';
import { transition, type MercuryAction, type MercuryEvent } from './machine.js';
import { onOnline } from './online.js';
import { createSequenceTrust } from './sequence-trust.js';
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
  /** listeners may be added before this part is loaded */
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
  /** Closed until someone connects again. */
  readonly disconnect: () => Promise<void>;
  /** A good token has appeared: what waits for one tries again now. */
  wake(): void;
  close(error: SdkError): Promise<void>;
}

// after a switch-over the service closes the old socket; if it does not, this side does
const oldSocketMs = 60_000;

/** What happened, for those who carry out the action. */
interface Occasion {
  /** shown in the `state` event */
  readonly reason?: string | undefined;
  readonly error?: unknown;
  /** the token that was refused */
  readonly token?: string;
  /** another attempt follows without a delay */
  readonly atOnce?: boolean;
}

/** The socket of a client: carries out what `machine.ts` decides. @source protocol/device-and-mercury.md §4-§6 */
export function createMercury(parts: MercuryParts): Mercury {
  const { clock, log, config, credentials, events } = parts;
  const { devices, open: openConnection } = parts.transport;
  const timings = config.mercury;
  const catchUp = createCatchUp(events, parts.gapListeners, parts.report);
  const receive = createDelivery({ listeners: parts.listeners, catchUp, trace: parts.trace });
  const sequence = createSequenceTrust(clock, log);
  const delays = createDelays(clock);

  let state: SocketState = 'idle';
  let closedBy: SdkError | undefined;
  let waiter: Deferred<WdmDevice> | undefined;
  let cancelWait: (() => void) | undefined;
  /** counts what was begun: what belongs to an earlier number is stale */
  let run = 0;
  const connections: {
    /** delivers; open or opening */
    active?: Connection | undefined;
    /** the next one, during a switch-over */
    standby?: Connection | undefined;
    /** the one before, until the service closes it */
    old?: Connection | undefined;
    /** a shutdown was announced */
    replacing: boolean;
  } = { replacing: false };
  const history: {
    failures: number;
    openedAtMs: number;
    everOpen: boolean;
    /** since when nothing arrives, epoch ms */
    aloneSinceMs?: number | undefined;
    deviceUrl?: string;
    /** the last connection ended with a refused token, which was renewed */
    renewedToken: boolean;
  } = { failures: 0, openedAtMs: 0, everOpen: false, renewedToken: false };

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

  // ---- the machine

  /** Does what the table says; an event without a row changes nothing. */
  const dispatch = (event: MercuryEvent, occasion: Occasion = {}): Promise<void> | undefined => {
    if (closedBy && event !== 'client-closed') return undefined;
    const next = transition(state, event);
    if (next === undefined) return undefined;
    const retries = next.action === 'wait' || next.action === 'retry-now';
    if (retries && history.failures >= timings.maxRetries)
      return dispatch('retries-exhausted', exhausted(occasion));
    return actions[next.action](occasion);
  };
  const exhausted = ({ reason, error }: Occasion): Occasion => ({
    reason,
    error: sdkError(
      'ERR_SOCKET_REFUSED',
      `the socket could not be opened in ${String(history.failures + 1)} attempts: ${reason ?? ''}`,
      { cause: error, retryable: true },
    ),
  });

  const wait = ({ reason, atOnce = false }: Occasion): void => {
    run += 1;
    connections.active = undefined;
    const delayMs = atOnce ? 0 : backoffMs(history.failures, timings.backoffBaseMs, timings.backoffMaxMs);
    history.failures += 1;
    stopWaiting();
    const due = (): void => {
      void dispatch('retry-due');
    };
    const cancelTimer = clock.after(delayMs, due);
    const offOnline = onOnline(() => {
      history.failures = 0;
      due();
    });
    cancelWait = () => {
      cancelTimer();
      offOnline();
    };
    go('waiting', reason, delayMs);
  };
  /** One step on the way to an open socket. Nothing follows from it when another has begun meanwhile. */
  const step = async (
    reason: string | undefined,
    work: (mine: number) => Promise<unknown>,
    next?: () => void,
  ): Promise<void> => {
    const mine = (run += 1);
    stopWaiting();
    go('connecting', reason);
    try {
      await work(mine);
      if (mine === run) next?.();
    } catch (error) {
      if (mine === run) failed(error);
    }
  };

  const actions: Readonly<Record<MercuryAction, (occasion: Occasion) => Promise<void> | undefined>> = {
    attempt: () =>
      step(undefined, (mine) =>
        open(
          (connection) => {
            connections.active = connection;
          },
          isOpen,
          (end, token) => {
            if (mine === run) ended(end, token);
          },
        ),
      ),
    wait: (occasion) => {
      wait(occasion);
      return undefined;
    },
    'retry-now': (occasion) => {
      wait({ ...occasion, atOnce: true });
      return undefined;
    },
    'renew-token': ({ reason, token = '' }) =>
      step(
        reason,
        () => credentials.rejected(token),
        () => {
          const atOnce = !history.renewedToken;
          history.renewedToken = true;
          void dispatch('recovered', { reason, atOnce });
        },
      ),
    'renew-device': ({ reason }) =>
      step(
        reason,
        () => devices.refresh(),
        () => {
          void dispatch('recovered', { reason });
        },
      ),
    announce: () => {
      go('open');
      return undefined;
    },
    'open-second': () => {
      openSecond();
      return undefined;
    },
    finish: async ({ reason, error }) => {
      run += 1;
      stopWaiting();
      const { active, standby, old } = connections;
      connections.active = connections.standby = connections.old = undefined;
      connections.replacing = false;
      history.aloneSinceMs ??= history.everOpen ? clock.now() : undefined;
      takeWaiter()?.reject(error);
      go('closed', reason);
      await Promise.all([active, standby, old].map(async (connection) => connection?.close()));
    },
  };

  // ---- what happens to connections

  /** Device, token or constructor failed. */
  const failed = (error: unknown): void => {
    const code = isSdkError(error) ? error.code : undefined;
    const reason = code ?? 'failed';
    const tokenMayCome = code === 'ERR_AUTH_EXPIRED' && history.everOpen && credentials.renewable;
    if (tokenMayCome) takeWaiter()?.reject(error);
    const isTransient = tokenMayCome || (isSdkError(error) && error.retryable);
    void dispatch(isTransient ? 'failed-transient' : 'failed-permanent', { reason, error });
  };
  /** Opens one connection. `adopt` gets it in the same turn in which it is created, so that closing always finds it. */
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
      later: delays.later,
      timings,
      checkSequence: sequence.checks,
      opened: (first) => {
        onOpened(first, device);
      },
      frame: receive,
      shutdown: (reason) => {
        if (connection !== connections.active || state !== 'open' || connections.replacing) return;
        const url = device.webSocketUrl;
        connections.replacing = true;
        events.emit('maintenance', { url, ...(typeof reason === 'string' && { reason }) });
        void dispatch('shutdown');
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
  const isOpen = (first: EventFrame, device: WdmDevice): void => {
    const nowMs = clock.now();
    const { deviceUrl, aloneSinceMs } = history;
    const gap = aloneSinceMs === undefined ? undefined : { sinceMs: aloneSinceMs, untilMs: nowMs };
    connections.replacing = false;
    Object.assign(history, {
      openedAtMs: nowMs,
      everOpen: true,
      renewedToken: false,
      aloneSinceMs: undefined,
      deviceUrl: device.url,
    });
    void dispatch('opened');
    takeWaiter()?.resolve(device);
    catchUp.opened(
      first.data as BufferStateData,
      gap,
      deviceUrl === undefined || deviceUrl === device.url,
      nowMs,
    );
  };
  /** The delivering connection has ended. */
  const ended = (end: ConnectionEnd, token: string): void => {
    const { code, own } = end;
    const reason = end.reason === '' ? `close code ${String(code)}` : end.reason;
    const { active, standby, replacing } = connections;
    if (end.authorized) {
      history.aloneSinceMs = own === 'pong' && active ? active.aliveMs : clock.now();
      // the service is there: a short connection is not a full success, but no reason for long delays either
      const lasted = clock.now() - history.openedAtMs >= timings.backoffBaseMs;
      history.failures = lasted ? 0 : Math.min(history.failures, 1);
    }
    if (own === 'sequence') sequence.jumped(catchUp.redelivers);
    connections.active = undefined;
    // the second connection takes over when it is ready; the service may close the first one early
    if (standby !== undefined || replacing) {
      void standby?.close();
      connections.standby = undefined;
      connections.replacing = false;
      void dispatch('ended-in-switch-over', { reason: 'maintenance' });
      return;
    }
    // wrong from the beginning, such as a certificate that is not trusted: the caller of connect must know
    if (!history.everOpen && isSdkError(end.cause)) {
      failed(end.cause);
      return;
    }
    const meaning = own === undefined ? meaningOfClose(code, end.reason, end.authorized) : 'transient';
    const occasions: Readonly<Record<CloseMeaning, Occasion>> = {
      transient: {
        reason: own === 'timeout' ? 'no answer' : reason,
        error: sdkError('ERR_SOCKET_REFUSED', reason),
      },
      unauthorized: { reason: meaning, token },
      'unknown-device': { reason },
      replaced: {
        reason: meaning,
        error: sdkError(
          'ERR_SOCKET_REPLACED',
          'another socket of this device took over; connect to take it back',
        ),
      },
      permanent: {
        reason,
        error: sdkError(
          code === 4403 ? 'ERR_FORBIDDEN' : 'ERR_SOCKET_REFUSED',
          `the service refuses a socket: ${reason} (${String(code)})`,
        ),
      },
    };
    void dispatch(`ended-${meaning}`, occasions[meaning]);
  };
  /** A second connection is opened while the first one still delivers. @source protocol/device-and-mercury.md §4.8 */
  const openSecond = (): void => {
    const mine = run;
    let tries = 0;
    const again = (): void => {
      connections.standby = undefined;
      if (mine !== run || !connections.replacing) return;
      delays.later(backoffMs(tries++, timings.backoffBaseMs, timings.backoffMaxMs), () => {
        if (mine === run && connections.replacing) start();
      });
    };
    const start = (): void => {
      let taken = -1; // the run in which the new one delivers
      open(
        (connection) => {
          connections.standby = connection;
        },
        (first, device) => {
          const before = connections.active;
          connections.active = connections.standby;
          connections.standby = undefined;
          connections.old = before;
          taken = run += 1;
          isOpen(first, device);
          delays.later(oldSocketMs, () => {
            if (connections.old === before) connections.old = undefined;
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
      if (transition(state, 'connect')) history.failures = 0;
      void dispatch('connect');
      return race(promise, init?.signal);
    },
    disconnect: async () => {
      const message = 'disconnect() was called while the socket was being opened';
      const error = sdkError('ERR_SOCKET_REFUSED', message, { retryable: true });
      await dispatch('disconnect', { reason: 'disconnected', error });
    },
    wake: () => {
      void dispatch('retry-due');
    },
    close: async (error) => {
      closedBy = error;
      await dispatch('client-closed', { reason: 'client closed', error });
      delays.flush();
    },
  };
}
