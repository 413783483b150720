import { sdkError } from '@trunkline/core';
import type { OwnStatus, Presence as Engine, PresenceUpdate } from '@trunkline/presence';
import type { PresenceStatus, PresenceSubscription } from '@trunkline/wire';
import { official } from './http-error.js';
import { WebexPlugin, type PluginDefinition } from './plugin.js';
import type { OfficialResponse } from './request.js';

/**
 * `webex.presence` and `webex.internal.presence`. Emits `updated` (`{ type, payload }`) once `initializeWorker` was called.
 *
 * @source protocol/presence-devices-support.md §1
 */
export class Presence extends WebexPlugin {
  static override readonly definition: PluginDefinition = { namespace: 'Presence' };
  /** who is on the screen, how many times */
  declare private readonly watched: Map<string, number>;
  declare private working: boolean;

  override initialize(): void {
    Object.defineProperty(this, 'watched', { value: new Map(), enumerable: false });
    Object.defineProperty(this, 'working', { value: false, writable: true, enumerable: false });
    if (this.config['initializeWorker'] === true)
      this.webex.once('ready', () => {
        this.initializeWorker();
      });
  }
  /** Begins to ask about whom `enqueue` names, and to emit `updated`. */
  initializeWorker(): void {
    if (this.working) return;
    this.working = true;
    const { linkage } = this.webex;
    linkage.attach(({ client: { presence } }) => {
      for (const [id, times] of this.watched) for (let n = 0; n < times; n += 1) presence.enqueue(id);
      return presence.on('updated', (update: PresenceUpdate) => {
        this.trigger('updated', update);
      });
    });
    linkage.get();
    // without a socket nothing is pushed; what is asked for comes all the same
    this.webex.internal.mercury.connect().catch((error: unknown) => {
      this.logger.warn('presence: the socket could not be opened', error);
    });
  }
  /** Emits an event here. */
  emitEvent(event: string, data: { readonly type?: unknown; readonly payload?: unknown }): void {
    if (data.type !== undefined && data.payload !== undefined) this.trigger(event, data);
  }
  enable(): Promise<boolean> {
    return official(this.engine.enable());
  }
  disable(): Promise<boolean> {
    return official(this.engine.disable());
  }
  /** What was set last; null when no one ever set it. */
  async isEnabled(): Promise<boolean | null> {
    return (await official(this.engine.isEnabled())) ?? null;
  }
  override get(personId: string): Promise<PresenceStatus> {
    if (!personId) return Promise.reject(sdkError('ERR_ARGUMENT', 'A person id is required'));
    return official(this.engine.get(personId));
  }
  async list(personIds: readonly string[]): Promise<{ readonly statusList: readonly PresenceStatus[] }> {
    if (!Array.isArray(personIds)) throw sdkError('ERR_ARGUMENT', 'An array of person ids is required');
    return { statusList: await official(this.engine.list(personIds)) };
  }
  /** @param ttl seconds */
  async subscribe(
    personIds: string | readonly string[],
    ttl = 600,
  ): Promise<{ readonly responses: readonly PresenceSubscription[] }> {
    if (personIds.length === 0) throw sdkError('ERR_ARGUMENT', 'A person id is required');
    return { responses: await official(this.engine.subscribe(personIds, ttl)) };
  }
  unsubscribe(personIds: string | readonly string[]): Promise<OfficialResponse> {
    if (personIds.length === 0) return Promise.reject(sdkError('ERR_ARGUMENT', 'A person id is required'));
    const subjects = typeof personIds === 'string' ? [personIds] : personIds;
    return this.webex.request({
      method: 'POST',
      service: 'apheleia',
      resource: 'subscriptions',
      body: { subjects, subscriptionTtl: 0, includeStatus: true },
    });
  }
  /** @param ttl seconds */
  setStatus(status: OwnStatus, ttl?: number): Promise<{ readonly subject: string; readonly status: string }> {
    if (!(status as string)) return Promise.reject(sdkError('ERR_ARGUMENT', 'A status is required'));
    return official(this.engine.setStatus(status, ttl));
  }
  enqueue(personId: string): Promise<void> {
    if (!personId) return Promise.reject(sdkError('ERR_ARGUMENT', 'A person id is required'));
    this.watched.set(personId, (this.watched.get(personId) ?? 0) + 1);
    if (this.working) this.engine.enqueue(personId);
    return Promise.resolve();
  }
  dequeue(personId: string): Promise<void> {
    if (!personId) return Promise.reject(sdkError('ERR_ARGUMENT', 'A person id is required'));
    const times = this.watched.get(personId) ?? 0;
    if (times > 1) this.watched.set(personId, times - 1);
    else this.watched.delete(personId);
    if (this.working && times > 0) this.engine.dequeue(personId);
    return Promise.resolve();
  }
  private get engine(): Engine {
    return this.webex.linkage.get().client.presence;
  }
}
