import { sdkError } from './errors.js';
import type { Host } from './host.js';
import { VERSION } from './version.js';

// Two copies of core (ESM, CommonJS) may meet in one program: recognise by registered symbol and major version.
const mark = Symbol.for('trunkline.plugin');
const major = Number(VERSION.split('.')[0]);

/** A plugin with its options, ready for one client. Made by {@link definePlugin}. */
export interface Plugin<Name extends string = string, Api = unknown> {
  readonly name: Name;
  /** names of plugins that must be there; set-up is sorted by it */
  readonly needs: readonly string[];
  /** Creates the plugin's API for one client. */
  setup(host: Host): Api;
}
/** One plugin, or several that come together, such as `e2ee()`. */
export type PluginOrPlugins = Plugin | readonly Plugin[];
type Each<P> = P extends readonly (infer Inner)[] ? Inner : P;

/** `client.polls` is in the type exactly when `polls()` was given. */
export type Added<P extends readonly PluginOrPlugins[]> = {
  readonly [K in Each<P[number]> as K extends Plugin<infer Name> ? Name : never]: K extends Plugin<
    string,
    infer Api
  >
    ? Api
    : never;
};

// Both tests are needed for `polls()` to compile: options left out altogether, and options with only optional keys.
type Arguments<Options> = undefined extends Options
  ? [options?: Options]
  : Partial<Options> extends Options
    ? [options?: Options]
    : [options: Options];
/** `polls`: call it with the plugin's options. */
export interface PluginFactory<Name extends string, Api, Options> {
  (...args: Arguments<Options>): Plugin<Name, Api>;
  /** the property on the client (a function's own `name` is taken) */
  readonly pluginName: Name;
  readonly version: string;
}

/** A plugin factory that was passed where a plugin is expected. */
export interface Uncalled {
  readonly pluginName: string;
}
/** For type errors: replaces each factory in a list of plugins by a sentence that says to call it. */
export type NotCalled<P extends readonly unknown[]> = {
  readonly [K in keyof P]: P[K] extends { readonly pluginName: infer Name extends string }
    ? `Call the plugin: write ${Name}(), not ${Name}`
    : P[K];
};

/**
 * Makes a plugin. Calling the factory does nothing yet; handing the result to a client runs `setup` on it, once.
 *
 * @param definition.name  the property on the client, and what others put into `needs`
 * @param definition.version of the package; two of one name cannot both be registered, see `registerPlugin`
 * @param definition.needs names of plugins that must be on the same client
 * @param definition.setup makes what the caller sees; no I/O here, and no timer
 * @example
 * export const polls = definePlugin({ name: 'polls', setup: (host, options?: PollsOptions): Polls => createPolls(host) });
 */
export function definePlugin<const Name extends string, Api, Options = undefined>(definition: {
  readonly name: Name;
  readonly version?: string;
  readonly needs?: readonly string[];
  readonly setup: (host: Host, options: Options) => Api;
}): PluginFactory<Name, Api, Options> {
  const { name, version = '', needs = [], setup } = definition;
  const factory = (options: Options): Plugin<Name, Api> =>
    Object.assign({ name, needs, setup: (host: Host) => setup(host, options) }, { [mark]: major });
  return Object.assign(factory, { pluginName: name, version }) as PluginFactory<Name, Api, Options>;
}

function notAPlugin(value: unknown): string {
  const name = typeof value === 'function' ? (value as Partial<Uncalled>).pluginName : undefined;
  return name === undefined
    ? `plugins: expected a value made by definePlugin(), got ${value === null ? 'null' : typeof value}`
    : `plugins: got ${name}, expected ${name}(). Call it`;
}

/**
 * Throws unless `value` was made by `definePlugin` of a core of the same major version.
 *
 * @throws {SdkError} `ERR_NOT_A_PLUGIN`, `ERR_CORE_MISMATCH`
 */
export function checkPlugin(value: unknown): asserts value is Plugin {
  const found =
    typeof value === 'object' && value !== null ? (value as Record<symbol, unknown>)[mark] : undefined;
  if (found === undefined) throw sdkError('ERR_NOT_A_PLUGIN', notAPlugin(value));
  if (found !== major)
    throw sdkError(
      'ERR_CORE_MISMATCH',
      `a plugin for @trunkline/core ${JSON.stringify(found)}, here is ${String(major)}; install one version of both`,
    );
}
