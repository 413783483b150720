import type { BufferStateData, EventFrame, WdmDevice } from '@trunkline/wire';
import { isSdkError } from '../../kernel/errors.js';
import { openConnection, type Connection } from '../mercury/connection.js';
import type { TransportParts } from '../transport.js';
import { createBoundedSet } from '../../kit/bounded-set.js';
import { randomUuid } from '../../kit/uuid.js';
import type { End, Failure, FromLeader, Opening, ToLeader } from './messages.js';
import { createAckTracker } from './ack-tracker.js';
import { Replay } from './replay.js';
import { hold, type LocksLike } from './environment.js';

export interface LeaderParts extends TransportParts {
  readonly epoch: string;
  /** this tab */
  readonly me: string;
  /** the leader before, if this tab knew one */
  readonly previous: string | undefined;
  readonly locks: LocksLike;
  /** name of the lock that a tab holds while it lives */
  readonly presence: (tab: string) => string;
  /** the other tabs there are */
  readonly others: () => Promise<readonly string[]>;
  readonly post: (message: FromLeader) => void;
}

/** The tab that has the device and the socket, in its dealings with the tabs that have not, and with itself. */
export interface Leader {
  readonly hear: (message: ToLeader) => void;
  /** Registers or refreshes, and notifies every tab. */
  readonly device: (refresh: boolean) => Promise<WdmDevice>;
  /** Nothing is relayed or acknowledged from now on; resolves when the sockets are closed. */
  readonly end: () => Promise<void>;
}

// how long tabs that listened to the leader before may take to come over; until then nothing is acknowledged
const TAKEOVER_MS = 5_000;
// a tab that has said nothing for so long, hidden ones ping once a minute, is stuck; it is not waited for, and receives what it missed when it is back
const SILENT_MS = 90_000;
// the news that another tab has taken the lead may come after the service has noticed
const REPLACED_MS = 1_000;

/** One real socket and the tabs' ends of it. */
interface Line {
  readonly connection: Connection;
  /** since it is open */
  first: EventFrame | undefined;
  /** the service is about to close it */
  draining: boolean;
  readonly opener: string;
  readonly waiting: Map<string, Attach>;
  /** tab by its end */
  readonly conns: Map<string, string>;
}
type Attach = ToLeader & { readonly type: 'attach' };

export function createLeader(parts: LeaderParts): Leader {
  const { epoch, clock, log, own, post } = parts;
  const lines = new Set<Line>();
  const tabs = new Map<string, { aliveMs: number; readonly forget: () => void }>();
  const seen = createBoundedSet(5_000);
  const replay = new Replay(epoch, parts.previous);
  const acks = createAckTracker();
  const { pingIntervalMs, pongTimeoutMs } = parts.config.mercury;
  const silentMs = Math.max(SILENT_MS, 3 * (pingIntervalMs + pongTimeoutMs));
  const pending = new Set<() => void>();
  let told: string | undefined; // URL of the device that everybody knows of
  let redelivers = false;
  let over = false;

  const later = (delayMs: number, run: () => void): (() => void) => {
    const off = (): void => {
      pending.delete(now);
      cancel();
    };
    const now = (): void => {
      off();
      run();
    };
    const cancel = clock.after(delayMs, now, { unref: true });
    pending.add(now);
    return off;
  };
  const tellDevice = (): void => {
    const device = own.devices.current;
    if (over || device === undefined || device.url === told) return;
    told = device.url;
    post({ epoch, type: 'device', device });
  };
  const attached = (): Set<string> => {
    const all = new Set<string>();
    for (const { conns } of lines) for (const tab of conns.values()) all.add(tab);
    return all;
  };
  /** It closed, crashed or is stuck. */
  const gone = (tab: string): void => {
    tabs.get(tab)?.forget();
    tabs.delete(tab);
    acks.gone(tab);
    for (const line of lines) {
      for (const [conn, whose] of line.conns) if (whose === tab) line.conns.delete(conn);
      for (const [conn, { from }] of line.waiting) if (from === tab) line.waiting.delete(conn);
      leaveAlone(line);
    }
  };
  const leaveAlone = (line: Line): void => {
    if (line.conns.size + line.waiting.size > 0) return;
    lines.delete(line);
    acks.ended(line.connection);
    void line.connection.close();
  };
  const met = (tab: string): void => {
    const known = tabs.get(tab);
    if (known) {
      known.aliveMs = clock.now();
      return;
    }
    const watch = hold(parts.locks, parts.presence(tab));
    tabs.set(tab, { aliveMs: clock.now(), forget: watch.release });
    watch.held.then(
      () => {
        watch.release();
        if (!over) gone(tab);
      },
      () => undefined,
    );
  };
  const welcome = (line: Line, { from, conn, heard }: Attach, first?: EventFrame): void => {
    const told = replay.welcome(heard, first, redelivers, randomUuid());
    line.conns.set(conn, from);
    for (const { frame } of told.frames) acks.alsoBy(frame.id, from);
    post({ epoch, type: 'welcome', to: from, conn, ...told, last: replay.last });
    acks.arrived(from);
  };
  const openLine = (opener: string, { url, token, session, checkSequence }: Opening): Line => {
    const connection = openConnection({
      WebSocket: parts.WebSocket(),
      clock,
      log,
      url,
      token,
      session,
      timings: parts.config.mercury,
      checkSequence,
      later,
      opened: (first) => {
        const { replayed, lost = 0 } = first.data as BufferStateData;
        redelivers = typeof replayed === 'number';
        line.first = first;
        replay.lost(lost);
        const waiting = [...line.waiting.values()];
        line.waiting.clear();
        acks.expect(first.id, connection, new Set(waiting.map(({ from }) => from)));
        for (const message of waiting) welcome(line, message, first);
      },
      frame: (frame) => {
        if (frame !== line.first) relay(frame, connection);
      },
      shutdown: (reason) => {
        line.draining = true;
        post({ epoch, type: 'shutdown', reason, conns: [...line.conns.keys()] });
      },
      latency: (ms) => {
        post({ epoch, type: 'latency', ms });
      },
      closed: ({ code, reason, authorized, own: ours }) => {
        const end = { code, reason, authorized, own: ours };
        if (code === 4000)
          later(REPLACED_MS, () => { lineEnded(line, end); }); // prettier-ignore
        else lineEnded(line, end);
      },
    });
    const line: Line = {
      connection,
      first: undefined,
      draining: false,
      opener,
      waiting: new Map(),
      conns: new Map(),
    };
    lines.add(line);
    return line;
  };
  const lineEnded = (line: Line, end: End): void => {
    if (over || !lines.delete(line)) return;
    acks.ended(line.connection);
    const conns = [...line.conns.keys(), ...line.waiting.keys()];
    if (end.authorized) {
      post({ epoch, type: 'closed', conns, end });
      return;
    }
    // why it was refused is the affair of the tab whose token it was; the others try for themselves
    post({ epoch, type: 'closed', conns: [line.opener], end });
    const others = conns.filter((conn) => conn !== line.opener);
    const reason = 'another tab could not open the socket';
    post({ epoch, type: 'closed', conns: others, end: { ...end, code: 1006, reason } });
  };
  const relay = (frame: EventFrame, connection: Connection): void => {
    const listening = attached();
    const now = clock.now();
    for (const tab of listening)
      if (tab !== parts.me && now - (tabs.get(tab)?.aliveMs ?? now) > silentMs) {
        const conns = [...lines].flatMap(({ conns }) => [...conns].filter(([, whose]) => whose === tab));
        log.warn({}, 'a tab that shares the socket is stuck: it is not waited for any more');
        gone(tab);
        listening.delete(tab);
        const end = { code: 1001, reason: 'silent for too long', authorized: true, own: undefined };
        post({ epoch, type: 'closed', conns: conns.map(([conn]) => conn), end });
      }
    const n = seen.add(frame.id) ? replay.add(frame) : replay.last;
    // also what is known: a tab counts what the service sends again
    acks.expect(frame.id, connection, listening);
    post({ epoch, type: 'frame', n, frame });
  };
  const attach = (message: Attach): void => {
    met(message.from);
    tellDevice();
    let line = [...lines].find(({ draining }) => !draining);
    if (line?.first) {
      welcome(line, message);
      return;
    }
    try {
      line ??= openLine(message.conn, message.opening);
      line.waiting.set(message.conn, message);
    } catch (error) {
      log.warn({ error }, 'the shared socket could not be made');
      const end = { code: 1006, reason: 'no socket', authorized: false, own: undefined };
      post({ epoch, type: 'closed', conns: [message.conn], end });
    }
  };
  const device = async (refresh: boolean): Promise<WdmDevice> => {
    const found = await (refresh ? own.devices.refresh() : own.devices.ensure());
    if (refresh) told = undefined; // it may be the same and say something new
    tellDevice();
    return found;
  };

  const takeOver = async (): Promise<void> => {
    if (parts.previous === undefined) return;
    const stop = later(TAKEOVER_MS, () => {
      acks.await([]);
    });
    acks.await(undefined);
    const others = await parts.others();
    if (over) return;
    for (const tab of others) met(tab);
    if (acks.await(others)) stop();
  };
  takeOver().catch((error: unknown) => {
    log.debug({ error }, 'the tabs could not be counted');
  });

  return {
    device,
    hear: (message) => {
      const { from } = message;
      if (over || (message.epoch !== epoch && message.type !== 'who')) return;
      const known = tabs.get(from);
      if (known) known.aliveMs = clock.now();
      switch (message.type) {
        case 'who':
          post({ epoch, type: 'leads', device: own.devices.current });
          return;
        case 'device': {
          const answer = (what: { readonly device: WdmDevice } | { readonly failure: Failure }): void => {
            if (!over) post({ epoch, type: 'answer', to: from, id: message.id, ...what });
          };
          device(message.refresh).then(
            (found) => {
              answer({ device: found });
            },
            (error: unknown) => {
              answer({ failure: failureOf(error) });
            },
          );
          return;
        }
        case 'attach':
          attach(message);
          return;
        case 'detach':
          for (const line of lines) {
            const there = line.conns.delete(message.conn);
            if (line.waiting.delete(message.conn) || there) leaveAlone(line);
          }
          if (!attached().has(from)) acks.gone(from);
          return;
        case 'ack':
          acks.by(message.id, from);
          return;
        case 'ping':
          post({ epoch, type: 'pong', to: from, id: message.id });
      }
    },
    end: async () => {
      over = true;
      acks.close();
      for (const { forget } of tabs.values()) forget();
      tabs.clear();
      const closing = [...lines].map(({ connection }) => connection.close());
      lines.clear();
      await Promise.all(closing);
      for (const act of [...pending]) act();
    },
  };
}

const failureOf = (error: unknown): Failure =>
  isSdkError(error)
    ? { code: error.code, message: error.message, retryable: error.retryable }
    : { code: 'ERR_NETWORK', message: 'the tab that leads could not register the device', retryable: true };
