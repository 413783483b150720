import {
  createClient,
  definePlugin,
  type Client,
  type Host,
  type LogBuffer,
  type TokenFunction,
  type Plugin,
} from '@trunkline/core';
import { devices } from '@trunkline/devices';
import type { Conversation } from '@trunkline/conversation';
import { e2ee, type Encryption } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { presence } from '@trunkline/presence';
import { rooms } from '@trunkline/rooms';
import { support } from '@trunkline/support';
import type { EventFrame } from '@trunkline/wire';
import { toCore, type WebexConfig } from './config.js';
import { coreLogger, type WebexLogger } from './logger.js';

const makePlugins = (keep: Plugin<'webexHost', Host>, config: WebexConfig, log: LogBuffer) => {
  const { appVersion, credentials, people: { showAllTypes = false } = {} } = config;
  const clientId = credentials?.client_id;
  return [
    keep,
    rooms(),
    messages(),
    memberships(),
    people({ showAllTypes }),
    presence(),
    devices(),
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
}

export interface LinkParts {
  readonly config: () => WebexConfig;
  readonly token: TokenFunction;
  readonly logger: WebexLogger;
  /** as soon as there is one */
  readonly made: (link: Link) => void;
}

// of frames that nobody took up
const maxFrames = 1_000;

/** Holds the client; makes it at the first need, and another one after `drop`. */
export class Linkage {
  private current: Link | undefined;
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
    const link = this.current;
    this.current = undefined;
    for (const entry of this.attached) {
      entry.off?.();
      entry.off = undefined;
    }
    await link?.client.close();
  }

  private make(): Link {
    const { config, token, logger, made } = this.parts;
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
      logger: coreLogger(logger),
      plugins: makePlugins(keep(), config(), logger.lines),
    }) as LinkedClient;
    if (found === undefined) throw new TypeError('core did not set up the plugin');
    const link: Link = { client, host: found, frameOf: (activityId) => frames.get(activityId) };
    this.current = link;
    made(link);
    for (const entry of this.attached) entry.off = entry.attach(link);
    return link;
  }
}
