// Tabs of one browser for unit tests: locks and channels with the test's hand on them.
import type { Clock } from '../src/kernel/clock.js';
import type { ChannelLike, LocksLike, TabEnvironment } from '../src/realtime/shared-socket/environment.js';

interface Wish {
  readonly tab: FakeTab;
  readonly name: string;
  readonly grant: () => Promise<void>;
  readonly refuse: (error: Error) => void;
}
export interface FakeTab {
  readonly around: TabEnvironment;
  /** the browser's, but what falls due while the tab is frozen happens when it thaws */
  clock(of: Clock): Clock;
  /** The tab is gone in this moment: no farewell, its locks are free. */
  crash(): void;
  /** Does nothing until it thaws; keeps its locks. */
  freeze(): void;
  thaw(): void;
}
export interface FakeBrowser {
  tab(): FakeTab;
  /** names of the locks that are held */
  readonly held: readonly string[];
}

export function fakeBrowser(): FakeBrowser {
  const held = new Map<string, Wish>();
  let queue: Wish[] = [];
  const channels = new Set<{
    readonly tab: FakeTab;
    readonly name: string;
    readonly take: (data: unknown) => void;
  }>();
  const dead = new Set<FakeTab>();

  const grant = (wish: Wish): void => {
    held.set(wish.name, wish);
    void wish.grant().then(() => {
      if (held.get(wish.name) !== wish) return;
      held.delete(wish.name);
      next(wish.name);
    });
  };
  const next = (name: string): void => {
    const wish = held.has(name) ? undefined : queue.find((one) => one.name === name);
    if (wish === undefined) return;
    queue = queue.filter((one) => one !== wish);
    grant(wish);
  };
  const abort = (): Error => Object.assign(new Error('aborted'), { name: 'AbortError' });

  return {
    get held() {
      return [...held.keys()];
    },
    tab: () => {
      let frozen: (() => void)[] | undefined;
      const soon = (run: () => void): void => {
        if (frozen) frozen.push(run);
        else queueMicrotask(run);
      };
      const locks: LocksLike = {
        request: (name, { steal, signal }, work) =>
          new Promise((resolve, reject) => {
            const wish: Wish = {
              tab,
              name,
              grant: async () => {
                await new Promise<void>(soon);
                if (dead.has(tab)) return new Promise(() => undefined);
                await work();
                resolve(undefined);
              },
              refuse: (error) => {
                soon(() => {
                  if (!dead.has(tab)) reject(error);
                });
              },
            };
            if (signal?.aborted === true) {
              reject(abort());
              return;
            }
            signal?.addEventListener('abort', () => {
              if (!queue.includes(wish)) return;
              queue = queue.filter((one) => one !== wish);
              reject(abort());
            });
            if (steal === true) {
              const before = held.get(name);
              held.delete(name);
              before?.refuse(abort());
              grant(wish);
              return;
            }
            queue.push(wish);
            next(name);
          }),
        query: () => Promise.resolve({ held: [...held.keys()].map((name) => ({ name })) }),
      };
      const channel = (name: string): ChannelLike => {
        const own: ChannelLike = {
          onmessage: null,
          postMessage: (message) => {
            if (dead.has(tab)) return;
            if (frozen) {
              soon(() => {
                own.postMessage(message);
              });
              return;
            }
            for (const other of channels)
              if (other.name === name && other !== entry) other.take(structuredClone(message));
          },
          close: () => {
            channels.delete(entry);
          },
        };
        const entry = {
          tab,
          name,
          take: (data: unknown) => {
            const hear = (): void => {
              if (!dead.has(tab)) own.onmessage?.({ data } as never);
            };
            soon(hear);
          },
        };
        channels.add(entry);
        return own;
      };
      const tab: FakeTab = {
        around: { locks, channel },
        clock: (of) => ({
          now: () => of.now(),
          after: (delayMs, run) =>
            of.after(delayMs, () => {
              if (frozen) frozen.push(run);
              else run();
            }),
        }),
        crash: () => {
          dead.add(tab);
          queue = queue.filter((wish) => wish.tab !== tab);
          for (const [name, wish] of [...held])
            if (wish.tab === tab) {
              held.delete(name);
              next(name);
            }
        },
        freeze: () => {
          frozen = [];
        },
        thaw: () => {
          const late = frozen ?? [];
          frozen = undefined;
          for (const hear of late) queueMicrotask(hear);
        },
      };
      return tab;
    },
  };
}
