import type { Feature } from '@trunkline/wire';

export interface FeatureLists {
  readonly developer: readonly Feature[];
  readonly entitlement: readonly Feature[];
  readonly user: readonly Feature[];
}

export interface Features {
  of(userId: string): Promise<FeatureLists>;
  /** ids of people whose user toggle of that key has that value, in any case of letters */
  usersWith(key: string, val: string): Promise<readonly string[]>;
  /** Called after a user toggle was stored; it must not throw. */
  onUserToggle(listener: (userId: string, key: string, val: string) => void): void;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly features: Features;
  }
}
