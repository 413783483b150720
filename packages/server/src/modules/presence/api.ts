import type { PresenceStatus } from '@trunkline/wire';
import type { Urls } from '../../kernel/http/urls.js';

/** What is shown of a user to people of their organisation; callers have checked that they are. */
export interface Availability {
  /** From memory: asking for many costs nothing. Unknown ids are `unknown`. */
  availabilityOf(userId: string): {
    readonly status:
      'active' | 'calendarItem' | 'call' | 'dnd' | 'inactive' | 'meeting' | 'ooo' | 'presenting' | 'unknown';
    /** epoch ms */
    readonly lastActiveMs: number | undefined;
  };
}

export interface Presence extends Availability {
  /** A user did something: wrote, read, reacted. */
  acted(userId: string): void;
  /** What is shown of these people now; unknown ids are accepted. */
  show(userId: string, urls: Urls): PresenceStatus;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly presence: Presence;
  }
}
