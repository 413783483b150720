import type { EventFrame, WdmDevice } from '@trunkline/wire';
import type { Devices } from '../device/devices.js';
import { sdkError } from '../../kernel/errors.js';
import type { Connection, ConnectionParts } from '../mercury/connection.js';
import type { TransportParts } from '../transport.js';
import { randomUuid } from '../../kit/uuid.js';
import { deferred, type Deferred } from '../../kit/wait.js';
import { createLeaderElection } from './leader-election.js';
import { createLeader, type Leader } from './leader.js';
import type { End, FromLeader, Heard, ToLeader } from './messages.js';
import { hold, type Hold, type TabEnvironment } from './environment.js';

/** This client among those that share a socket; it leads, or receives events from the leader. */
export interface Tab {
  readonly devices: Omit<Devices, 'adopt'>;
  readonly open: (parts: ConnectionParts) => Connection;
}

type Without<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
type Words = Without<ToLeader, 'from' | 'epoch'>;

/** This client's end of the shared socket. */
interface OpenConnection {
  readonly parts: ConnectionParts;
  open: boolean;
  readonly end: (end: End) => void;
  readonly opened: (first: EventFrame) => void;
  readonly frame: (frame: EventFrame) => void;
}

const CHANGED: End = { code: 1006, reason: 'another tab leads now', authorized: true, own: undefined };

/**
 * Joins the tabs of this name.
 *
 * @throws what the browser says when it does not let us: then there is nothing left to clean up
 */
export async function joinTabs(
  link: TransportParts,
  { locks, channel }: TabEnvironment,
  name: string,
): Promise<Tab> {
  const { own, clock, log, config, report } = link;
  const me = randomUuid();
  const presence = (tab: string): string => `${name} tab ${tab}`;
  const bus = channel(name);
  const here = hold(locks, presence(me));
  try {
    await here.held;
  } catch (error) {
    bus.close();
    throw error;
  }

  let epoch: string | undefined; // of the leader we know
  const past = new Set<string>(); // of those before: what they say when they wake up is old
  let leader: Leader | undefined; // when it is us
  let lead: Hold | undefined; // the lock, held or waited for
  let device: WdmDevice | undefined;
  let heard: Heard | undefined;
  let left = false;
  const ends = new Map<string, OpenConnection>();
  const asked = new Map<string, { readonly refresh: boolean; readonly answer: Deferred<WdmDevice> }>();
  const leaderThere = deferred<undefined>();

  const say = (words: Words): void => {
    const message: ToLeader = { ...words, from: me, epoch };
    const to = leader;
    if (left) return;
    if (to === undefined) bus.postMessage(message);
    // never within the call: a caller must have the connection before it receives its events
    else
      queueMicrotask(() => {
        to.hear(message);
      });
  };
  const others = async (): Promise<readonly string[]> => {
    const { held = [] } = await locks.query();
    const prefix = presence('');
    return held
      .map(({ name: lock = '' }) => (lock.startsWith(prefix) ? lock.slice(prefix.length) : me))
      .filter((tab) => tab !== me);
  };

  /** Another leads: what hung on the one before begins again. */
  const follow = (next: string): void => {
    if (next === epoch) {
      election.alive();
      return;
    }
    const listened = [...ends.values()].some(({ open }) => open);
    if (heard) heard = { ...heard, whole: listened };
    if (epoch !== undefined) past.add(epoch);
    epoch = next;
    election.quiet();
    for (const { end } of [...ends.values()]) end(CHANGED);
    for (const [id, { refresh }] of asked) say({ type: 'device', id, refresh });
    if (asked.size > 0) election.watch();
    leaderThere.resolve(undefined);
    link.wake();
  };
  /** Where frames are received: the later one, when a second is opened before the first ends. */
  const newest = (): OpenConnection | undefined => [...ends.values()].reverse().find(({ open }) => open);
  const knowDevice = (known: WdmDevice | undefined): void => {
    if (known) device = known;
  };

  const hear = (message: FromLeader): void => {
    if (left) return;
    if (message.type === 'leads') {
      // a leader learns when another tab takes over
      if (past.has(message.epoch) || (leader && message.epoch !== epoch)) return;
      knowDevice(message.device);
      follow(message.epoch);
      return;
    }
    if (message.epoch !== epoch) return;
    election.alive();
    if ('to' in message && message.to !== me) return;
    switch (message.type) {
      case 'device':
        knowDevice(message.device);
        return;
      case 'answer': {
        const question = asked.get(message.id)?.answer;
        asked.delete(message.id);
        if ('device' in message) question?.resolve((device = message.device));
        else {
          const { code, message: text, retryable } = message.failure;
          question?.reject(sdkError(code, text, { retryable }));
        }
        return;
      }
      case 'pong':
        return;
      case 'welcome': {
        const { conn, first, frames, last } = message;
        const end = ends.get(conn);
        if (end === undefined) return;
        end.open = true;
        heard = { epoch: message.epoch, last, whole: false };
        end.opened(first);
        for (const { frame } of frames) end.frame({ ...frame, redelivered: true });
        return;
      }
      case 'frame': {
        const end = newest();
        if (end === undefined) return;
        heard = { epoch: message.epoch, last: message.n, whole: false };
        end.frame(message.frame);
        return;
      }
      case 'shutdown':
        for (const conn of message.conns) ends.get(conn)?.parts.shutdown(message.reason);
        return;
      case 'latency':
        newest()?.parts.latency(message.ms);
        return;
      case 'closed':
        for (const conn of message.conns) ends.get(conn)?.end(message.end);
    }
  };
  bus.onmessage = ({ data }: { readonly data: FromLeader | ToLeader }) => {
    if ('epoch' in data && !('from' in data)) hear(data);
    else leader?.hear(data);
  };

  const election = createLeaderElection({
    clock,
    log,
    locks,
    name: `${name} succession`,
    pingIntervalMs: config.mercury.pingIntervalMs,
    pongTimeoutMs: config.mercury.pongTimeoutMs,
    wanted: () => !left && !leader && (epoch === undefined || ends.size > 0 || asked.size > 0),
    ping: () => {
      say({ type: epoch === undefined ? 'who' : 'ping', id: randomUuid() });
    },
    take: () => {
      lead?.release();
      run(true);
    },
  });

  /** Waits for the lead, or takes it. */
  const run = (steal: boolean): void => {
    const mine = hold(
      locks,
      `${name} lead`,
      () => {
        if (lead !== mine) return;
        log.warn({}, 'another tab took the shared socket over: this one did not answer');
        const deposed = leader;
        leader = undefined;
        void deposed?.end();
        if (left) return;
        run(false);
        say({ type: 'who' });
      },
      steal,
    );
    lead = mine;
    mine.held.then(
      () => {
        if (left || lead !== mine) mine.release();
        else begin();
      },
      (error: unknown) => {
        if (!left && lead === mine) report(error, 'waiting for the lead among tabs');
      },
    );
  };
  const begin = (): void => {
    const previous = epoch;
    const next = randomUuid();
    log.info({}, 'this tab keeps the shared socket');
    if (device && device.url !== own.devices.current?.url) own.devices.adopt(device);
    leader = createLeader({
      ...link,
      epoch: next,
      me,
      previous,
      locks,
      presence,
      others,
      post: (message) => {
        // the copy for others first: listeners here may change what they get
        bus.postMessage(message);
        hear(structuredClone(message));
      },
    });
    bus.postMessage({ epoch: next, type: 'leads', device } satisfies FromLeader);
    follow(next);
  };

  const ask = async (refresh: boolean): Promise<WdmDevice> => {
    if (epoch === undefined) election.watch();
    await leaderThere.promise;
    if (leader) {
      device = await leader.device(refresh);
      return device;
    }
    if (device && !refresh) return device;
    const id = randomUuid();
    const answer = deferred<WdmDevice>();
    asked.set(id, { refresh, answer });
    say({ type: 'device', id, refresh });
    election.watch();
    return answer.promise;
  };

  const open = (parts: ConnectionParts): Connection => {
    const conn = randomUuid();
    let ended = false;
    let authorized = false;
    let aliveMs = clock.now();
    const stop = clock.after(
      parts.timings.openTimeoutMs,
      () => {
        say({ type: 'detach', conn });
        ending.end({ code: 1000, reason: 'no first frame in time', authorized, own: 'timeout' });
      },
      { unref: true },
    );
    const close = (): boolean => {
      if (ended) return false;
      ended = true;
      stop();
      ends.delete(conn);
      return true;
    };
    const ending: OpenConnection = {
      parts,
      open: false,
      opened: (first) => {
        authorized = true;
        stop();
        aliveMs = clock.now();
        parts.opened(first);
        parts.frame(first, connection);
      },
      frame: (frame) => {
        aliveMs = clock.now();
        parts.frame(frame, connection);
      },
      end: (end) => {
        if (close()) parts.closed({ ...end, authorized, cause: undefined });
      },
    };
    const connection: Connection = {
      get aliveMs() {
        return aliveMs;
      },
      ack: (id) => {
        if (!ended && epoch !== undefined) say({ type: 'ack', id });
      },
      close: () => {
        if (close()) say({ type: 'detach', conn });
        return Promise.resolve();
      },
    };
    ends.set(conn, ending);
    const { url, token, session, checkSequence } = parts;
    say({ type: 'attach', conn, opening: { url, token, session, checkSequence }, heard });
    election.watch();
    return connection;
  };

  /** Leaves the others; what it has goes to the next. */
  const leave = async (): Promise<void> => {
    left = true;
    election.quiet();
    const error = sdkError('ERR_CLIENT_CLOSED', 'the client was closed');
    leaderThere.reject(error);
    for (const { answer } of asked.values()) answer.reject(error);
    asked.clear();
    const known = own.devices.current ?? device;
    if (leader && known)
      bus.postMessage({ epoch: epoch ?? '', type: 'device', device: known } satisfies FromLeader);
    const closing = leader?.end();
    leader = undefined;
    lead?.release();
    here.release();
    await closing;
  };

  run(false);
  say({ type: 'who' });

  return {
    open,
    devices: {
      get current() {
        return left ? undefined : ((leader && own.devices.current) ?? device);
      },
      ensure: () => ask(false),
      refresh: () => ask(true),
      remove: async () => {
        if ((await others()).length > 0) return; // they need it
        await own.devices.remove();
        device = undefined;
      },
      release: async (withinMs) => {
        const mine = await own.devices.release(withinMs);
        await leave();
        const known = mine ?? device;
        const last = (await others()).length === 0;
        bus.close();
        return last ? known : undefined;
      },
    },
  };
}
