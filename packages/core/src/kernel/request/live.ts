/**
 * What can still be aborted: calls under way, and answers whose body the caller reads. A body that no one reads any more
 * is forgotten with its stream.
 */
export interface Live {
  add(controller: AbortController): void;
  remove(controller: AbortController): void;
  /** The call is over, its body is not. */
  handOver(controller: AbortController, body: object): void;
  readonly abortAll: (reason: unknown) => void;
}

export function createLive(): Live {
  const calls = new Set<AbortController>();
  const controllers = new WeakMap<object, AbortController>();
  let bodies: WeakRef<object>[] = [];
  return {
    add: (controller) => void calls.add(controller),
    remove: (controller) => void calls.delete(controller),
    handOver: (controller, body) => {
      if (bodies.length >= 64) bodies = bodies.filter((reference) => reference.deref() !== undefined);
      controllers.set(body, controller);
      bodies.push(new WeakRef(body));
    },
    abortAll: (reason) => {
      for (const controller of [...calls]) controller.abort(reason);
      for (const reference of bodies) {
        const body = reference.deref();
        if (body !== undefined) controllers.get(body)?.abort(reason);
      }
      bodies = [];
    },
  };
}
