/** The part of a LockManager that is used. */
export interface LocksLike {
  request(
    name: string,
    options: { readonly steal?: boolean; readonly signal?: AbortSignal },
    work: () => Promise<void>,
  ): Promise<unknown>;
  query(): Promise<{ readonly held?: readonly { readonly name?: string }[] }>;
}

/** The part of a BroadcastChannel that is used. */
export interface ChannelLike {
  onmessage: ((event: never) => unknown) | null;
  postMessage(message: unknown): void;
  close(): void;
}

/** What tabs have in common. */
export interface TabEnvironment {
  readonly locks: LocksLike;
  readonly channel: (name: string) => ChannelLike;
}

/** Undefined where tabs cannot find each other: old browsers, pages without https, Node before 24. */
export function tabEnvironment(): TabEnvironment | undefined {
  const { navigator, BroadcastChannel: Channel } = globalThis as {
    readonly navigator?: { readonly locks?: LocksLike };
    readonly BroadcastChannel?: new (name: string) => ChannelLike;
  };
  const locks = navigator?.locks;
  return locks && Channel && { locks, channel: (name) => new Channel(name) };
}

/** A lock that is wanted, and then held. */
export interface Hold {
  /** Settles when it is held; rejects when that cannot be. */
  readonly held: Promise<void>;
  /** Gives it back, or takes the wish back. */
  readonly release: () => void;
}

/**
 * Waits for a lock and keeps it until it is released, or someone steals it.
 *
 * @param stolen called when someone took it away
 */
export function hold(locks: LocksLike, name: string, stolen?: () => void, steal = false): Hold {
  const controller = new AbortController();
  let release: () => void = () => undefined;
  const kept = new Promise<void>((resolve) => {
    release = () => {
      controller.abort();
      resolve();
    };
  });
  const held = new Promise<void>((resolve, reject) => {
    let has = false;
    // a signal together with steal is refused
    const options = steal ? { steal } : { signal: controller.signal };
    locks
      .request(name, options, () => {
        has = true;
        resolve();
        return kept;
      })
      .catch((error: unknown) => {
        if (has) stolen?.();
        else reject(error instanceof Error ? error : new Error('the lock was refused'));
      });
  });
  held.catch(() => undefined);
  return { held, release };
}
