import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { removalTime } from '../../kernel/clock.js';
import { baseOfRaw, maskBase, socketPattern } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import { allows, type Caller } from '../identity/api.js';
import type { Mercury, NewEvent } from './api.js';
import { AudienceCache } from './audience-cache.js';
import { Backlogs } from './backlogs.js';
import { Connection, type ConnectionHooks, Refusal } from './connection.js';
import { FrameText, type LogRow } from './frames.js';
import { countFor, headOf, insertEvent, nextRows, pruneLog, rowsFor } from './log.js';
import { Positions } from './positions.js';
import { Pump } from './pump.js';

/** events read at once for a device that was away */
const replayPage = 200;

/** The socket service: reads the log of events, and hands each to those it is for until they acknowledge it. */
export const mercury = defineModule({
  name: 'mercury',
  needs: ['audience', 'identity'],
  setup: createMercury,
});

async function createMercury(
  kernel: Kernel,
  { audience: members, identity }: Needs<'audience' | 'identity'>,
) {
  const { counts, store, log, config, sockets } = kernel;
  const audience = new AudienceCache(members);
  const positions = new Positions(store, log);
  const byUser = new Map<string, Set<Connection>>();
  const byDevice = new Map<string, Set<Connection>>();
  const connectionListeners = new Set<(userId: string, connected: boolean) => void>();

  const add = (map: Map<string, Set<Connection>>, key: string, connection: Connection): void => {
    const set = map.get(key);
    if (set === undefined) map.set(key, new Set([connection]));
    else set.add(connection);
  };
  const remove = (map: Map<string, Set<Connection>>, key: string, connection: Connection): void => {
    const set = map.get(key);
    set?.delete(connection);
    if (set?.size === 0) map.delete(key);
  };

  // ---- events, from the log to the sockets that are live

  async function prepare(row: LogRow): Promise<() => void> {
    const text = new FrameText(row);
    const nowMs = kernel.now();
    const give = (userId: string, ownTags: readonly string[]): void => {
      for (const connection of byUser.get(userId) ?? [])
        if (connection.live) connection.deliver(text, row, { ownTags, nowMs });
    };
    const { conversation_id: conversationId, user_id: userId } = row;
    if (conversationId === null)
      return () => {
        if (userId !== null) give(userId, []);
      };
    const members = await audience.membersAt(conversationId, row.pos);
    return () => {
      if (members.size <= byUser.size) for (const [id, tags] of members) give(id, tags);
      else
        for (const id of byUser.keys()) {
          const tags = members.get(id);
          if (tags !== undefined) give(id, tags);
        }
    };
  }
  const pump = new Pump(store, log, await headOf(store.db), {
    prepare,
    beforeReading: () => {
      audience.beforeReading();
    },
    caughtUp: () => {
      audience.caughtUp();
    },
  });

  // ---- one socket: authorized, informed of its position, caught up, live

  const deviceRow = (id: string) =>
    store.db.selectFrom('devices').selectAll().where('id', '=', id).executeTakeFirst();

  async function checkedCaller(connection: Connection, token: string): Promise<Caller> {
    const caller = await identity.callerOfToken(token);
    if (caller === undefined) throw new Refusal(4401, 'authentication failed');
    if (!allows(caller.scopes, 'spark:all'))
      throw new Refusal(4403, 'the access token lacks the scope spark:all');
    if (connection.caller !== undefined && connection.caller.user.id !== caller.user.id)
      throw new Refusal(4403, 'this socket is another person’s');
    return caller;
  }

  function replaceOthers(connection: Connection): void {
    for (const other of [...(byDevice.get(connection.deviceId) ?? [])]) {
      if (other === connection || (connection.multiple && !other.draining)) continue;
      positions.advance(other.deviceId, other.position());
      other.close(other.draining ? 4001 : 4000, 'replaced');
    }
  }

  // tags a person set for themselves, looked up once per conversation and replay
  function ownTags(userId: string): (row: LogRow) => Promise<readonly string[]> {
    const known = new Map<string, readonly string[]>();
    return async (row) => {
      const id = row.conversation_id;
      if (id === null || row.type !== 'conversation.activity') return [];
      const tags = known.get(id) ?? (await audience.membersAtOld(id, row.pos)).get(userId) ?? [];
      known.set(id, tags);
      return tags;
    };
  }

  async function catchUp(
    connection: Connection,
    userId: string,
    after: number,
    missedUpTo: number,
  ): Promise<void> {
    let at = after;
    const tagsOf = ownTags(userId);
    while (connection.isOpen()) {
      const upTo = pump.last;
      if (at >= upTo) {
        // nothing can come in between: from here on the pump serves it
        connection.considered(upTo);
        connection.live = true;
        return;
      }
      const rows = await rowsFor(store, userId, { after: at, upTo }, replayPage);
      for (const row of rows) {
        const ownTags = await tagsOf(row);
        const redelivered = row.pos <= missedUpTo;
        connection.deliver(new FrameText(row), row, { ownTags, nowMs: kernel.now(), redelivered });
      }
      at = rows.length === replayPage ? (rows.at(-1)?.pos ?? upTo) : upTo;
      connection.considered(at);
      if (!(await connection.room())) return;
    }
  }

  async function authorize(connection: Connection, token: string): Promise<void> {
    const caller = await checkedCaller(connection, token);
    if (connection.caller !== undefined) {
      // a fresh token on a socket that is open already
      connection.authorized(caller);
      return;
    }
    const userId = caller.user.id;
    const known = await deviceRow(connection.deviceId);
    // one answer for both: a stranger does not learn which devices exist
    if (known?.user_id !== userId) throw new Refusal(4404, 'the device is not registered');
    replaceOthers(connection);
    if (sockets.countOf(userId) >= config.limits.socketsPerUser) throw new Refusal(1013, 'too many sockets');
    // acknowledgements that a former socket brought are counted before we say what is missing
    await positions.flush();
    const device = await deviceRow(connection.deviceId);
    if (device === undefined) throw new Refusal(4404, 'the device is not registered');
    if (!connection.isOpen()) return;
    const missedUpTo = pump.last;
    const replayed = await countFor(store.db, userId, { after: device.acked_pos, upTo: missedUpTo });
    // revoked in the meantime
    if ((await identity.callerOfToken(token)) === undefined) throw new Refusal(4401, 'authentication failed');
    if (!connection.isOpen()) return;
    replaceOthers(connection);
    connection.authorized(caller);
    sockets.own(connection.webSocket, userId);
    const first = !byUser.has(userId);
    add(byUser, userId, connection);
    if (first) for (const listener of connectionListeners) listener(userId, true);
    add(byDevice, connection.deviceId, connection);
    connection.begin({ replayed, lost: device.lost }, device.acked_pos);
    lostReported.set(connection, device.lost);
    await catchUp(connection, userId, device.acked_pos, missedUpTo);
  }

  const backlogs = new Backlogs<Connection>();
  const lostReported = new WeakMap<Connection, number>();
  const hooks: ConnectionHooks = {
    counts,
    authorizationMs: config.limits.authorizationMs,
    now: () => kernel.now(),
    expiryNow: () => removalTime(kernel),
    authorize,
    buffered: (connection, bytes) => {
      if (connection.caller === undefined) return;
      const slowest = backlogs.note(connection, connection.caller.user.id, bytes);
      slowest?.comeBack('too slow: the rest follows after reconnecting');
    },
    acknowledged: (connection, pos) => {
      positions.advance(connection.deviceId, pos);
    },
    bufferStateSeen: (connection) => {
      const told = lostReported.get(connection) ?? 0;
      if (told === 0) return;
      store
        .write(({ tx }) =>
          tx
            .updateTable('devices')
            .set((query) => ({ lost: query('lost', '-', told) }))
            .where('id', '=', connection.deviceId)
            .execute(),
        )
        .catch((error: unknown) => {
          log.error({ err: error }, 'it could not be kept that a device knows its losses');
        });
    },
    closed: (connection) => {
      remove(byDevice, connection.deviceId, connection);
      backlogs.remove(connection);
      if (connection.caller === undefined) return;
      const userId = connection.caller.user.id;
      remove(byUser, userId, connection);
      if (!byUser.has(userId)) for (const listener of connectionListeners) listener(userId, false);
      positions.advance(connection.deviceId, connection.position());
    },
  };

  sockets.route({
    path: socketPattern,
    accept: (socket, request: IncomingMessage, match) => {
      const query = new URLSearchParams((request.url ?? '').split('?')[1] ?? '');
      const multiple = query.get('multipleConnections') === 'true';
      const connection = new Connection(
        socket,
        request.socket,
        match[1] ?? '',
        baseOfRaw(config, request),
        multiple,
        log,
        hooks,
      );
      connection.wantsRegistrationStatus = query.get('mercuryRegistrationStatus') === 'true';
    },
    userIdOf: async (match) => (await deviceRow(match[1] ?? ''))?.user_id,
  });

  const stopListening = identity.tokens.onRevoked((hashes) => {
    for (const set of byUser.values())
      for (const connection of set)
        if (connection.caller !== undefined && hashes.has(connection.caller.tokenHash))
          connection.comeBack('the access token is no longer valid');
  });

  // ---- what others use

  const appended = new Set<() => void>();

  function transient(data: NewEvent['data']): (base: string, sequence: number) => string {
    const row = {
      id: randomUUID(),
      type: data.eventType,
      payload: maskBase(data),
      created_ms: kernel.now(),
    };
    const text = new FrameText(row);
    const nowMs = kernel.now();
    return (base, sequenceNumber) =>
      text.text({ base, ownTags: [], sequenceNumber, nowMs, redelivered: false });
  }

  const api: Mercury = {
    append: async (write, event) => {
      if ((event.conversationId === undefined) === (event.userId === undefined))
        throw new Error('an event is for a conversation or for a person');
      const row = {
        id: randomUUID(),
        conversation_id: event.conversationId ?? null,
        user_id: event.userId ?? null,
        type: event.data.eventType,
        payload: event.text ?? maskBase(event.data),
        created_ms: kernel.now(),
      };
      const pos = await insertEvent(write.tx, row);
      write.afterCommit(() => {
        pump.take({ ...row, pos });
        for (const listener of appended) listener();
      });
      return pos;
    },
    sendToDevice: (userId, deviceId, data) => {
      const ready = [...(byDevice.get(deviceId) ?? [])].filter(
        (connection) => connection.ready && connection.caller?.user.id === userId,
      );
      const text = transient(data);
      for (const connection of ready) connection.sendTransient(text);
      return ready.length > 0;
    },
    sendToUsers: (userIds, data) => {
      const text = transient(data);
      for (const id of new Set(userIds))
        for (const connection of byUser.get(id) ?? []) connection.sendTransient(text);
    },
    membershipChanged: (conversationId) => {
      audience.changed(conversationId);
    },
    deviceRemoved: (deviceId) => {
      for (const connection of byDevice.get(deviceId) ?? []) connection.close(4404, 'the device was removed');
    },
    onAppended: (listener) => {
      appended.add(listener);
      return () => appended.delete(listener);
    },
    eventsAfter: (pos, limit) => nextRows(store, pos, limit),
    head: ({ tx }) => headOf(tx),
    connected: (userId) => byUser.has(userId),
    deviceConnected: (deviceId) => [...(byDevice.get(deviceId) ?? [])].some((connection) => connection.ready),
    onConnected: (listener) => {
      connectionListeners.add(listener);
      return () => connectionListeners.delete(listener);
    },
    waiting: async () => Math.max(0, (await headOf(store.db)) - pump.last),
  };
  return {
    api,
    sweep: async () => {
      await positions.flush();
      const nowMs = removalTime(kernel);
      while (await pruneLog(store, nowMs - config.retentionMs));
    },
    // asks every socket to connect elsewhere
    stop: () => {
      for (const set of byDevice.values()) for (const connection of set) connection.sendShutdown();
    },
    // keeps the last acknowledgements
    close: async () => {
      stopListening();
      await pump.close();
      await positions.flush();
    },
  };
}
