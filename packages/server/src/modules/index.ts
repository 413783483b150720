// Which services there are, and who may talk to whom: each gets what it is handed here and nothing else.
import type { FastifyInstance } from 'fastify';
import type { createFaults } from '../kernel/http/faults.js';
import type { Counts } from '../kernel/metrics.js';
import type { Sockets } from '../kernel/http/sockets.js';
import { adminRoutes } from '../ops/admin/index.js';
import { catalogRoutes } from './catalog/index.js';
import type { Context, Routes } from './contracts.js';
import { createConversations, type ConversationService } from './conversation/index.js';
import { createDevices } from './devices/index.js';
import { createFiles } from './files/index.js';
import { createGuests, createIdentity, type IdentityService } from './identity/index.js';
import { createKms } from './kms/index.js';
import { createLyra } from './lyra/index.js';
import { createMercury, type MercuryService } from './mercury/index.js';
import { createPresence, isAct } from './presence/index.js';
import { createOnboarding } from './onboarding/index.js';
import { createRest } from '../api/index.js';
import { createSupport } from '../ops/support/index.js';
import { createFeatures } from './features/index.js';
import { telemetryRoutes } from '../ops/telemetry/index.js';
import { createWebhooks, type WebhookService } from './webhooks/index.js';

/** What the process hands to its services beyond what each of them needs. */
export interface Platform extends Context {
  readonly sockets: Sockets;
  readonly faults: ReturnType<typeof createFaults>;
  readonly counts: Counts;
  /** of the second port, once it listens */
  tlsPort(): number | undefined;
  /** what absolute URLs begin with that nobody asked for, once the service listens */
  base(): string;
}

export interface Services {
  readonly identity: IdentityService;
  readonly mercury: MercuryService;
  readonly conversations: ConversationService;
  readonly webhooks: WebhookService;
  register(app: FastifyInstance): void;
  /** What must be done from time to time: retention, expired tokens and devices. */
  sweep(): Promise<void>;
}

export async function createServices(platform: Platform, orgId: string): Promise<Services> {
  const identity = createIdentity(platform, orgId);
  const mercury = await createMercury(platform, identity);
  const kms = await createKms(platform, identity, mercury);
  const guests = createGuests(platform, identity, kms.vault);
  const onboarding = createOnboarding(platform, identity);
  const conversations = createConversations(platform, identity, mercury, kms);
  // the one circle: conversations announce through mercury, which asks them who is there
  mercury.useAudience(conversations);
  const files = createFiles(platform, identity, conversations, kms);
  const features = createFeatures(platform, identity, mercury);
  const presence = await createPresence(platform, identity, mercury, features, conversations.reads);
  const rest = createRest(platform, { identity, conversations, kms, mercury, files, presence });
  const webhooks = createWebhooks(platform, { identity, mercury, conversations, vault: kms.vault });
  const devices = createDevices(platform, identity, mercury, features);
  const lyra = createLyra(platform, { identity, mercury, conversations, wdm: devices, vault: kms.vault });
  const support = createSupport(platform, identity, (name) => kms.vault.signer(name));

  const routes: readonly Routes[] = [
    ...identity.routes,
    guests.routes,
    ...onboarding.routes,
    catalogRoutes(platform, identity),
    devices.routes,
    lyra.routes,
    features.routes,
    presence.routes,
    ...support.routes,
    kms.routes,
    conversations.routes,
    files.routes,
    rest.routes,
    webhooks.routes,
    telemetryRoutes(identity),
    adminRoutes(platform, identity, { guests, mailer: onboarding.mailer, rooms: lyra }),
  ];
  return {
    identity,
    mercury,
    conversations,
    webhooks,
    register: (app) => {
      app.addHook('onResponse', async (request, reply) => {
        if (reply.statusCode >= 400 || !isAct(request.method, request.routeOptions.url ?? '')) return;
        const caller = await identity.callerIfAny(request.headers.authorization);
        if (caller !== undefined) presence.acted(caller.user.id);
      });
      // each in a scope of its own: its body parsers and hooks are no other's
      for (const add of routes)
        void app.register((scope, _, done) => {
          add(scope);
          done();
        });
    },
    sweep: async () => {
      await mercury.prune();
      await files.sweep();
      await devices.sweep();
      await lyra.sweep();
      await identity.sweep();
      await onboarding.sweep();
      await presence.sweep();
      await support.sweep();
    },
  };
}
