import { Source } from './source.js';

/** Every source of the engine by its id. Made the first time that it is named. */
export class Router {
  readonly #sources = new Map<string, Source>();

  source(id: string): Source {
    let source = this.#sources.get(id);
    if (!source) {
      source = new Source(id);
      this.#sources.set(id, source);
    }
    return source;
  }
  find(id: string): Source | undefined {
    return this.#sources.get(id);
  }
  /** Forgets a source; sinks that still name it get nothing any more. */
  remove(id: string): void {
    this.#sources.delete(id);
  }
  /** Forgets every source whose id begins so, and what they feed. */
  removeAll(prefix: string): void {
    for (const [id, source] of this.#sources)
      if (id.startsWith(prefix)) {
        source.onKeyframeNeeded = undefined;
        source.sinks.clear();
        this.#sources.delete(id);
      }
  }
  all(): Iterable<Source> {
    return this.#sources.values();
  }
  get size(): number {
    return this.#sources.size;
  }
}
