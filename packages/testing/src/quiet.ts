import { systemClock, type Clock, type SocketConstructor } from '@trunkline/core';
import { WebSocket, type ClientOptions } from 'ws';

/** What a watched client holds at a moment. */
interface Probes {
  timers: number;
  sockets: number;
  requests: number;
}
const watched = new WeakMap<object, Probes>();

/** Makes a client whose timers, sockets and requests are counted. */
export function watch<C extends object>(
  make: (parts: { clock: Clock; WebSocket: SocketConstructor; fetch: typeof fetch }) => C,
): C {
  const probes: Probes = { timers: 0, sockets: 0, requests: 0 };
  const clock: Clock = {
    now: () => systemClock.now(),
    after: (delayMs, run, options) => {
      let pending = true;
      const settle = (): void => {
        if (pending) probes.timers -= 1;
        pending = false;
      };
      probes.timers += 1;
      const cancel = systemClock.after(
        delayMs,
        () => {
          settle();
          run();
        },
        options,
      );
      return () => {
        settle();
        cancel();
      };
    },
  };
  class CountedSocket extends WebSocket {
    // options: proxy agent and certificate authority, as the client hands them to ws
    constructor(url: string, options?: ClientOptions) {
      super(url, options);
      probes.sockets += 1;
      this.once('close', () => {
        probes.sockets -= 1;
      });
    }
  }
  const client = make({
    clock,
    WebSocket: CountedSocket,
    fetch: async (input, init) => {
      probes.requests += 1;
      try {
        return await fetch(input, init);
      } finally {
        probes.requests -= 1;
      }
    },
  });
  watched.set(client, probes);
  return client;
}

/**
 * Asserts that a closed client left nothing behind: no timer, no socket, no request under way. Waits for at most
 * `withinMs` milliseconds, since a socket's last frame takes a moment.
 *
 * @throws Error that says what is still there
 */
export async function expectQuiet(client: object, withinMs = 5_000): Promise<void> {
  const probes = watched.get(client);
  if (probes === undefined) throw new Error('expectQuiet wants a client made by a cloud: cloud.client(…)');
  const deadline = Date.now() + withinMs;
  while (probes.timers + probes.sockets + probes.requests > 0) {
    if (Date.now() > deadline)
      throw new Error(
        `the client is not quiet: ${String(probes.timers)} timers, ${String(probes.sockets)} sockets, ${String(probes.requests)} requests`,
      );
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
