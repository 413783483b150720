import type { User } from '../identity/api.js';
import { compileFilter, type Matches } from './filters.js';
import type { Notification } from './notifications.js';
import type { WebhookRow } from './store.js';

/** An active webhook, ready to be asked. */
export interface Hook {
  readonly row: WebhookRow;
  readonly creatorIsBot: boolean;
  readonly passes: Matches;
}

/** All that are active, by who made them. */
export class Registry {
  readonly #byId = new Map<string, Hook>();
  readonly #byCreator = new Map<string, Map<string, Hook>>();
  /** goes up when a user gets their first webhook, or loses the last */
  version = 0;

  get size(): number {
    return this.#byId.size;
  }
  get(id: string): Hook | undefined {
    return this.#byId.get(id);
  }
  all(): Iterable<Hook> {
    return this.#byId.values();
  }
  creators(): Iterable<string> {
    return this.#byCreator.keys();
  }
  hasCreator(id: string): boolean {
    return this.#byCreator.has(id);
  }
  of(creatorId: string): Iterable<Hook> {
    return this.#byCreator.get(creatorId)?.values() ?? [];
  }
  put(row: WebhookRow, creator: Pick<User, 'roles'>): void {
    const { id, creator_id: creatorId } = row;
    const passes = compileFilter(row.resource, row.filter ?? undefined, creatorId);
    const hook: Hook = { row, creatorIsBot: creator.roles.includes('bot'), passes };
    this.#byId.set(id, hook);
    let own = this.#byCreator.get(creatorId);
    if (own === undefined) {
      this.#byCreator.set(creatorId, (own = new Map<string, Hook>()));
      this.version += 1;
    }
    own.set(id, hook);
  }
  remove(id: string): void {
    const hook = this.#byId.get(id);
    if (hook === undefined) return;
    this.#byId.delete(id);
    const own = this.#byCreator.get(hook.row.creator_id);
    own?.delete(id);
    if (own?.size === 0) {
      this.#byCreator.delete(hook.row.creator_id);
      this.version += 1;
    }
  }
}

/**
 * Whether a webhook is for this; who may see it has been checked. Card actions are not part of the resource `all`: bots
 * register both, and must not receive a press of a card twice.
 */
export const wants = ({ row, passes }: Hook, { resource, event, facts }: Notification): boolean =>
  (row.resource === resource || (row.resource === 'all' && resource !== 'attachmentActions')) &&
  (row.event === 'all' || row.event === event) &&
  passes(facts);
