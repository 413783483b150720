import { sdkError, type SdkError } from '@trunkline/core';

/** What the umbrella does not have: said at once, never pretended. */
export const notSupported = (what: string, instead?: string): SdkError =>
  sdkError('ERR_NOT_SUPPORTED', `${what} is not supported${instead === undefined ? '' : `; ${instead}`}`, {
    status: 501, // as a service would say it
  });
/** A method that only says so. */
export function refuses(what: string, instead?: string): () => Promise<never> {
  // by its name one can tell it from what works
  const refused = (): Promise<never> => Promise.reject(notSupported(what, instead));
  return refused;
}

/** Any member, however deep, can be called, and refuses. */
export interface Unsupported {
  (...args: readonly unknown[]): Promise<never>;
  readonly [member: string]: Unsupported;
}
// their callers do not wait for a promise
const atOnce =
  /^(on|once|off|listenTo|listenToOnce|stopListening|trigger|emit|bind|unbind|addListener|removeListener|removeAllListeners|get[A-Z]\w*|create[A-Z]\w*|is[A-Z]\w*)$/;

/**
 * Stands for a plugin that there is not. Whatever is called on it is refused with `ERR_NOT_SUPPORTED`: methods that return
 * something at once (listeners, `get…`, `is…`) throw, all others reject. Assigned members are kept.
 */
export function unsupported(path: string): Unsupported {
  const name = path.split('.').pop() ?? path;
  const refuse = (): Promise<never> => {
    const error = notSupported(`${path}()`, 'use the official client for it');
    if (atOnce.test(name)) throw error;
    return Promise.reject(error);
  };
  return new Proxy(refuse as unknown as Unsupported, {
    get: (target, member) => {
      // awaited, shown or made JSON, it is a plain function
      if (typeof member === 'symbol' || member === 'then' || member === 'toJSON' || member in target)
        return Reflect.get(target, member) as unknown;
      return unsupported(`${path}.${member}`);
    },
    construct: () => {
      throw notSupported(`new ${path}()`, 'use the official client for it');
    },
  });
}
