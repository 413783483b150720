import AmpersandState from 'ampersand-state';
import { EventEmitter } from 'eventemitter3';
import type {
  DerivedSpec,
  Properties,
  StateClass,
  StateDefinition,
  StateOptions,
  TypedProperty,
  Values,
} from './types.js';

type Listener = (value: unknown) => void;
// eslint-disable-next-line @typescript-eslint/no-empty-object-type
type None = {};
type Specs = Readonly<Record<string, DerivedSpec<never, unknown>>>;
type Raw = InstanceType<ReturnType<typeof AmpersandState.extend>>;

/** A property of type `T`, which nothing checks at run time. `initial` is a value, or a function that makes one. */
export function of<T>(): TypedProperty<T | undefined>;
export function of<T>(initial: T | (() => T)): TypedProperty<T>;
export function of(initial?: unknown): TypedProperty<unknown> {
  return initial === undefined ? { type: 'any' } : { type: 'any', default: initial };
}

/**
 * Makes a class of observable models. The engine is ampersand-state; its emitter is hidden, because there a listener
 * that throws stops those after it, `off()` kills derived properties, and a value that is refused leaves the model
 * silent for ever.
 *
 * @example
 * const Meeting = defineState({
 *   props: { title: 'string', isLocked: { type: 'boolean', default: false } },
 *   derived: { label: { deps: ['title'], get: ({ title }) => title ?? 'no title' } },
 * });
 * const meeting = new Meeting({ title: 'Ops' });
 * meeting.on('change:isLocked', (isLocked) => show(isLocked));
 */
export function defineState<
  const P extends Properties = None,
  const S extends Properties = None,
  D extends object = None,
>(definition: StateDefinition<P, S, D>): StateClass<Values<P> & Values<S>, D> {
  const { props = {}, session = {} } = definition as {
    readonly props?: Properties;
    readonly session?: Properties;
  };
  const derived = (definition.derived ?? {}) as unknown as Specs;
  const stored = new Set([...Object.keys(props), ...Object.keys(session)]);
  const keys = [...stored, ...Object.keys(derived)];
  for (const [name, { deps }] of Object.entries(derived)) {
    if (stored.has(name) || name in Methods.prototype) throw new TypeError(`'${name}' is defined twice`);
    for (const dep of deps)
      if (!keys.includes(dep)) throw new TypeError(`'${name}' depends on '${dep}', which is not defined`);
  }
  for (const name of stored)
    if (name in Methods.prototype) throw new TypeError(`a property cannot be called '${name}'`);

  // the raw model knows which of ours it belongs to: derived ones are computed from that
  const outer = new WeakMap<
    Raw,
    { readonly model: object; readonly failed: (error: unknown, event: string) => void }
  >();
  const RawClass = AmpersandState.extend({
    props: ampersand(props),
    session: ampersand(session),
    extraProperties: 'reject',
    derived: Object.fromEntries(
      Object.entries(derived).map(([name, { deps, get }]) => [
        name,
        {
          deps,
          fn(this: Raw) {
            const { model, failed } = outer.get(this) ?? {};
            try {
              return (get as (values: unknown) => unknown)(model ?? this);
            } catch (error) {
              failed?.(error, `derived ${name}`);
              return undefined;
            }
          },
        },
      ]),
    ),
  });

  class Model extends Methods {
    static readonly keys = keys;
    constructor(values: object = {}, options: StateOptions = {}) {
      for (const name of Object.keys(values)) check(stored, name);
      const raw = new RawClass(values);
      super(raw, stored, options.onError ?? reported);
      outer.set(raw, { model: this, failed: options.onError ?? reported });
      Object.preventExtensions(this);
    }
  }
  for (const name of keys)
    Object.defineProperty(Model.prototype, name, {
      enumerable: true,
      get(this: Methods) {
        return (this['~raw'] as unknown as Record<string, unknown>)[name];
      },
    });
  return Model as unknown as StateClass<Values<P> & Values<S>, D>;
}

/** What every model can do. The fields' names say that they are no one else's. */
class Methods {
  readonly '~raw': Raw;
  readonly '~events' = new EventEmitter();
  readonly '~stored': ReadonlySet<string>;
  constructor(raw: Raw, stored: ReadonlySet<string>, failed: (error: unknown, event: string) => void) {
    this['~raw'] = raw;
    this['~stored'] = stored;
    for (const name of ['~raw', '~events', '~stored'])
      Object.defineProperty(this, name, { enumerable: false });
    raw.on('all', (event, _model, value) => {
      for (const listener of this['~events'].listeners(event) as Listener[]) {
        try {
          listener(event === 'change' ? undefined : value);
        } catch (error) {
          failed(error, event);
        }
      }
    });
  }
  set(values: object): void {
    const raw = this['~raw'] as Raw & Record<string, unknown>;
    const before: Record<string, unknown> = {};
    for (const name of Object.keys(values)) {
      check(this['~stored'], name);
      before[name] = raw[name];
    }
    const changing = raw['_changing'];
    try {
      raw.set(values);
    } catch (error) {
      // a refused value leaves ampersand in mid-change, with what came before it already taken
      Object.assign((raw as unknown as { readonly _values: object })._values, before);
      Object.assign(raw, { _changing: changing });
      throw error;
    }
  }
  on(event: string, listener: Listener, { signal }: { readonly signal?: AbortSignal } = {}): () => void {
    if (signal?.aborted === true) return () => undefined;
    // a function of its own, so that one listener given twice is two, and leaves by itself
    const own: Listener & { of?: Listener } = (value) => {
      listener(value);
    };
    own.of = listener;
    this['~events'].on(event, own);
    const off = (): void => {
      this['~events'].off(event, own);
      signal?.removeEventListener('abort', off);
    };
    signal?.addEventListener('abort', off);
    return off;
  }
  once(event: string, listener: Listener): () => void {
    const off = this.on(event, (value) => {
      off();
      listener(value);
    });
    return off;
  }
  off(event?: string, listener?: Listener): void {
    const events = this['~events'];
    if (event === undefined) events.removeAllListeners();
    else if (listener === undefined) events.removeAllListeners(event);
    else
      for (const own of events.listeners(event) as (Listener & { of?: Listener })[])
        if (own.of === listener) events.off(event, own);
  }
  toJSON(): object {
    return this['~raw'].serialize();
  }
}

/** The same in ampersand's words: an object as it is given, not as ampersand's own kind that bubbles events. */
const ampersand = (properties: Properties): object =>
  Object.fromEntries(
    Object.entries(properties).map(([name, property]) => [
      name,
      typeof property === 'string' ? { type: property } : { ...property },
    ]),
  );

function check(stored: ReadonlySet<string>, name: string): void {
  if (!stored.has(name)) throw new TypeError(`'${name}' is not a property of this model`);
}

function reported(error: unknown): void {
  const { reportError } = globalThis as { readonly reportError?: (error: unknown) => void };
  if (reportError) reportError(error);
  else console.error(error);
}
