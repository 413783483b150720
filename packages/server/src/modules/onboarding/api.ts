import type { Mailer } from './mailer.js';

export type { Mailer } from './mailer.js';

export interface Onboarding {
  /** Mails that wait to be sent. */
  readonly mailer: Mailer;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly onboarding: Onboarding;
  }
}
