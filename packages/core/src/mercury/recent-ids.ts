/** Remembers the newest ids, at least `size` and at most twice as many, and no more. */
export class RecentIds {
  private current = new Set<string>();
  private before: Set<string> | undefined;
  constructor(private readonly size = 5_000) {}

  /** True when it is new, and then remembered. */
  add(id: string): boolean {
    if (this.current.has(id) || this.before?.has(id) === true) return false;
    if (this.current.size >= this.size) {
      this.before = this.current;
      this.current = new Set();
    }
    this.current.add(id);
    return true;
  }
}
