/** What is used of a browser window. Looked up when it is used, so that importing and constructing are safe anywhere. */
export interface Page {
  readonly href: string;
  go(url: string): void;
  /** Changes the address bar, and nothing else. */
  replaceAddress(url: string): void;
  /**
   * An empty window of its own, at once: browsers allow it only in the turn of a click. Undefined when blocked.
   *
   * @param features as `window.open` takes them
   */
  open(features: string): OpenedWindow | undefined;
  close(): void;
  /** Between the windows of this origin. Undefined where there is no such thing. */
  channel(name: string): Channel | undefined;
  /** Alone among all windows of this origin; undefined where there are no Web Locks. */
  readonly exclusive: (<T>(name: string, run: () => Promise<T>) => Promise<T>) | undefined;
}
export interface OpenedWindow {
  readonly closed: boolean;
  go(url: string): void;
  close(): void;
}
export interface Channel {
  post(message: unknown): void;
  listen(listener: (message: unknown) => void): void;
  close(): void;
}

/** This window; undefined in workers, Node and server rendering. */
export function currentPage(): Page | undefined {
  if (typeof window === 'undefined' || typeof document === 'undefined') return undefined;
  // lib.dom says it is always there; plain http pages have none
  const locks = navigator.locks as LockManager | undefined;
  return {
    get href() {
      return window.location.href;
    },
    go: (url) => {
      window.location.assign(url);
    },
    replaceAddress: (url) => {
      window.history.replaceState(window.history.state, '', url);
    },
    open: (features) => {
      const opened = window.open('', '_blank', features);
      return opened === null
        ? undefined
        : {
            get closed() {
              return opened.closed;
            },
            go: (url) => {
              opened.location.href = url;
            },
            close: () => {
              opened.close();
            },
          };
    },
    close: () => {
      window.close();
    },
    channel: (name) => {
      if (typeof BroadcastChannel === 'undefined') return undefined;
      const channel = new BroadcastChannel(name);
      return {
        post: (message) => {
          channel.postMessage(message);
        },
        listen: (listener) => {
          channel.onmessage = ({ data }) => {
            listener(data);
          };
        },
        close: () => {
          channel.close();
        },
      };
    },
    exclusive:
      locks &&
      (async (name, run) => {
        let begun = false as boolean;
        try {
          return await locks.request(name, () => {
            begun = true;
            return run();
          });
        } catch (error) {
          // sandboxed frames have locks that no one may take
          if (begun) throw error;
          return run();
        }
      }),
  };
}
