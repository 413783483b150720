import type { SocketEvents } from '@trunkline/core';
import type { EventFrame } from '@trunkline/wire';
import { shown } from './conversation-refs.js';
import type { Listener } from './events.js';
import { official } from './http-error.js';
import type { Link } from './link.js';
import { refuses } from './not-supported.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';

// events by `event` and by namespace, which core does not offer. @source protocol/device-and-mercury.md §4.7
const known = [
  'conversation.activity',
  'status.start_typing',
  'status.stop_typing',
  'apheleia.subscription_update',
  'lyra.space_updated',
  'featureToggle_update',
  'ActiveClusterStatusEvent',
  'u2c.cache-invalidation',
  'mercury.buffer_state',
  'mercury.registration_status',
  'encryption.kms_message',
];
const activityType = 'conversation.activity';
const namespaceOf = (type: string): string => type.split('.')[0] ?? type;

/** `webex.internal.mercury`: the socket. Frames are `event`, `event:<namespace>`, `event:<namespace>.<name>`. */
export class Mercury extends WebexPlugin {
  static override readonly definition: PluginDefinition = {
    namespace: 'Mercury',
    session: {
      connected: ['boolean', true, false],
      connecting: ['boolean', true, false],
      hasEverConnected: ['boolean', true, false],
      lastError: 'any',
      mercuryTimeOffset: 'number',
    },
  };
  declare readonly connected: boolean;
  declare readonly connecting: boolean;
  declare readonly hasEverConnected: boolean;
  /** by wire type */
  declare private readonly attached: Map<string, () => void>;

  override initialize(): void {
    Object.defineProperty(this, 'attached', { value: new Map(), enumerable: false });
    this.webex.linkage.attach((link) => {
      const offs = [
        link.client.socket.on('state', (change) => {
          this.changed(change);
        }),
        link.client.socket.on('maintenance', ({ url }) => {
          this.trigger('event:mercury_shutdown_imminent', { url });
        }),
        link.client.socket.on('latency', ({ ms }) => {
          this.trigger('ping-pong-latency', ms);
        }),
      ];
      return () => {
        for (const off of offs) off();
        this.set({ connected: false, connecting: false });
      };
    });
  }
  override on(
    event: `event:${string}` | 'event',
    listener: (frame: EventFrame) => unknown,
    context?: unknown,
  ): this;
  override on(events: string, listener: Listener, context?: unknown): this;
  override on(events: string, listener: Listener, context?: unknown): this {
    return super.on(events, listener, context);
  }
  /** Registers the device when there is none, and resolves when the socket is open. */
  async connect(): Promise<void> {
    const { linkage, session, credentials } = this.webex;
    const link = linkage.get();
    try {
      await session.takeOver(link, credentials.taken);
      await official(link.client.connect());
    } catch (error) {
      // another client has taken over meanwhile
      if (linkage.exists && !linkage.has(link)) return this.connect();
      this.set({ lastError: error });
      throw error;
    }
  }
  /** Connects: listening begins with it. */
  listen(): Promise<void> {
    return this.connect();
  }
  /** Closes the socket; the device stays. */
  async disconnect(): Promise<void> {
    if (this.webex.linkage.exists) await this.webex.linkage.get().client.disconnect();
  }
  logout(): Promise<void> {
    return this.disconnect();
  }
  /** There is one socket for each Webex. */
  disconnectAll(): Promise<void> {
    return this.disconnect();
  }
  hasConnectedSockets(): boolean {
    return this.connected;
  }
  hasConnectingSockets(): boolean {
    return this.connecting;
  }
  readonly getSocket = refuses('mercury.getSocket()', 'listen to events');
  readonly getSockets = refuses('mercury.getSockets()', 'listen to events');
  getLastError(): unknown {
    return this.get('lastError');
  }

  /** Attached to the wire for what someone listens to, and no longer: activities are decrypted for their listeners only. */
  protected override listenersChanged(): void {
    const heard = this.heardEvents().filter(
      (event) => event === 'event' || event === 'all' || event.startsWith('event:'),
    );
    const wanted = new Set(heard.map((event) => event.slice('event:'.length)).filter(Boolean));
    const all = heard.includes('event') || heard.includes('all');
    for (const type of known) if (all || wanted.has(namespaceOf(type))) wanted.add(type);
    for (const [type, off] of [...this.attached])
      if (!wanted.has(type)) {
        this.attached.delete(type);
        off();
      }
    for (const type of wanted)
      if (!this.attached.has(type))
        this.attached.set(
          type,
          this.webex.linkage.attach((link) => this.follow(link, type)),
        );
  }

  private follow(link: Link, type: string): () => void {
    if (type !== activityType)
      return link.host.onWire(type as typeof activityType, (_data, frame) => {
        this.tell(frame);
      });
    return link.client.conversation.onActivity((activity) => {
      const { object } = activity;
      // the official client puts words in the place of what it cannot read
      if (activity.decryptionFailed === true && object.displayName === '')
        Object.assign(object, {
          displayName: this.webex.config['conversation']?.['decryptionFailureMessage'],
        });
      const frame = link.frameOf(activity.id) ?? {
        id: activity.id,
        data: { eventType: activityType, activity },
      };
      this.tell({ ...frame, data: { ...frame.data, ...{ activity: shown(activity) } } });
    });
  }
  private tell(frame: EventFrame): void {
    const { eventType } = frame.data;
    if (frame.wsWriteTimestamp !== undefined)
      this.set({ mercuryTimeOffset: Date.now() - frame.wsWriteTimestamp });
    this.trigger('event', frame);
    const namespace = namespaceOf(eventType);
    if (namespace !== eventType) this.trigger(`event:${namespace}`, frame);
    this.trigger(`event:${eventType}`, frame);
  }
  /** @source protocol/device-and-mercury.md §5 */
  private changed({ from, to, reason }: SocketEvents['state']): void {
    this.set({
      connected: to === 'open',
      connecting: to === 'connecting' || to === 'waiting',
      ...(to === 'open' && { hasEverConnected: true }),
    });
    if (to === 'open') this.trigger('online');
    if (from !== 'open') {
      if (to === 'waiting') this.trigger('connection_failed', { reason });
      return;
    }
    const kind = to !== 'closed' ? 'transient' : reason === 'replaced' ? 'replaced' : 'permanent';
    const event = {
      code: kind === 'replaced' ? 4000 : kind === 'permanent' ? 1000 : 1006,
      reason: reason ?? '',
    };
    this.trigger('offline', event);
    this.trigger(`offline.${kind}`, event);
  }
}
