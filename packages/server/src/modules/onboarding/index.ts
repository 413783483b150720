import path from 'node:path';
import type { Kernel } from '../../kernel/kernel.js';
import { defineModule, type Needs } from '../../kernel/module.js';
import { activationRoutes } from './activation-routes.js';
import { folderMailer, memoryMailer } from './mailer.js';
import { createOneTimeCodes } from './one-time-codes.js';
import { profileRoutes } from './profile-routes.js';

export type { Mailer } from './mailer.js';

/** How people come in who have no password yet. @source protocol/identity-and-services.md §3.9 */
export const onboarding = defineModule({ name: 'onboarding', needs: ['identity'], setup: createOnboarding });

function createOnboarding(kernel: Kernel, { identity }: Needs<'identity'>) {
  const { data } = kernel.config;
  const now = (): number => kernel.now();
  const mailer = data === 'memory' ? memoryMailer(now) : folderMailer(path.join(data, 'outbox'), now);
  const codes = createOneTimeCodes(kernel, identity.tokens);
  return {
    routes: [activationRoutes(kernel, { identity, codes, mailer }), profileRoutes({ identity, codes })],
    api: { mailer },
    sweep: async () => {
      await codes.sweep();
    },
  };
}
