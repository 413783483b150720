import type { EventData, EventFrame } from '@trunkline/wire';

type Listener = (data: EventData, frame: EventFrame) => unknown;

/** Who listens to what on the socket. */
export interface WireListeners {
  add(type: string, listener: Listener): () => void;
  /** Calls them in order of coming. Undefined when all were done at once, else a promise that never rejects. */
  dispatch(frame: EventFrame): Promise<void> | undefined;
  clear(): void;
}

export function createWireListeners(report: (error: unknown, context: string) => void): WireListeners {
  // lists are replaced, never changed: who comes or goes while a frame is dispatched is no trouble
  const byType = new Map<string, readonly Listener[]>();
  const failed = (error: unknown, type: string): void => {
    report(error, `a listener of the wire event ${type}`);
  };
  return {
    add: (type, listener) => {
      const own: Listener = (data, frame) => listener(data, frame);
      byType.set(type, [...(byType.get(type) ?? []), own]);
      return () => {
        const left = (byType.get(type) ?? []).filter((other) => other !== own);
        if (left.length === 0) byType.delete(type);
        else byType.set(type, left);
      };
    },
    dispatch: (frame) => {
      const { data } = frame;
      const list = byType.get(data.eventType);
      if (list === undefined) return undefined;
      let waiting: PromiseLike<unknown>[] | undefined;
      for (const listener of list) {
        try {
          const result = listener(data, frame);
          if (
            result !== undefined &&
            result !== null &&
            typeof (result as PromiseLike<unknown>).then === 'function'
          )
            (waiting ??= []).push(result as PromiseLike<unknown>);
        } catch (error) {
          failed(error, data.eventType);
        }
      }
      if (waiting === undefined) return undefined;
      return settled(waiting, (error) => {
        failed(error, data.eventType);
      });
    },
    clear: () => {
      byType.clear();
    },
  };
}

async function settled(
  waiting: readonly PromiseLike<unknown>[],
  failed: (error: unknown) => void,
): Promise<void> {
  for (const result of await Promise.allSettled(waiting))
    if (result.status === 'rejected') failed(result.reason);
}
