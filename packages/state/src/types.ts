/** What a property may be, and what it is in TypeScript. */
export interface Kinds {
  string: string;
  number: number;
  boolean: boolean;
  date: Date;
  array: readonly unknown[];
  object: object;
  any: unknown;
}

/** A property with more to say than its kind. */
export interface PropertySpec<T = unknown> {
  readonly type: keyof Kinds;
  /** Objects and arrays by a function, so that no two models share one. */
  readonly default?: T | (() => T);
  /** nothing else is accepted */
  readonly values?: readonly T[];
  /** `undefined` and `null` are refused */
  readonly required?: boolean;
}
export type Property = keyof Kinds | PropertySpec;
export type Properties = Readonly<Record<string, Property>>;

declare const typed: unique symbol;
/** A property whose type TypeScript knows better than its kind says; made by `of`. */
export interface TypedProperty<T> extends PropertySpec {
  readonly [typed]?: T;
}

type ValueOf<P> = typeof typed extends keyof P
  ? P extends TypedProperty<infer T>
    ? T
    : never
  : P extends keyof Kinds
    ? Kinds[P] | undefined
    : P extends { readonly type: infer K extends keyof Kinds }
      ? | (P extends { readonly values: readonly (infer V)[] } ? V : Kinds[K])
        | (P extends { readonly default: unknown } | { readonly required: true } ? never : undefined)
      : never;
/** The values that such properties hold. */
export type Values<P> = { [K in keyof P]: ValueOf<P[K]> };

/** Computed when it is read, kept until one of `deps` changes; then `change:` of its own, if the result is another. */
export interface DerivedSpec<V, R> {
  /** names of properties and of other derived ones */
  readonly deps: readonly string[];
  /** Computes the value from the properties it depends on. @param values the model's own: all properties and derived ones. One that throws is reported, and is `undefined`. */
  readonly get: (values: V) => R;
}
export type Derived<V, D> = { readonly [K in keyof D]: DerivedSpec<V, D[K]> };

export interface StateDefinition<P, S, D> {
  /** what `toJSON` holds */
  readonly props?: P;
  /** like `props`, and not in `toJSON` */
  readonly session?: S;
  readonly derived?: Derived<Readonly<Values<P> & Values<S>>, D>;
}

/** `change:title` → value, for each property; `change` → nothing, once after all of a `set`. */
export type ChangeEvents<A> = { [K in keyof A & string as `change:${K}`]: A[K] } & { change: undefined };

/** An observable model: read `meeting.isLocked`, listen with `meeting.on('change:isLocked', …)`. */
export type State<V extends object, D extends object = object> = Readonly<V & D> & StateMethods<V, D>;

export interface StateMethods<V, D> {
  /**
   * Changes several at once; what stays equal is not a change. All or nothing.
   *
   * @throws {TypeError} for a key that is not defined, a value of another kind, or one that is not allowed
   */
  set(values: Partial<V>): void;
  /** Listeners run in order of coming; one that throws is reported, and the next still runs. Returns an unsubscribe function. */
  on<E extends keyof ChangeEvents<V & D>>(
    event: E,
    listener: (value: ChangeEvents<V & D>[E]) => void,
    options?: { readonly signal?: AbortSignal },
  ): () => void;
  /** As `on`, for the next event only. */
  once<E extends keyof ChangeEvents<V & D>>(
    event: E,
    listener: (value: ChangeEvents<V & D>[E]) => void,
  ): () => void;
  /** Listeners go: this one, all of this event, or all. Derived properties are not listeners: they live on. */
  off<E extends keyof ChangeEvents<V & D>>(
    event?: E,
    listener?: (value: ChangeEvents<V & D>[E]) => void,
  ): void;
  /** The `props`; neither session nor derived ones. */
  toJSON(): object;
}

export interface StateOptions {
  /** Gets what a listener or a derived property threw. Default: the platform's `reportError`, else the console. */
  readonly onError?: (error: unknown, event: string) => void;
}

export interface StateClass<V extends object, D extends object> {
  new (values?: Partial<V>, options?: StateOptions): State<V, D>;
  /** names of all properties, derived ones included */
  readonly keys: readonly (keyof (V & D) & string)[];
}
