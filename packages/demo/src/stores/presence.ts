import { signal, type ReadonlySignal, type Signal } from '@preact/signals';
import type { OwnStatus, PresenceName, WatchedPresence } from '@trunkline/presence';
import type { DemoClient } from '../session/client.js';

/** People's presence, followed from the first time someone is shown. */
export interface PresenceStore {
  of(personId: string): ReadonlySignal<PresenceName>;
  /** @param ttlS how long, in seconds; left out: until it is changed */
  set(status: OwnStatus, ttlS?: number): Promise<void>;
  close(): void;
}

export function createPresence(client: DemoClient, myId: string): PresenceStore {
  const states = new Map<string, Signal<PresenceName>>();
  const models: WatchedPresence[] = [];
  const of = (personId: string): Signal<PresenceName> => {
    const known = states.get(personId);
    if (known) return known;
    const state = signal<PresenceName>('unknown');
    states.set(personId, state);
    const model = client.presence.watch(personId);
    models.push(model);
    state.value = model.status;
    model.on('change:status', () => {
      state.value = model.status;
    });
    return state;
  };
  return {
    of,
    async set(status, ttlS) {
      const { status: now } = await client.presence.setStatus(status, ttlS);
      of(myId).value = status === 'clear' && now === 'clear' ? 'active' : now;
    },
    close() {
      for (const model of models) model.close();
    },
  };
}
