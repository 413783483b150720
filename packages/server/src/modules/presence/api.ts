import type { PresenceStatus } from '@trunkline/wire';
import type { Urls } from '../../kernel/http/urls.js';

/** What is shown of somebody to people of their organisation; callers have checked that they are. */
export interface Availability {
  /** From memory: asking for many costs nothing. Ids of nobody are `unknown`. */
  availabilityOf(userId: string): {
    readonly status:
      'active' | 'calendarItem' | 'call' | 'dnd' | 'inactive' | 'meeting' | 'ooo' | 'presenting' | 'unknown';
    /** epoch ms */
    readonly lastActiveMs: number | undefined;
  };
}

export interface Presence extends Availability {
  /** Somebody did something: wrote, read, reacted. */
  acted(userId: string): void;
  /** What is shown of these people now; ids of nobody are as good as any. */
  show(userId: string, urls: Urls): PresenceStatus;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly presence: Presence;
  }
}
