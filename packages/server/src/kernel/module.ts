import type { FastifyInstance } from 'fastify';
import type { Kernel } from './kernel.js';
import type { Lifecycle } from './lifecycle.js';
import type { Migrations } from './store/index.js';

/** What each module offers to others, by the module's name. Every `modules/NAME/api.ts` adds its own entry. */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- filled by declaration merging
export interface Modules {}
export type ModuleName = keyof Modules;
/** The apis of these modules: what `setup` gets for its `needs`. */
export type Needs<Names extends ModuleName> = Pick<Modules, Names>;

/** Adds routes, parsers or hooks to an app, or to a scope of one. */
export type Routes = (app: FastifyInstance) => void;

/** What a module consists of, besides its api. All of it is optional. */
export interface Parts {
  /** Its HTTP routes. Each entry gets a scope of its own: its body parsers and hooks are not shared. */
  readonly routes?: readonly Routes[];
  /** Hooks over every route of the service, those of other modules among them. */
  readonly everyRoute?: Routes;
  /** Runs once the service listens. */
  readonly start?: () => void | Promise<void>;
  /** Runs from time to time: removes what has expired. */
  readonly sweep?: () => Promise<void>;
  /** Undoes `start`, while sockets and requests are still served. */
  readonly stop?: () => void | Promise<void>;
  /** Releases what `setup` acquired. Sockets and requests have ended by then; the store is still open. */
  readonly close?: () => void | Promise<void>;
}
type PartsOf<Name extends string> = Parts &
  (Name extends ModuleName ? { readonly api: Modules[Name] } : { readonly api?: undefined });

/** One module of the service. Made by {@link defineModule}. */
export interface Module {
  readonly name: string;
  readonly needs: readonly string[];
  readonly migrations: Migrations;
  readonly setup: (kernel: Kernel, needs: Partial<Modules>) => Promise<Parts & { readonly api?: unknown }>;
}

/**
 * Makes a module: the server's counterpart of a client's `definePlugin`.
 *
 * @param definition.name  its name in the `needs` of others
 * @param definition.needs names of modules that are set up before it, and whose apis it gets
 * @param definition.migrations of the tables in its `schema.ts`
 * @param definition.setup makes the module; it may read the store, and must not serve anything yet
 * @example
 * export const polls = defineModule({
 *   name: 'polls',
 *   needs: ['identity', 'conversation'],
 *   setup: (kernel, { identity, conversation }) => ({ api: createPolls(kernel, conversation), routes: [pollRoutes(identity)] }),
 * });
 */
export function defineModule<
  const Name extends string,
  const Names extends readonly ModuleName[] = [],
>(definition: {
  readonly name: Name;
  readonly needs?: Names;
  readonly migrations?: Migrations;
  readonly setup: (kernel: Kernel, needs: Needs<Names[number]>) => PartsOf<Name> | Promise<PartsOf<Name>>;
}): Module {
  const { name, needs = [], migrations = {}, setup } = definition;
  return {
    name,
    needs,
    migrations,
    setup: async (kernel, apis) => setup(kernel, apis as Needs<Names[number]>),
  };
}

/**
 * Modules in the order of their needs; otherwise as they are listed.
 *
 * @throws Error for a need that is not in the list, two modules of one name, and a cycle
 */
export function sortModules(modules: readonly Module[]): readonly Module[] {
  const byName = new Map<string, Module>();
  for (const module of modules) {
    if (byName.has(module.name)) throw new Error(`modules: two modules are named ${module.name}`);
    byName.set(module.name, module);
  }
  const sorted = new Set<Module>();
  const add = (module: Module, path: readonly string[]): void => {
    if (sorted.has(module)) return;
    const chain = [...path, module.name];
    if (path.includes(module.name))
      throw new Error(
        `modules: ${chain.slice(path.indexOf(module.name)).join(' needs ')}. Move what both need into a module of its own`,
      );
    for (const name of module.needs) {
      const needed = byName.get(name);
      if (needed === undefined)
        throw new Error(`modules: ${module.name} needs ${name}, which is not in the list`);
      add(needed, chain);
    }
    sorted.add(module);
  };
  for (const module of modules) add(module, []);
  return [...sorted];
}

export interface RunningModules {
  readonly apis: Modules;
  /** Adds the routes of all modules. */
  readonly register: (app: FastifyInstance) => void;
  /** Once the service listens. */
  readonly start: () => Promise<void>;
  readonly sweep: () => Promise<void>;
}

/** Sets up all modules. What they open and start, `lifecycle` closes in reverse order. */
export async function setUpModules(
  kernel: Kernel,
  lifecycle: Lifecycle,
  modules: readonly Module[],
): Promise<RunningModules> {
  const apis: Record<string, unknown> = {};
  const running: (Parts & { readonly name: string })[] = [];
  for (const { name, needs, setup } of sortModules(modules)) {
    const needed = Object.fromEntries(needs.map((need) => [need, apis[need]]));
    const { api, ...parts } = await setup(kernel, needed);
    apis[name] = api;
    running.push({ name, ...parts });
    if (parts.close !== undefined) lifecycle.push(`module ${name}`, parts.close);
  }
  return {
    apis: apis as unknown as Modules,
    register: (app) => {
      for (const { everyRoute } of running) everyRoute?.(app);
      for (const { routes = [] } of running)
        for (const add of routes)
          void app.register((scope, _, done) => {
            add(scope);
            done();
          });
    },
    start: async () => {
      for (const { name, start, stop } of running) {
        if (stop !== undefined) lifecycle.push(`module ${name}, started`, stop);
        await start?.();
      }
    },
    sweep: async () => {
      for (const { sweep } of running) await sweep?.();
    },
  };
}
