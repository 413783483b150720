import { sdkError } from '../kernel/errors.js';
import type { List } from './paging.js';

/** Loads a part of a package on first use. */
export interface Late<Part> {
  /**
   * Loads the part, once for all callers.
   *
   * @throws {SdkError} `ERR_MODULE_LOAD`, retryable: the next call loads it again
   */
  (): Promise<Part>;
  /** The part, once it is loaded. */
  readonly loaded: Part | undefined;
}

/**
 * Wraps an `import()`. A load that fails is forgotten, so that the next call tries again. Plugins use `host.late`, which
 * also makes the part known to `client.preload`.
 *
 * @param name for the error message
 * @example const files = createLate('files', () => import('./files/index.js'));
 */
export function createLate<Part>(name: string, load: () => Promise<Part>): Late<Part> {
  let loading: Promise<Part> | undefined;
  let loaded: Part | undefined;
  const run = async (): Promise<Part> => {
    try {
      return (loaded = await load());
    } catch (cause) {
      loading = undefined;
      throw sdkError(
        'ERR_MODULE_LOAD',
        `the part '${name}' of the SDK could not be loaded. Check the network and that the files of this version are still deployed, then call again.`,
        { cause, retryable: true },
      );
    }
  };
  const late = (): Promise<Part> => (loading ??= run());
  return Object.defineProperty(late, 'loaded', { get: () => loaded }) as Late<Part>;
}

/** Creates a list whose first page, or first item, loads the part that reads it. */
export const createLateList = <T>(list: () => Promise<List<T>>): List<T> => ({
  page: async () => (await list()).page(),
  async *[Symbol.asyncIterator]() {
    yield* await list();
  },
});

type AsyncMethod = (...call: never[]) => Promise<unknown>;

/**
 * Methods of a part that is loaded with their first call.
 *
 * @example const { share } = lateMethods(files, ['share']);
 */
export const lateMethods = <Part extends { readonly [N in Name]: AsyncMethod }, Name extends string>(
  part: () => Promise<Part>,
  names: readonly Name[],
): Pick<Part, Name> =>
  Object.fromEntries(
    names.map((name) => [name, async (...call: never[]) => (await part())[name](...call)]),
  ) as unknown as Pick<Part, Name>;
