// How often a user guessed. Kept in memory: a restart forgives.

/** wrong ones before a captcha, or before PINs are refused */
export const freeAttempts = 5;
const windowMs = 15 * 60_000;
/** people and places that are remembered */
const most = 10_000;

/** Counts wrong passwords and PINs per person and place. */
export class Attempts {
  readonly #failures = new Map<string, { count: number; sinceMs: number }>();

  constructor(private readonly now: () => number) {}

  private entry(key: string): { count: number; sinceMs: number } | undefined {
    const entry = this.#failures.get(key);
    if (entry === undefined || this.now() - entry.sinceMs < windowMs) return entry;
    this.#failures.delete(key);
    return undefined;
  }
  /** Whether this key has used up its free attempts. */
  isExhausted(key: string): boolean {
    return (this.entry(key)?.count ?? 0) >= freeAttempts;
  }
  fail(key: string): void {
    const { count, sinceMs } = this.entry(key) ?? { count: 0, sinceMs: this.now() };
    this.#failures.delete(key);
    this.#failures.set(key, { count: count + 1, sinceMs });
    if (this.#failures.size <= most) return;
    const [oldest] = this.#failures.keys();
    if (oldest !== undefined) this.#failures.delete(oldest);
  }
  succeed(key: string): void {
    this.#failures.delete(key);
  }
}
