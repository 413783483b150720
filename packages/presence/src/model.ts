import { defineState, of } from '@trunkline/state';
import type { PresenceName, PresenceStatus } from '@trunkline/wire';
import type { WatchedPresence } from './types.js';

const online: ReadonlySet<string> = new Set(['active', 'call', 'meeting', 'presenting']);

const Model = defineState({
  props: {
    personId: { type: 'string', default: '' },
    status: of<PresenceName>('unknown'),
    statusTime: of<string>(),
    lastActive: of<string>(),
  },
  derived: { isOnline: { deps: ['status'], get: ({ status }) => online.has(status) } },
});

const closers = new WeakMap<object, () => void>();
/** A model cannot be extended, so what it needs to close is kept beside it. */
class Watching extends Model {
  close(): void {
    closers.get(this)?.();
  }
}

/** A model that shows a person, and the hand that moves it. */
export interface Watched {
  readonly model: WatchedPresence;
  readonly show: (status: PresenceStatus | undefined) => void;
}

/** @param failed receives what a listener threw */
export function createWatched(
  personId: string,
  failed: (error: unknown, event: string) => void,
  close: () => void,
): Watched {
  const model = new Watching({ personId }, { onError: failed });
  closers.set(model, close);
  return {
    model,
    show: (status) => {
      model.set({
        status: status?.status ?? 'unknown',
        statusTime: status?.statusTime,
        lastActive: status?.lastActive,
      });
    },
  };
}
