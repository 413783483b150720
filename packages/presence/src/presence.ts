import type { Host } from '@trunkline/core';
import {
  checkArguments,
  type ParameterRules,
  createEventSource,
  requireArgument,
  type EventOutlet,
} from '@trunkline/core/kit';
import type { Feature, PresenceStatus } from '@trunkline/wire';
import { createLookup } from './lookup.js';
import { createWatched } from './model.js';
import { bareId, bareIds, createRequests } from './requests.js';
import type { OwnPresence, Presence, PresenceEvents, PresenceOptions } from './types.js';
import { createWorker } from './worker.js';

const toggle = 'user-presence-enabled';
const defaultTtlS = 600;

/** What each call takes before `init`. */
const rules: ParameterRules<Presence> = {
  get: 'personId:text',
  list: 'personIds:texts',
  enqueue: 'sync personId:text',
  dequeue: 'sync personId:text',
  subscribe: 'personIds:any ttlS?:number',
  unsubscribe: 'personIds:any',
  setStatus: 'status:text ttlS?:number',
  enable: '',
  disable: '',
  isEnabled: '',
  watch: 'sync personId:text',
};

/** What callers see as `client.presence`. */
export function createPresence(host: Host, options: PresenceOptions = {}): Presence {
  const requests = createRequests(host, options);
  const lookup = createLookup(host, requests);
  const outlets = new Set<EventOutlet<PresenceEvents>>();
  const worker = createWorker(host, requests, (update) => {
    for (const outlet of outlets) outlet.emit('updated', update);
  });
  const events = createEventSource<PresenceEvents>(host, 'presence', (outlet) => {
    outlets.add(outlet);
    const off = host.onWire('apheleia.subscription_update', (payload) => {
      outlet.emit('updated', { type: 'subscription', payload });
    });
    return () => {
      outlets.delete(outlet);
      off();
    };
  });

  // set here; else as the device received it when it registered
  let enabled: boolean | undefined;
  const setEnabled = async (value: boolean, init?: Parameters<Presence['enable']>[0]): Promise<boolean> => {
    const { userId } = await host.connect(init);
    await host.request<Feature>({
      ...init,
      method: 'POST',
      service: 'feature',
      path: `features/users/${userId}/user`,
      body: { key: toggle, mutable: true, val: value },
      idempotent: true, // the same again is the same
    });
    enabled = value;
    return value;
  };
  host.onWire('featureToggle_update', ({ featureToggle }) => {
    if (featureToggle?.key === toggle && featureToggle.type === 'USER')
      enabled = /^true$/i.test(featureToggle.val);
  });

  return checkArguments('presence', rules, {
    ...events,
    async get(personId, init) {
      requireArgument(typeof personId === 'string' && personId !== '', 'presence.get', 'an id of a person');
      const { body } = await host.request<PresenceStatus>({
        ...init,
        service: 'apheleia',
        path: 'compositions',
        query: { userId: bareId(personId) },
      });
      return body;
    },
    async list(personIds, init) {
      requireArgument(Array.isArray(personIds), 'presence.list', 'a list of ids of people');
      if (personIds.length === 0) return [];
      bareIds(personIds, 'presence.list');
      return lookup(personIds.map(bareId), init);
    },
    enqueue(personId) {
      worker.enqueue(one(personId, 'presence.enqueue'));
    },
    dequeue(personId) {
      worker.dequeue(one(personId, 'presence.dequeue'));
    },
    async subscribe(personIds, ttlS = defaultTtlS, init) {
      requireArgument(ttlS > 0, 'presence.subscribe', 'a number of seconds above 0');
      const answers = await requests.subscriptions(bareIds(personIds, 'presence.subscribe'), ttlS, init);
      return (await Promise.all(answers)).flat();
    },
    async unsubscribe(personIds, init) {
      await Promise.all(await requests.subscriptions(bareIds(personIds, 'presence.unsubscribe'), 0, init));
    },
    async setStatus(status, ttlS, init) {
      requireArgument(status, 'presence.setStatus', 'a status');
      const { userId } = await host.connect(init);
      const { body } = await host.request<Partial<OwnPresence> | undefined>({
        ...init,
        method: 'POST',
        service: 'apheleia',
        path: 'events',
        // as the official client has it
        body: {
          subject: userId,
          eventType: status,
          ...(status !== 'dnd' && { label: userId }),
          ...(ttlS !== undefined && { ttl: ttlS }),
        },
        idempotent: true,
      });
      return { subject: userId, eventType: status, status: body?.status ?? status };
    },
    enable: (init) => setEnabled(true, init),
    disable: (init) => setEnabled(false, init),
    async isEnabled(init) {
      const { features } = await host.connect(init);
      const known = features.user.find(({ key }) => key === toggle);
      return enabled ?? (known === undefined ? undefined : /^true$/i.test(known.val));
    },
    watch(personId) {
      const id = one(personId, 'presence.watch');
      const watched = createWatched(
        id,
        (error, event) => {
          host.report(error, `a listener of presence.watch().on('${event}')`);
        },
        () => {
          off();
        },
      );
      const off = worker.follow(id, watched.show);
      return watched.model;
    },
  });
}

const one = (id: unknown, call: string): string => {
  requireArgument(typeof id === 'string' && id !== '', call, 'an id of a person');
  return bareId(id);
};
