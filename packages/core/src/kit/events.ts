import { EventEmitter } from 'eventemitter3';
import { checkInit, unexpected } from './arguments.js';

/** Listening, with one payload object per event. */
export interface Listenable<Events> {
  /** Never there: from it the compiler infers `Events` of whatever can be listened to. */
  readonly '~events'?: Events;
  /** Returns an unsubscribe function; with `signal` it also leaves when that aborts. */
  readonly on: <Type extends keyof Events>(
    type: Type,
    listener: (event: Events[Type]) => void,
    options?: { readonly signal?: AbortSignal },
  ) => () => void;
  /** As `on`, for the next event only. */
  readonly once: <Type extends keyof Events>(
    type: Type,
    listener: (event: Events[Type]) => void,
    options?: { readonly signal?: AbortSignal },
  ) => () => void;
}

export interface Emitter<Events> extends Listenable<Events> {
  /** Listeners in order of coming; one that throws is reported and the next still runs. */
  readonly emit: <Type extends keyof Events>(type: Type, event: Events[Type]) => void;
  /** Returns the number of listeners of a type. */
  listenerCount(type: keyof Events): number;
  /** Removes all listeners of all types. */
  removeAllListeners(): void;
}

/**
 * An emitter over EventEmitter3 with house manners: isolated listeners, `on` that returns an unsubscribe function.
 *
 * @param onListenerError gets what a listener threw, or what the promise it returned was rejected with
 * @param onDemand called with the number of listeners of a type after each change
 * @param onEach   sees each event before the listeners do; must not throw
 */
export function createEmitter<Events>(
  onListenerError: (error: unknown, type: keyof Events) => void,
  onDemand?: (type: keyof Events, listeners: number) => void,
  onEach?: (type: keyof Events, event: unknown) => void,
): Emitter<Events> {
  const emitter = new EventEmitter<Record<string, (event: unknown) => void>>();
  const add = (
    type: keyof Events,
    run: (event: unknown) => unknown,
    signal: AbortSignal | undefined,
    once: boolean,
  ) => {
    const call = once ? 'once' : 'on';
    if (typeof type !== 'string') throw unexpected(`${call}: type`, 'the name of an event', type);
    const key: string = type;
    const options = signal === undefined ? undefined : { signal };
    if (typeof run !== 'function') throw unexpected(`${call}('${key}'): listener`, 'a function', run);
    checkInit(options, `${call}('${key}')`);
    let on = false;
    const off = (): void => {
      if (!on) return;
      on = false;
      emitter.off(key, listener);
      signal?.removeEventListener('abort', off);
      onDemand?.(type, emitter.listenerCount(key));
    };
    // isolation sits in the listener, so that emitting costs no more than EventEmitter3's own loop
    const listener = (event: unknown): void => {
      if (once) off();
      try {
        const result = run(event);
        if (result instanceof Promise)
          result.catch((error: unknown) => {
            onListenerError(error, type);
          });
      } catch (error) {
        onListenerError(error, type);
      }
    };
    if (signal?.aborted === true) return off;
    on = true;
    emitter.on(key, listener);
    signal?.addEventListener('abort', off, { once: true });
    onDemand?.(type, emitter.listenerCount(key));
    return off;
  };
  return {
    on: (type, listener, options) =>
      add(type, listener as (event: unknown) => unknown, options?.signal, false),
    once: (type, listener, options) =>
      add(type, listener as (event: unknown) => unknown, options?.signal, true),
    emit: (type, event) => {
      onEach?.(type, event);
      emitter.emit(type as string, event);
    },
    listenerCount: (type) => emitter.listenerCount(type as string),
    removeAllListeners: () => {
      emitter.removeAllListeners();
    },
  };
}

/** Where the events of a client, its socket and its plugins are seen, and what goes wrong with them. */
export interface Watch {
  readonly report: (error: unknown, context: string) => void;
  readonly trace?: (source: string, type: string, event: unknown) => void;
}

/** An emitter whose events the client watches. @param source `client`, `socket` or the name of a plugin */
export const createSource = <Events>(
  source: string,
  { report, trace }: Watch,
  onDemand?: (type: keyof Events, listeners: number) => void,
): Emitter<Events> =>
  createEmitter<Events>(
    (error, type) => {
      report(error, `a listener of ${source}.on('${type as string}')`);
    },
    onDemand,
    (type, event) => {
      trace?.(source, type as string, event);
    },
  );
