import { checkInit } from './arguments.js';
import { isSdkError, sdkError } from '../kernel/errors.js';
import { createSource, type Listenable } from './events.js';
import { backoffMs } from './wait.js';
import type { CallInit, Host } from '../kernel/host.js';

/** Events that come over the client's socket. */
export interface EventSource<Events> extends Listenable<Events> {
  /**
   * Begins to listen and resolves when the socket is open: what happens from then on reaches the listeners. `on` alone
   * does the same in the background.
   *
   * @throws {SdkError} what `client.connect` throws: `ERR_AUTH_EXPIRED`, `ERR_FORBIDDEN`, `ERR_CLIENT_CLOSED`
   */
  listen(init?: CallInit): Promise<void>;
  /**
   * Nothing arrives any more, whatever the type. Listeners are kept, and are called again after the next `listen` or `on`.
   * The client's socket stays as it is: others may use it.
   */
  stopListening(): void;
}

/** Where the events go. */
export interface EventOutlet<Events> {
  /** Does nothing once the source has been stopped. */
  readonly emit: <Type extends keyof Events>(type: Type, event: Events[Type]) => void;
  /** Whether anybody listens to this type, so that nothing is fetched for no one. */
  readonly wanted: (type: keyof Events) => boolean;
  /** Aborts when the source is stopped or the client closes. */
  readonly signal: AbortSignal;
}

/**
 * The `on`, `listen` and `stopListening` of a plugin. It is attached to the wire while someone listens, and no longer:
 * from the first listener of any type, or `listen`, until the last listener leaves, `stopListening`, or the client closes.
 *
 * @param name   of the plugin, for reports
 * @param attach begins to feed the outlet, without waiting for anything; returns an unsubscribe function
 */
export function createEventSource<Events>(
  host: Pick<Host, 'clock' | 'connect' | 'onClose' | 'report'> & Partial<Pick<Host, 'trace'>>,
  name: string,
  attach: (outlet: EventOutlet<Events>) => () => void,
): EventSource<Events> {
  const counts = new Map<keyof Events, number>();
  let detach: (() => void) | undefined;
  const holds = new Set<object>(); // one per listen()
  let closed = false;

  const start = (): boolean => {
    if (detach || closed) return false;
    const stopped = new AbortController();
    const { signal } = stopped;
    const off = attach({
      signal,
      emit: (type, event) => {
        if (!signal.aborted) emitter.emit(type, event);
      },
      wanted: (type) => (counts.get(type) ?? 0) > 0,
    });
    detach = () => {
      detach = undefined;
      stopped.abort();
      off();
    };
    return true;
  };
  const stop = (): void => {
    holds.clear();
    cancelRetry?.();
    detach?.();
  };
  const stopIfUnwanted = (): void => {
    if (holds.size === 0 && [...counts.values()].every((count) => count === 0)) stop();
  };
  const emitter = createSource<Events>(name, host, (type, listeners) => {
    const more = listeners > (counts.get(type) ?? 0);
    counts.set(type, listeners);
    if (more) {
      if (start()) connectInBackground();
    } else stopIfUnwanted();
  });
  const connectInBackground = (failures = 0): void => {
    host.connect().catch((error: unknown) => {
      // a client that closes while it connects has nothing to report
      if (isSdkError(error) && error.code === 'ERR_CLIENT_CLOSED') return;
      host.report(error, `${name}.on() could not open the socket`);
      // core retries everything else that is transient
      if (!isSdkError(error) || error.code !== 'ERR_MODULE_LOAD' || !detach) return;
      cancelRetry = host.clock.after(
        backoffMs(failures, 1_000, 30_000),
        () => {
          if (detach) connectInBackground(failures + 1);
        },
        { unref: true },
      );
    });
  };
  let cancelRetry: (() => void) | undefined;
  host.onClose(() => {
    closed = true;
    stop();
  });

  return {
    on: emitter.on,
    once: emitter.once,
    async listen(given) {
      if (closed) throw sdkError('ERR_CLIENT_CLOSED', 'the client has been closed');
      const init = checkInit(given, `${name}.listen`);
      init?.signal?.throwIfAborted();
      const hold = {};
      holds.add(hold);
      start();
      try {
        await host.connect(init);
      } catch (error) {
        holds.delete(hold);
        stopIfUnwanted();
        throw error;
      }
    },
    stopListening: stop,
  };
}
