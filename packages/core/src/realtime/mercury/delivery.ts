import { applyHeaders, type EventFrame } from '@trunkline/wire';
import type { WireListeners } from '../../kernel/wire-listeners.js';
import { createBoundedSet } from '../../kit/bounded-set.js';
import type { CatchUp } from './catch-up.js';
import type { Connection } from './connection.js';

export interface DeliveryParts {
  readonly listeners: WireListeners;
  readonly catchUp: CatchUp;
  readonly trace: (source: string, type: string, event: unknown) => void;
}

/**
 * Gives each event frame to its listeners once, and acknowledges it when they are done. The hot path: it runs for every
 * frame of every connection.
 */
export function createDelivery({ listeners, catchUp, trace }: DeliveryParts) {
  const recent = createBoundedSet(5_000);
  /** frames whose listeners are still at work, by id */
  const handling = new Map<string, Promise<void>>();

  const dispatch = (frame: EventFrame, connection: Connection): void => {
    const { id, data } = frame;
    if (data.headers !== undefined) applyHeaders(data);
    trace('wire', data.eventType, data);
    const busy = listeners.dispatch(frame);
    if (busy === undefined) {
      connection.ack(id);
      return;
    }
    handling.set(id, busy);
    void busy.then(() => {
      handling.delete(id);
      connection.ack(id);
    });
  };
  /** It came before: it is acknowledged again, once its listeners are done. */
  const acknowledgeAgain = (id: string, connection: Connection): void => {
    const busy = handling.size === 0 ? undefined : handling.get(id);
    if (busy === undefined) connection.ack(id);
    else
      void busy.then(() => {
        connection.ack(id);
      });
  };
  return (frame: EventFrame, connection: Connection): void => {
    const fresh = recent.add(frame.id);
    if (fresh) dispatch(frame, connection);
    else acknowledgeAgain(frame.id, connection);
    if (frame.redelivered === true) catchUp.redelivered(fresh);
  };
}
