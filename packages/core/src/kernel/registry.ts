import { sdkError } from './errors.js';
import type { Plugin } from './plugin.js';

// one set per program, whichever copies of core are in it; script tags see it as Trunkline.plugins
const key = Symbol.for('trunkline.plugins');

/** A factory that needs no options. */
export interface RegisteredFactory {
  (): Plugin;
  readonly pluginName: string;
  readonly version: string;
}

/** Filled by the `register` subpaths, by declaration merging: `interface RegisteredPlugins { readonly polls: Polls }`. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
export interface RegisteredPlugins {}

/** The default set: what `createClient` takes when it is given no `plugins`. */
export const registeredPlugins = (): Record<string, RegisteredFactory> =>
  ((globalThis as Record<symbol, unknown>)[key] ??= {}) as Record<string, RegisteredFactory>;

/**
 * Puts a plugin into the default set. The same again changes nothing: the first that came stays.
 *
 * @throws {SdkError} `ERR_PLUGIN_VERSION` when another version of it is there already
 */
export function registerPlugin(factory: RegisteredFactory): void {
  const set = registeredPlugins();
  const { pluginName: name, version } = factory;
  const known = set[name];
  if (known && known.version !== version)
    throw sdkError(
      'ERR_PLUGIN_VERSION',
      `'${name}' ${known.version} is registered already, now ${version} comes; load one version of it`,
    );
  set[name] ??= factory;
}
