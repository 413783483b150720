import type { Listenable } from '@trunkline/core';

/**
 * The next payload of one event type. Call it before you cause the event, await it afterwards.
 *
 * @param options.timeoutMs real milliseconds, default 5000
 * @param options.where     skips payloads it answers false for
 * @throws an `Error` that names the event when none came in time
 * @example
 * const seen = nextEvent(ben.messages, 'created');
 * await ana.messages.create({ roomId, text: 'hello' });
 * expect((await seen).text).to.equal('hello');
 */
export function nextEvent<Events, Type extends keyof Events & string>(
  listenable: Listenable<Events>,
  type: Type,
  options: { readonly timeoutMs?: number; readonly where?: (event: Events[Type]) => boolean } = {},
): Promise<Events[Type]> {
  const { timeoutMs = 5000, where = () => true } = options;
  const promise = new Promise<Events[Type]>((resolve, reject) => {
    const timer = setTimeout(() => {
      off();
      reject(new Error(`no '${type}' event within ${String(timeoutMs)} ms`));
    }, timeoutMs);
    const off = listenable.on(type, (event) => {
      try {
        if (!where(event)) return;
        resolve(event);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
      clearTimeout(timer);
      off();
    });
  });
  // a test that fails before it awaits this must not die of a second, unhandled, failure
  promise.catch(() => undefined);
  return promise;
}
