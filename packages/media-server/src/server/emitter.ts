import type { Emits } from '../port/types.js';

/** Emits events to listeners that do not affect each other. */
export interface Emitter<Events> extends Emits<Events> {
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
  removeAll(): void;
}

/** @param onError gets what a listener throws */
export function createEmitter<Events>(onError: (error: unknown) => void): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on: (name, listener, { signal } = {}) => {
      if (signal?.aborted === true) return () => undefined;
      // one listener may be added twice: each time is its own
      const own = (event: Events[typeof name]) => {
        listener(event);
      };
      const all = listeners.get(name) ?? new Set();
      listeners.set(name, all.add(own));
      const remove = () => {
        all.delete(own);
        signal?.removeEventListener('abort', remove);
      };
      signal?.addEventListener('abort', remove);
      return remove;
    },
    emit: (name, event) => {
      for (const listener of [...(listeners.get(name) ?? [])])
        try {
          listener(event as never);
        } catch (error) {
          onError(error);
        }
    },
    removeAll: () => {
      listeners.clear();
    },
  };
}
