import {
  createClient,
  definePlugin,
  type Client,
  type Host,
  type LogBuffer,
  type TokenFunction,
  type Plugin,
} from '@trunkline/core';
import { attachmentActions } from '@trunkline/attachment-actions';
import { devices } from '@trunkline/devices';
import type { Conversation } from '@trunkline/conversation';
import { e2ee, type Encryption } from '@trunkline/encryption';
import { media } from '@trunkline/media';
import { meetings } from '@trunkline/meetings';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people, type BatchOptions } from '@trunkline/people';
import { presence } from '@trunkline/presence';
import { rooms } from '@trunkline/rooms';
import { support } from '@trunkline/support';
import { teamMemberships, teams } from '@trunkline/teams';
import { webhooks } from '@trunkline/webhooks';
import type { EventFrame } from '@trunkline/wire';
import { toCore, type WebexConfig } from './config.js';
import { coreLogger, type WebexLogger } from './logger.js';
import { throughWebex, type SendOfficial } from './through-webex.js';

/** How people are looked up together, as the configuration says at that time. */
const batchOf = (config: WebexConfig): BatchOptions => ({
  get maxIds() {
    return config.people?.batcherMaxCalls;
  },
  get waitMs() {
    return config.people?.batcherWait;
  },
  get maxWaitMs() {
    return config.people?.batcherMaxWait;
  },
});

const makePlugins = (
  keep: Plugin<'webexHost', Host>,
  config: WebexConfig,
  log: LogBuffer,
  send: SendOfficial,
) => {
  const { appVersion, credentials, people: { showAllTypes = false } = {} } = config;
  const clientId = credentials?.client_id;
  return [
    keep,
    throughWebex(rooms(), send),
    // by REST, as there: `internal.conversation` is the encrypted way
    throughWebex(messages({ encrypted: false }), send),
    throughWebex(memberships(), send),
    throughWebex(people({ showAllTypes, batch: batchOf(config) }), send),
    throughWebex(teams(), send),
    throughWebex(teamMemberships(), send),
    throughWebex(webhooks(), send),
    throughWebex(attachmentActions({ encrypted: false }), send),
    presence(),
    devices(),
    media(),
    meetings(),
    support({
      log,
      ...(appVersion !== undefined && { appVersion }),
      ...(clientId !== undefined && { clientId }),
    }),
    ...e2ee(),
  ] as const;
};

export type LinkedClient = Client<ReturnType<typeof makePlugins>> & {
  readonly conversation: Conversation;
  readonly encryption: Encryption;
};
/** One client of ours, for as long as the credentials are the same. */
export interface Link {
  readonly client: LinkedClient;
  readonly host: Host;
  /** The frame in which an activity came, while it is on its way. */
  frameOf(activityId: string): EventFrame | undefined;
  /** Resolves when no request is under way. */
  idle(): Promise<void>;
}

export interface LinkParts {
  readonly config: () => WebexConfig;
  readonly token: TokenFunction;
  readonly logger: WebexLogger;
  readonly send: SendOfficial;
  /** in every tracking id */
  readonly sessionId: string;
  /** as soon as there is one */
  readonly made: (link: Link) => void;
}

// of frames that no one took up
const maxFrames = 1_000;

/** Holds the client; makes it at the first need, and another one after `drop`. */
export class Linkage {
  private current: Link | undefined;
  private count = 0;
  private readonly attached = new Set<{
    readonly attach: (link: Link) => () => void;
    off: (() => void) | undefined;
  }>();
  constructor(private readonly parts: LinkParts) {}

  get(): Link {
    return (this.current ??= this.make());
  }
  get exists(): boolean {
    return this.current !== undefined;
  }
  has(link: Link): boolean {
    return this.current === link;
  }
  /** Runs with the present client and every later one; what it answers undoes it. */
  attach(attach: (link: Link) => () => void): () => void {
    const entry = { attach, off: this.current === undefined ? undefined : attach(this.current) };
    this.attached.add(entry);
    return () => {
      this.attached.delete(entry);
      entry.off?.();
    };
  }
  async drop(): Promise<void> {
    await this.letGo()?.client.close();
  }
  /** Another client takes over at once; requests that are under way with the present one may finish. */
  async renew(): Promise<void> {
    const old = this.letGo();
    this.get();
    if (!old) return;
    await old.client.disconnect();
    await old.idle();
    await old.client.close();
  }
  private letGo(): Link | undefined {
    const link = this.current;
    this.current = undefined;
    for (const entry of this.attached) {
      entry.off?.();
      entry.off = undefined;
    }
    return link;
  }

  private make(): Link {
    const { config, token, logger, made, send, sessionId } = this.parts;
    let found: Host | undefined;
    const frames = new Map<string, EventFrame>();
    const keep = definePlugin({
      name: 'webexHost',
      setup: (host): Host => {
        // first of all plugins, so that the frame is known before anybody hands on what is in it
        host.onWire('conversation.activity', ({ activity }, frame) => {
          frames.set(activity.id, frame);
          if (frames.size <= maxFrames) return;
          for (const oldest of frames.keys()) {
            frames.delete(oldest);
            break;
          }
        });
        return (found = host);
      },
    });
    const client = createClient({
      ...toCore(config()),
      token,
      // of a second client, too, no tracking id comes twice
      trackingIdPrefix: (this.count += 1) === 1 ? sessionId : `${sessionId}_${String(this.count)}`,
      logger: coreLogger(logger),
      plugins: makePlugins(keep(), config(), logger.lines, send),
    }) as LinkedClient;
    if (found === undefined) throw new TypeError('core did not set up the plugin');
    const link: Link = {
      client,
      host: found,
      frameOf: (activityId) => frames.get(activityId),
      idle: idleness(found),
    };
    this.current = link;
    made(link);
    for (const entry of this.attached) entry.off = entry.attach(link);
    return link;
  }
}

/** Counts the requests of a client; a request in which others are made is one. */
function idleness(host: Host): () => Promise<void> {
  let underWay = 0;
  const waiting = new Set<() => void>();
  host.intercept({
    name: 'webex-under-way',
    phase: 'prepare',
    async run(request, next) {
      underWay += 1;
      try {
        return await next(request);
      } finally {
        underWay -= 1;
        if (underWay === 0) for (const done of [...waiting]) done();
      }
    },
  });
  return () =>
    new Promise((resolve) => {
      const done = (): void => {
        waiting.delete(done);
        resolve();
      };
      waiting.add(done);
      if (underWay === 0) done();
    });
}
