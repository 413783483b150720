import { defineState, type Properties, type State } from '@trunkline/state';
import { Events } from './events.js';
import type { Webex } from './webex.js';

type Model = State<Record<string, unknown>, Record<string, unknown>>;
type Derive = (this: never, ...none: never[]) => unknown;

/** What `WebexPlugin.extend` takes: properties, and any methods. */
export interface PluginDefinition {
  /** the part of the configuration that `this.config` is */
  readonly namespace?: string;
  /** other plugins that live inside, by property */
  readonly children?: Readonly<Record<string, PluginClass>>;
  readonly props?: Readonly<Record<string, OfficialProperty>>;
  readonly session?: Readonly<Record<string, OfficialProperty>>;
  /** `fn` runs with the plugin as `this`; `deps` may name what a child has: `child.property` */
  readonly derived?: Readonly<Record<string, { readonly deps?: readonly string[]; readonly fn: Derive }>>;
  readonly [member: string]: unknown;
}
/** `'string'`, `['string', required, default]`, or an object. */
export type OfficialProperty =
  | string
  | readonly [type: string, required?: boolean, standard?: unknown]
  | {
      readonly type?: string;
      readonly default?: unknown;
      readonly values?: readonly unknown[];
      readonly required?: boolean;
      readonly [more: string]: unknown;
    };
export interface PluginOptions {
  readonly parent?: WebexPlugin | undefined;
  /** the property it is on its parent */
  readonly name?: string | undefined;
}
/** A class made by `extend`, or by `class … extends WebexPlugin`. */
export interface PluginClass<T extends WebexPlugin = WebexPlugin> {
  new (attrs?: object, options?: PluginOptions): T;
  readonly definition?: PluginDefinition;
  readonly prototype: object;
}

const modelKey = Symbol('model');
const watchKey = Symbol('watch');
const nameKey = Symbol('name');
const ownWords = new Set(['namespace', 'children', 'props', 'session', 'derived']);
const models = new WeakMap<
  object,
  { readonly Model: new (values: object, options: object) => Model; readonly names: readonly string[] }
>();
const owners = new WeakMap<object, WebexPlugin>();

/**
 * What everything on a `Webex` is made of, and what plugins written for the official core extend: observable properties
 * with `change:` events, `this.webex`, `this.config`, `this.request`.
 *
 * @example
 * const Polls = WebexPlugin.extend({
 *   namespace: 'Polls',
 *   session: { open: ['boolean', false, false] },
 *   async list() { return (await this.request({ service: 'hydra', resource: 'polls' })).body.items; },
 * });
 * registerPlugin('polls', Polls);
 */
export class WebexPlugin extends Events {
  static readonly definition: PluginDefinition = {};
  declare readonly parent: WebexPlugin | undefined;
  declare private readonly [modelKey]: Model;
  declare private readonly [nameKey]: string | undefined;

  /** A class with these properties and methods besides what this one has. */
  static extend(
    ...definitions: readonly PluginDefinition[]
  ): PluginClass<WebexPlugin & Record<string, never>> {
    const Parent = this as unknown as PluginClass;
    const merged = mergeDefinitions([Parent.definition ?? {}, ...definitions]);
    const Extended = class extends (Parent as new (...args: never[]) => WebexPlugin) {
      static readonly definition = merged;
    };
    for (const definition of definitions)
      for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(definition)))
        if (!ownWords.has(name))
          Object.defineProperty(Extended.prototype, name, { ...member, enumerable: false });
    if (merged.namespace !== undefined)
      Object.defineProperty(Extended.prototype, 'namespace', { value: merged.namespace });
    return Extended as unknown as PluginClass<WebexPlugin & Record<string, never>>;
  }

  constructor(attrs: object = {}, options: PluginOptions = {}) {
    super();
    const { Model, names } = modelOf(new.target);
    const values = Object.fromEntries(Object.entries(attrs).filter(([name]) => names.includes(name)));
    const model = new Model(values, {
      onError: (error: unknown, event: string) => {
        this.listenerFailed(error, event);
      },
    });
    owners.set(model, this);
    hidden(this, { [modelKey]: model, parent: options.parent, [nameKey]: options.name });
    for (const name of [
      ...names,
      ...Object.keys((new.target as unknown as PluginClass).definition?.derived ?? {}),
    ])
      model.on(`change:${name}`, (value) => {
        this.trigger(`change:${name}`, this, value);
      });
    model.on('change', () => {
      this.trigger('change', this);
    });
    const { children = {}, derived = {} } = (new.target as unknown as PluginClass).definition ?? {};
    for (const [name, Child] of Object.entries(children))
      adopt(this, name, Child, (attrs as Record<string, object>)[name]);
    for (const { deps = [] } of Object.values(derived)) for (const dep of deps) this[watchKey](dep);
    if (!(this.initialize === WebexPlugin.prototype.initialize)) this.initialize(attrs, options);
  }

  /** Runs once, at the end of construction. */
  initialize(...args: readonly unknown[]): unknown {
    return args.length === 0 ? undefined : this;
  }
  /** The instance everything hangs on. */
  get webex(): Webex {
    // the top is a Webex: nothing else has no parent
    return (this.parent?.webex ?? this) as unknown as Webex;
  }
  getNamespace(): string | undefined {
    return (
      (this as { readonly namespace?: string }).namespace ??
      (this.constructor as unknown as PluginClass).definition?.namespace
    );
  }
  /** The plugin's part of the configuration; all of it without a namespace. */
  get config(): Record<string, unknown> {
    const all = this.webex.config as Record<string, unknown>;
    const namespace = this.getNamespace();
    if (namespace === undefined) return all;
    const key = [
      namespace,
      namespace.toLowerCase(),
      namespace.charAt(0).toLowerCase() + namespace.slice(1),
    ].find((name) => name in all);
    return (key === undefined ? {} : all[key]) as Record<string, unknown>;
  }
  get logger(): Webex['logger'] {
    return this.webex.logger;
  }
  request(...args: Parameters<Webex['request']>): ReturnType<Webex['request']> {
    return this.webex.request(...args);
  }
  /** Sets properties; others are ignored, as there. */
  set(key: string | object, value?: unknown): this {
    const { names } = modelOf(this.constructor as unknown as PluginClass);
    const given = typeof key === 'string' ? { [key]: value } : key;
    this[modelKey].set(Object.fromEntries(Object.entries(given).filter(([name]) => names.includes(name))));
    return this;
  }
  get(name: string): unknown {
    return (this as unknown as Record<string, unknown>)[name];
  }
  unset(name: string | readonly string[]): this {
    for (const each of typeof name === 'string' ? [name] : name) this.set(each, undefined);
    return this;
  }
  /** Every property back to nothing. */
  clear(): this {
    const { names } = modelOf(this.constructor as unknown as PluginClass);
    for (const name of names) this.unset(name);
    return this;
  }
  toggle(name: string): this {
    return this.set(name, !this.get(name));
  }
  /** The `props`. */
  serialize(): object {
    return this[modelKey].toJSON();
  }
  toJSON(): object {
    return this.serialize();
  }

  override trigger(events: string, ...args: readonly unknown[]): this {
    super.trigger(events, ...args);
    // what changes in a child is also its parent's news
    if (this.parent && this[nameKey] !== undefined && events.startsWith('change:'))
      this.parent.trigger(`change:${this[nameKey]}.${events.slice(7)}`, ...args);
    return this;
  }
  protected override listenerFailed(error: unknown, event: string): void {
    const logger = this.parent === undefined ? undefined : (this.webex as Partial<Webex>).logger;
    if (logger) logger.error(`a listener of ${this[nameKey] ?? 'a plugin'} on '${event}' threw`, error);
    else super.listenerFailed(error, event);
  }
  private [watchKey](dep: string): void {
    const at = dep.lastIndexOf('.');
    if (at < 0) return;
    const child = dep
      .slice(0, at)
      .split('.')
      .reduce<unknown>((inner, name) => (inner as Record<string, unknown> | undefined)?.[name], this);
    if (!(child instanceof Events)) return;
    let count = 0;
    this.listenTo(child, `change:${dep.slice(at + 1)}`, () => {
      this[modelKey].set({ [marker(dep)]: (count += 1) });
    });
  }
}

/** Makes a plugin a part of another, under this name. */
export function adopt<T extends WebexPlugin>(
  parent: WebexPlugin,
  name: string,
  Child: PluginClass<T>,
  attrs?: object,
): T {
  const child = new Child(attrs, { parent, name });
  hidden(parent, { [name]: child });
  return child;
}

/** Changes whenever a nested dependency does. */
const marker = (dep: string): string => `~${dep}`;

function hidden(target: object, values: Readonly<Record<PropertyKey, unknown>>): void {
  for (const name of Reflect.ownKeys(values))
    Object.defineProperty(target, name, { value: values[name], configurable: true, writable: true });
}

function mergeDefinitions(all: readonly PluginDefinition[]): PluginDefinition {
  const merged: Record<string, unknown> = {};
  for (const definition of all)
    for (const [name, value] of Object.entries(definition))
      if (name === 'namespace') merged[name] = value;
      else if (ownWords.has(name))
        merged[name] = { ...(merged[name] as object | undefined), ...(value as object) };
  return merged;
}

const kinds = new Set(['string', 'number', 'boolean', 'date', 'array', 'object', 'any']);
function toProperty(given: OfficialProperty): Properties[string] {
  const { type = 'any', ...rest } = Array.isArray(given)
    ? {
        type: given[0] as string,
        required: given[1] === true && given[2] !== undefined,
        default: given[2] as unknown,
      }
    : typeof given === 'string'
      ? { type: given }
      : (given as { readonly type?: string; readonly default?: unknown });
  const kind = kinds.has(type) ? type : 'any';
  const {
    default: standard,
    values,
    required,
  } = rest as {
    readonly default?: unknown;
    readonly values?: readonly unknown[];
    readonly required?: boolean;
  };
  return {
    type: kind as 'any',
    ...(standard !== undefined && { default: standard }),
    ...(values !== undefined && { values }),
    // required and nothing given would make it impossible to begin with nothing
    ...(required === true && standard !== undefined && { required }),
  };
}

/** The model behind a class, made once. */
function modelOf(Class: PluginClass): {
  readonly Model: new (values: object, options: object) => Model;
  readonly names: readonly string[];
} {
  const known = models.get(Class);
  if (known) return known;
  const { props = {}, session = {}, derived = {} } = Class.definition ?? {};
  const names = [...Object.keys(props), ...Object.keys(session)];
  const known_ = (dep: string): boolean => names.includes(dep) || dep in derived;
  const nested = Object.values(derived).flatMap(({ deps = [] }) => deps.filter((dep) => dep.includes('.')));
  const map = (given: Readonly<Record<string, OfficialProperty>>): Record<string, Properties[string]> =>
    Object.fromEntries(Object.entries(given).map(([name, property]) => [name, toProperty(property)]));
  const Model = defineState({
    props: map(props),
    session: {
      ...map(session),
      ...Object.fromEntries(nested.map((dep) => [marker(dep), 'number' as const])),
    },
    derived: Object.fromEntries(
      Object.entries(derived).map(([name, { deps = [], fn }]) => [
        name,
        {
          deps: deps
            .filter((dep) => dep.includes('.') || known_(dep))
            .map((dep) => (dep.includes('.') ? marker(dep) : dep)),
          get: (model: object) => (fn as (this: unknown) => unknown).call(owners.get(model)),
        },
      ]),
    ),
  }) as unknown as new (values: object, options: object) => Model;
  for (const name of [...names, ...Object.keys(derived)])
    if (!Object.hasOwn(Class.prototype, name))
      Object.defineProperty(Class.prototype, name, {
        configurable: true,
        enumerable: true,
        get(this: { readonly [modelKey]: Record<string, unknown> }) {
          return this[modelKey][name];
        },
        ...(names.includes(name) && {
          set(this: { readonly [modelKey]: Model }, value: unknown) {
            this[modelKey].set({ [name]: value });
          },
        }),
      });
  const made = { Model, names };
  models.set(Class, made);
  return made;
}
