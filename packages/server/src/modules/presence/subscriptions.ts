/** Who watches at a time, as one client of theirs: a window that leaves takes nothing from the others. */
export interface Watcher {
  readonly userId: string;
  /** device of the client, empty when it named none */
  readonly deviceId: string;
}

interface Held extends Watcher {
  /** epoch ms */
  expiresMs: number;
}

const keyOf = ({ userId, deviceId }: Watcher): string => `${userId} ${deviceId}`;

/** Who is notified of whom. In memory: clients renew, and come back after a restart of ours. */
export class Subscriptions {
  readonly #bySubject = new Map<string, Map<string, Held>>();
  /** subscriptions of one person, over all of their clients */
  readonly #counts = new Map<string, number>();

  /** @param most one person may have */
  constructor(private readonly most: number) {}

  /** Begins or renews. False when this person has as many as one may have. */
  add(subject: string, watcher: Watcher, expiresMs: number): boolean {
    const held = this.#bySubject.get(subject)?.get(keyOf(watcher));
    if (held !== undefined) {
      held.expiresMs = expiresMs;
      return true;
    }
    const count = this.#counts.get(watcher.userId) ?? 0;
    if (count >= this.most) return false;
    this.#counts.set(watcher.userId, count + 1);
    let watchers = this.#bySubject.get(subject);
    if (watchers === undefined) this.#bySubject.set(subject, (watchers = new Map<string, Held>()));
    watchers.set(keyOf(watcher), { ...watcher, expiresMs });
    return true;
  }

  remove(subject: string, watcher: Watcher): void {
    this.#drop(subject, keyOf(watcher));
  }

  /** Ids of people who are notified now. */
  watchersOf(subject: string, nowMs: number): readonly string[] {
    const ids = new Set<string>();
    for (const [key, held] of this.#bySubject.get(subject) ?? [])
      if (held.expiresMs > nowMs) ids.add(held.userId);
      else this.#drop(subject, key);
    return [...ids];
  }

  has(subject: string): boolean {
    return this.#bySubject.has(subject);
  }

  sweep(nowMs: number): void {
    for (const subject of [...this.#bySubject.keys()]) this.watchersOf(subject, nowMs);
  }

  get size(): number {
    return [...this.#counts.values()].reduce((sum, count) => sum + count, 0);
  }

  #drop(subject: string, key: string): void {
    const watchers = this.#bySubject.get(subject);
    const held = watchers?.get(key);
    if (watchers === undefined || held === undefined) return;
    watchers.delete(key);
    if (watchers.size === 0) this.#bySubject.delete(subject);
    const left = (this.#counts.get(held.userId) ?? 1) - 1;
    if (left === 0) this.#counts.delete(held.userId);
    else this.#counts.set(held.userId, left);
  }
}
