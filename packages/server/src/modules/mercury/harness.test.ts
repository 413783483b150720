import { startModules, testKernel } from '../../kernel/harness.test.js';
import type { Module, Parts } from '../../kernel/module.js';
import { audience } from '../audience/index.js';
import { identity as identityModule } from '../identity/index.js';
import { mercury as mercuryModule } from './index.js';
// Mercury over real sockets on loopback, with identity and store as they are; memberships are rows that a test writes.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket } from 'ws';
import { resolveConfig, type ServerOptions } from '../../kernel/config.js';
import { baseOfRaw, eventUrls, urlsAt } from '../../kernel/http/urls.js';
import { headOf } from './log.js';

interface Frame {
  readonly id: string;
  readonly type?: string;
  readonly data?: {
    readonly eventType: string;
    readonly [field: string]: unknown;
  };
  readonly sequenceNumber?: number;
  readonly redelivered?: boolean;
}

/** A client's end of a socket: what came, in order. */
export class TestSocket {
  readonly frames: Frame[] = [];
  readonly closed: Promise<{ code: number; reason: string }>;
  #waiting: (() => void)[] = [];
  #read = 0;

  constructor(readonly socket: WebSocket) {
    socket.on('error', () => undefined);
    socket.on('message', (data: Buffer) => {
      this.frames.push(JSON.parse(data.toString()) as Frame);
      this.#notify();
    });
    this.closed = new Promise((resolve) => {
      socket.on('close', (code, reason) => {
        resolve({ code, reason: reason.toString() });
        this.#notify();
      });
    });
  }

  /** The next frame that was not read yet. */
  async next(): Promise<Frame> {
    for (;;) {
      const frame = this.frames[this.#read];
      if (frame !== undefined) {
        this.#read += 1;
        return frame;
      }
      if (this.socket.readyState === WebSocket.CLOSED)
        throw new Error('the socket closed before the frame came');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  ack(frame: Frame): void {
    this.send({ messageId: frame.id, type: 'ack' });
  }

  /** Everything sent before has been read by the service when this resolves. */
  async settled(): Promise<Frame[]> {
    const id = randomUUID();
    this.send({ id, type: 'ping' });
    const between: Frame[] = [];
    for (;;) {
      const frame = await this.next();
      if (frame.type === 'pong' && frame.id === id) return between;
      between.push(frame);
    }
  }

  #notify(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }
}

export async function startHarness(options: ServerOptions = {}) {
  let shiftMs = 0;
  const now = (): number => Date.now() + shiftMs;
  const kernel = await testKernel(options, {
    now,
    urls: (request) => urlsAt(baseOfRaw(resolveConfig(options), request.raw)),
  });
  const { faults, sockets, store } = kernel;
  let parts: Parts = {};
  const observed: Module = {
    ...mercuryModule,
    setup: async (...given) => (parts = await mercuryModule.setup(...given)),
  };
  const running = await startModules(kernel, [audience, identityModule, observed]);
  const { identity, mercury } = running.apis;
  await running.start();
  const server = createServer();
  sockets.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;

  const activity = (conversationId: string, text: string, verb = 'post') => ({
    conversationId,
    data: {
      eventType: 'conversation.activity',
      activity: {
        verb,
        url: eventUrls.activity('a'),
        object: { displayName: text },
        target: { tags: ['LOCKED'] },
      },
    },
  });

  return {
    store,
    identity,
    mercury,
    /** removes events that are past the retention */
    prune: () => running.sweep(),
    /** asks sockets to connect elsewhere */
    shutdown: () => parts.stop?.(),
    sockets,
    faults,
    port,
    later: (ms: number) => {
      shiftMs += ms;
    },
    async user(name: string): Promise<{ id: string; token: string }> {
      const known = await identity.userByEmail(`${name}@example.com`);
      const user =
        known ?? (await identity.users.create({ email: `${name}@example.com`, displayName: name }));
      return { id: user.id, token: (await identity.tokens.grant(user.id)).accessToken };
    },
    async device(userId: string): Promise<string> {
      const id = randomUUID();
      await store.write(async ({ tx }) =>
        tx
          .insertInto('devices')
          .values({
            id,
            user_id: userId,
            body: '{}',
            created_ms: now(),
            modified_ms: now(),
            ttl_s: null,
            acked_pos: await headOf(tx),
            lost: 0,
          })
          .execute(),
      );
      return id;
    },
    async join(conversationId: string, userId: string, tags: readonly string[] = []): Promise<void> {
      await store.write(async (write) => {
        const pos = await mercury.append(write, activity(conversationId, userId, 'add'));
        await write.tx
          .insertInto('participants')
          .values({
            conversation_id: conversationId,
            user_id: userId,
            joined_pos: pos,
            left_pos: null,
            joined_ms: now(),
            is_moderator: 0,
            tags: JSON.stringify(tags),
            last_seen_activity_id: null,
            last_seen_ms: null,
          })
          .execute();
        write.afterCommit(() => {
          mercury.membershipChanged(conversationId);
        });
      });
    },
    async leave(conversationId: string, userId: string): Promise<void> {
      await store.write(async (write) => {
        const pos = await mercury.append(write, activity(conversationId, userId, 'leave'));
        await write.tx
          .updateTable('participants')
          .set({ left_pos: pos })
          .where('conversation_id', '=', conversationId)
          .where('user_id', '=', userId)
          .where('left_pos', 'is', null)
          .execute();
        write.afterCommit(() => {
          mercury.membershipChanged(conversationId);
        });
      });
    },
    post: (conversationId: string, text: string): Promise<number> =>
      store.write((write) => mercury.append(write, activity(conversationId, text))),
    ackedPos: async (deviceId: string): Promise<number> =>
      (
        await store.db
          .selectFrom('devices')
          .select('acked_pos')
          .where('id', '=', deviceId)
          .executeTakeFirstOrThrow()
      ).acked_pos,
    /** A socket that is open and has said nothing. */
    async open(deviceId: string, query = ''): Promise<TestSocket> {
      const socket = new TestSocket(
        new WebSocket(
          `ws://127.0.0.1:${String(port)}/mercury/v1/apps/wx2/registrations/${deviceId}/messages${query}`,
        ),
      );
      await once(socket.socket, 'open');
      return socket;
    },
    async connect(deviceId: string, token: string, query = ''): Promise<TestSocket> {
      const socket = await this.open(deviceId, query);
      socket.send({
        id: randomUUID(),
        type: 'authorization',
        data: { token: `Bearer ${token}` },
        trackingId: 't',
      });
      return socket;
    },
    async close(): Promise<void> {
      await sockets.close();
      await running.lifecycle.close();
      server.closeAllConnections();
      server.close();
      await store.close();
    },
  };
}
export type Harness = Awaited<ReturnType<typeof startHarness>>;
