// The states of the socket and what leads from one to another. Pure: mercury.ts carries out the actions.
import type { CloseMeaning } from '@trunkline/wire';
import type { SocketState } from '../../kernel/socket.js';

export type MercuryEvent =
  /** an app or a plugin calls connect */
  | 'connect'
  | 'disconnect'
  | 'client-closed'
  /** the service accepted a connection: the first one, or the second one of a switch-over */
  | 'opened'
  /** registering the device, getting a token or creating the WebSocket failed */
  | 'failed-transient'
  | 'failed-permanent'
  /** the delivering connection ended */
  | `ended-${CloseMeaning}`
  /** it ended while the next one was being opened */
  | 'ended-in-switch-over'
  /** the token or the device was renewed */
  | 'recovered'
  | 'retries-exhausted'
  /** the delay is over, the browser is online again, or a usable token has appeared */
  | 'retry-due'
  /** the service announces that it will close this connection */
  | 'shutdown';

/**
 * - `attempt`: open a connection
 * - `announce`: resolve `connect`, say that the socket is open, start to catch up
 * - `wait`: try again after a delay
 * - `retry-now`: try again without a delay
 * - `renew-token`, `renew-device`: then `recovered`, or one of the failures
 * - `open-second`: open the next connection while this one delivers
 * - `finish`: close every connection and reject `connect`
 */
export type MercuryAction =
  'attempt' | 'announce' | 'wait' | 'retry-now' | 'renew-token' | 'renew-device' | 'open-second' | 'finish';

export interface Transition {
  readonly to: SocketState;
  readonly action: MercuryAction;
}
type Row = Readonly<Partial<Record<MercuryEvent, Transition>>>;

const to = (state: SocketState, action: MercuryAction): Transition => ({ to: state, action });

const finish: Row = {
  disconnect: to('closed', 'finish'),
  'client-closed': to('closed', 'finish'),
};
/** While a connection is being opened, or is open. */
const connected: Row = {
  ...finish,
  opened: to('open', 'announce'),
  'failed-transient': to('waiting', 'wait'),
  'failed-permanent': to('closed', 'finish'),
  'ended-transient': to('waiting', 'wait'),
  'ended-unauthorized': to('connecting', 'renew-token'),
  'ended-unknown-device': to('connecting', 'renew-device'),
  'ended-replaced': to('closed', 'finish'),
  'ended-permanent': to('closed', 'finish'),
  'ended-in-switch-over': to('waiting', 'retry-now'),
  'retries-exhausted': to('closed', 'finish'),
};

export const transitions: Readonly<Record<SocketState, Row>> = {
  idle: { connect: to('connecting', 'attempt'), 'client-closed': to('closed', 'finish') },
  connecting: { ...connected, recovered: to('waiting', 'wait') },
  open: { ...connected, shutdown: to('open', 'open-second') },
  waiting: { ...finish, 'retry-due': to('connecting', 'attempt') },
  closed: { connect: to('connecting', 'attempt') },
};

/** What an event leads to in a state; undefined when it changes nothing there. */
export const transition = (state: SocketState, event: MercuryEvent): Transition | undefined =>
  transitions[state][event];
