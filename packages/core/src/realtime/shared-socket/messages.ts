import type { EventFrame, WdmDevice } from '@trunkline/wire';
import type { ErrorCode } from '../../kernel/errors.js';
import type { ConnectionEnd } from '../mercury/connection.js';

/** What a tab has received, for a leader that continues from there. */
export interface Heard {
  /** of which leader */
  readonly epoch: string;
  /** number of the latest frame */
  readonly last: number;
  /** it listened until that leader was gone, so that nothing was acknowledged without it */
  readonly whole: boolean;
}
/** What it takes to open the real socket. */
export interface Opening {
  readonly url: string;
  readonly token: string;
  readonly session: string;
  readonly checkSequence: boolean;
}
export type End = Omit<ConnectionEnd, 'cause'>;
/** A frame and its number under this leader. */
export interface Numbered {
  readonly n: number;
  readonly frame: EventFrame;
}

/**
 * From a tab to the leader of that epoch; one that was deposed while it hung must not act on what it finds when it wakes.
 * `from` names the tab, `id` the question, `conn` its end of the socket. `who` is for any leader.
 */
export type ToLeader = { readonly from: string; readonly epoch: string | undefined } & (
  | { readonly type: 'who' }
  | { readonly type: 'device'; readonly id: string; readonly refresh: boolean }
  | {
      readonly type: 'attach';
      readonly conn: string;
      readonly opening: Opening;
      readonly heard: Heard | undefined;
    }
  | { readonly type: 'detach'; readonly conn: string }
  | { readonly type: 'ack'; readonly id: string }
  | { readonly type: 'ping'; readonly id: string }
);

/** From the leader to the tab `to`, or to all. `epoch` names the time of this leader. */
export type FromLeader = { readonly epoch: string } & (
  | { readonly type: 'leads'; readonly device: WdmDevice | undefined }
  | { readonly type: 'device'; readonly device: WdmDevice }
  | ({ readonly type: 'answer'; readonly to: string; readonly id: string } & (
      { readonly device: WdmDevice } | { readonly failure: Failure }
    ))
  | { readonly type: 'pong'; readonly to: string; readonly id: string }
  | {
      readonly type: 'welcome';
      readonly to: string;
      readonly conn: string;
      readonly first: EventFrame;
      /** earlier frames that this tab has not received */
      readonly frames: readonly Numbered[];
      /** the latest there is */
      readonly last: number;
    }
  | ({ readonly type: 'frame' } & Numbered)
  | { readonly type: 'shutdown'; readonly reason: unknown; readonly conns: readonly string[] }
  | { readonly type: 'latency'; readonly ms: number }
  | { readonly type: 'closed'; readonly conns: readonly string[]; readonly end: End }
);
/** An error on its way between tabs. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly retryable: boolean;
}
