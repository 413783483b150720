import type { WebexConfig } from './config.js';
import type { PluginClass } from './plugin.js';
import type { OfficialInterceptor } from './request.js';
import type { Webex } from './webex.js';

type InterceptorMaker =
  ((this: Webex) => OfficialInterceptor) | { create(this: Webex): OfficialInterceptor } | undefined | null;

export interface RegisterOptions {
  /** defaults for the configuration, below what `Webex.init` is given */
  readonly config?: WebexConfig;
  /** by name; a function that makes one, with the Webex as `this`, or a class with a static `create`. `undefined` takes that name away. */
  readonly interceptors?: Readonly<Record<string, InterceptorMaker>>;
  /** runs at `logout`, last come first */
  readonly onBeforeLogout?: (this: unknown) => unknown;
  /** instead of one of that name that is there */
  readonly replace?: boolean;
  readonly [more: string]: unknown;
}
export interface Registered {
  readonly name: string;
  readonly Class: PluginClass;
  readonly options: RegisterOptions;
}

// as there: plugins are registered once, for every Webex that is made afterwards
const publicOnes = new Map<string, Registered>();
const internalOnes = new Map<string, Registered>();

function put(all: Map<string, Registered>, name: string, Class: PluginClass, options: RegisterOptions): void {
  if (all.has(name) && options.replace !== true) return;
  all.set(name, { name, Class, options });
}
/** From now on every Webex has it as `webex[name]`. The first of a name stays, unless `replace`. */
export function registerPlugin(name: string, Class: PluginClass, options: RegisterOptions = {}): void {
  put(publicOnes, name, Class, options);
}
/** From now on every Webex has it as `webex.internal[name]`. */
export function registerInternalPlugin(
  name: string,
  Class: PluginClass,
  options: RegisterOptions = {},
): void {
  put(internalOnes, name, Class, options);
}
export const registered = () => ({
  publicOnes: [...publicOnes.values()],
  internalOnes: [...internalOnes.values()],
});

/** Calls what was registered as an interceptor. */
export function makeInterceptors(webex: Webex): readonly OfficialInterceptor[] {
  const makers = new Map<string, NonNullable<InterceptorMaker>>();
  for (const { options } of [...publicOnes.values(), ...internalOnes.values()])
    for (const [name, maker] of Object.entries(options.interceptors ?? {}))
      if (maker) makers.set(name, maker);
      else makers.delete(name);
  return [...makers.values()].map((maker) =>
    'create' in maker ? maker.create.call(webex) : maker.call(webex),
  );
}
