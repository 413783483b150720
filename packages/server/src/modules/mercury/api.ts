import type { Write } from '../../kernel/store/index.js';
import type { LogRow } from './frames.js';

export type { LogRow } from './frames.js';

/** An event for the outbox: for a conversation's members, or for one person. */
export interface NewEvent {
  readonly conversationId?: string;
  readonly userId?: string;
  /** the frame's `data`, with its `eventType`; kept as JSON */
  readonly data: { readonly eventType: string; readonly [field: string]: unknown };
  /** The JSON text of the whole `data`, as `maskBase` makes it, from those who have it: `data` then only names the type. */
  readonly text?: string;
}

export interface Mercury {
  /**
   * Writes an event in the transaction of the fact it announces; sockets get it after COMMIT, redelivered until
   * acknowledged. Returns its position: members who join with it see events from that position on.
   */
  append(write: Write, event: NewEvent): Promise<number>;
  /** Not kept, not redelivered: for those who are connected now. False when that person's device was not. */
  sendToDevice(userId: string, deviceId: string, data: NewEvent['data']): boolean;
  sendToUsers(userIds: readonly string[], data: NewEvent['data']): void;
  /** Membership changed: forget what is cached about who is in the conversation. Call it in `afterCommit`. */
  membershipChanged(conversationId: string): void;

  /** A device was removed: its sockets end. */
  deviceRemoved(deviceId: string): void;
  /** Called after each event was committed; it must not throw. Returns an unsubscribe function. */
  onAppended(listener: () => void): () => void;
  /** The next events after a position, for all users. */
  eventsAfter(pos: number, limit: number): Promise<readonly LogRow[]>;
  /** Position of the newest event, within a write. */
  head(write: Write): Promise<number>;
  /** Whether a socket of this person is open and authorized. */
  connected(userId: string): boolean;
  /** Whether a socket of this device is open and authorized. */
  deviceConnected(deviceId: string): boolean;
  /** Called when a person's first socket opened or their last one closed; it must not throw. Returns an unsubscribe function. */
  onConnected(listener: (userId: string, connected: boolean) => void): () => void;
  /** Events stored and not handed on yet. */
  waiting(): Promise<number>;
}

declare module '../../kernel/module.js' {
  interface Modules {
    readonly mercury: Mercury;
  }
}
