import path from 'node:path';
import type { Context, Routes } from '../contracts.js';
import type { IdentityService } from '../identity/index.js';
import { activationRoutes } from './activation-routes.js';
import { folderMailer, memoryMailer, type Mailer } from './mailer.js';
import { createOneTimeCodes } from './one-time-codes.js';
import { profileRoutes } from './profile-routes.js';

export type { Mailer } from './mailer.js';

export interface Onboarding {
  readonly routes: readonly Routes[];
  /** Mails that wait to be sent by somebody. */
  readonly mailer: Mailer;
  sweep(): Promise<void>;
}

/** How people come in who have no password yet. @source protocol/identity-and-services.md §3.9 */
export function createOnboarding(context: Context, identity: IdentityService): Onboarding {
  const { data } = context.config;
  const now = (): number => context.now();
  const mailer = data === 'memory' ? memoryMailer(now) : folderMailer(path.join(data, 'outbox'), now);
  const codes = createOneTimeCodes(context, identity.tokens);
  return {
    routes: [activationRoutes(context, { identity, codes, mailer }), profileRoutes({ identity, codes })],
    mailer,
    sweep: async () => {
      await codes.sweep();
    },
  };
}
