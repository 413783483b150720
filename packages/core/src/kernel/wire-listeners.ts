import type { EventData, EventFrame } from '@trunkline/wire';
import { createFanOut, type FanOut, type FanOutListener } from '../kit/fan-out.js';

/** The listeners of the socket's events, by type. They may be added before there is a socket. */
export interface WireListeners {
  add(type: string, listener: FanOutListener<EventData, EventFrame>): () => void;
  /** Calls the listeners of the frame's type, see `FanOut.emit`. */
  dispatch(frame: EventFrame): Promise<void> | undefined;
  clear(): void;
}

export function createWireListeners(report: (error: unknown, context: string) => void): WireListeners {
  const byType = new Map<string, FanOut<EventData, EventFrame>>();
  return {
    add: (type, listener) => {
      let fanOut = byType.get(type);
      if (fanOut === undefined) {
        fanOut = createFanOut<EventData, EventFrame>((error) => {
          report(error, `a listener of the wire event ${type}`);
        });
        byType.set(type, fanOut);
      }
      return fanOut.add(listener);
    },
    dispatch: (frame) => byType.get(frame.data.eventType)?.emit(frame.data, frame),
    clear: () => {
      byType.clear();
    },
  };
}
