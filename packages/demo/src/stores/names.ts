import { signal, type ReadonlySignal } from '@preact/signals';
import type { Person } from '@trunkline/people';
import type { DemoClient } from '../session/client.js';

/** Names by person id, learnt as they come; unknown ones are looked up once. */
export interface Names {
  readonly known: ReadonlySignal<ReadonlyMap<string, string>>;
  learn(personId: string, name: string): void;
  /** The name, or the address until the name is there. */
  of(personId: string, email: string): string;
}

export function createNames(client: DemoClient, me: Person): Names {
  const known = signal<ReadonlyMap<string, string>>(new Map([[me.id, me.displayName]]));
  const asked = new Set<string>();
  const learn = (personId: string, name: string): void => {
    if (name !== '' && known.peek().get(personId) !== name)
      known.value = new Map(known.peek()).set(personId, name);
  };
  return {
    known,
    learn,
    of(personId, email) {
      const name = known.value.get(personId);
      if (name !== undefined) return name;
      if (!asked.has(personId)) {
        asked.add(personId);
        client.people.get(personId).then(
          ({ displayName }) => {
            learn(personId, displayName);
          },
          () => undefined, // the address will do
        );
      }
      return email.split('@')[0] ?? email;
    },
  };
}
