import { sdkError } from '../kernel/errors.js';
import type { CallInit } from '../kernel/host.js';

/** What a value is, for an error message: its kind, never its content. */
export function shapeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'an array';
  if (typeof value === 'number') return Number.isFinite(value) ? 'a number' : String(value);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'an invalid Date' : 'a Date';
  if (value === '') return 'an empty string';
  if (typeof value === 'string') return isWellFormed(value) ? 'a string' : 'a string with a lone surrogate';
  return typeof value === 'object' ? 'an object' : value === undefined ? 'undefined' : `a ${typeof value}`;
}

/** False for text with half of a surrogate pair, which cannot be encoded in a URL. */
export const isWellFormed = (text: string): boolean => !/\p{Surrogate}/u.test(text);

/** A plain object, not null, not an array. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The arguments of public calls come from JavaScript, too: each check throws `ERR_ARGUMENT` and names the parameter.
 *
 * @example expectText(title, 'polls.create: title');
 */
export function expectText(value: unknown, name: string): asserts value is string {
  if (typeof value !== 'string' || value === '' || !isWellFormed(value))
    throw unexpected(name, 'a string', value);
}
/** Throws `ERR_ARGUMENT` unless the value is a plain object. @example expectObject(query, 'polls.list: query'); */
export function expectObject(value: unknown, name: string): asserts value is object {
  if (!isRecord(value)) throw unexpected(name, 'an object', value);
  readFields(value, name);
}
/** Reads every field once: an error of a getter would name neither the call nor the parameter. */
function readFields(value: object, name: string): void {
  if (ArrayBuffer.isView(value)) return; // bytes have no getters, and there may be many
  try {
    Object.values(value);
  } catch (cause) {
    throw sdkError('ERR_ARGUMENT', `${name}: expected an object with readable fields, a getter threw`, {
      cause,
    });
  }
}
/** The id in a string or an object with `id`. @throws {SdkError} `ERR_ARGUMENT` */
export function idIn(item: unknown, name: string): string {
  if (isRecord(item)) readFields(item, name);
  const id: unknown = isRecord(item) ? item['id'] : item;
  if (typeof id !== 'string' || id === '' || !isWellFormed(id))
    throw unexpected(name, 'an id, or an object with an id', item);
  return id;
}
/** Creates the `ERR_ARGUMENT` error for a value of the wrong shape. @example throw unexpected('polls.get: poll', 'an id', value); */
export const unexpected = (name: string, expected: string, value: unknown) =>
  sdkError('ERR_ARGUMENT', `${name}: expected ${expected}, got ${shapeOf(value)}`);

/**
 * Checks the `signal` and `timeoutMs` of a call, and returns its init without those that are null: null is as good as
 * left out.
 *
 * @throws {SdkError} `ERR_ARGUMENT`
 */
export function checkInit<Init extends CallInit>(
  init: Init | null | undefined,
  call: string,
): Init | undefined {
  if (init === undefined || init === null) return undefined;
  if (typeof init !== 'object') throw unexpected(`${call}: init`, 'an object', init);
  readFields(init, `${call}: init`);
  const { signal, timeoutMs } = init as { readonly [K in keyof CallInit]: unknown };
  if (signal !== undefined && signal !== null && !isSignal(signal))
    throw unexpected(`${call}: signal`, 'an AbortSignal', signal);
  if (timeoutMs !== undefined && timeoutMs !== null && !(typeof timeoutMs === 'number' && timeoutMs >= 0))
    throw unexpected(`${call}: timeoutMs`, 'a number of milliseconds, 0 or above', timeoutMs);
  if (signal !== null && timeoutMs !== null) return init;
  return Object.fromEntries(Object.entries(init).filter(([, value]) => value !== null)) as unknown as Init;
}
// by shape: signals come from polyfills and other realms
const isSignal = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<AbortSignal>).aborted === 'boolean' &&
  typeof (value as Partial<AbortSignal>).addEventListener === 'function';

const typeIs =
  (type: string, expected: string) =>
  (value: unknown, name: string): void => {
    if (typeof value !== type) throw unexpected(name, expected, value);
  };
const checks = {
  text: expectText,
  object: expectObject,
  id: idIn,
  /** any string, also an empty one */
  string: typeIs('string', 'a string'),
  boolean: typeIs('boolean', 'true or false'),
  function: typeIs('function', 'a function'),
  number(value: unknown, name: string): void {
    if (typeof value !== 'number' || !Number.isFinite(value)) throw unexpected(name, 'a number', value);
  },
  texts(value: unknown, name: string): void {
    if (!Array.isArray(value)) throw unexpected(name, 'an array of strings', value);
    for (const [at, item] of value.entries()) expectText(item, `${name}[${String(at)}]`);
  },
  bytes(value: unknown, name: string): void {
    if (!ArrayBuffer.isView(value)) throw unexpected(name, 'a Uint8Array', value);
  },
  array(value: unknown, name: string): void {
    if (!Array.isArray(value)) throw unexpected(name, 'an array', value);
  },
  /** a text, or an object that holds it */
  holder(value: unknown, name: string): void {
    if (typeof value === 'string') expectText(value, name);
    else expectObject(value, name);
  },
  /** an object that becomes JSON */
  json(value: unknown, name: string): void {
    expectObject(value, name);
    try {
      JSON.stringify(value);
    } catch {
      throw unexpected(name, 'data that JSON can hold (no cycles, no BigInt)', value);
    }
  },
  /** checked by the call itself */
  any: () => undefined,
} satisfies Record<string, (value: unknown, name: string) => unknown>;

/**
 * By method, the parameters before `init`, with the fields of objects in brackets: `'id:text query?:object(max?:number)'`.
 * After `sync` a method throws instead of rejecting. `init?:object(…)` at the end adds fields to those all calls have.
 */
export type ParameterRules<Api> = { readonly [Name in keyof Api]?: string };

/**
 * Wraps methods so that each checks its arguments: those of its rule, then `init`. A `?` makes one optional; null is then
 * as good as left out. A method without a rule is left as it is.
 *
 * @example checkArguments('polls', { get: 'poll:id', list: 'sync query?:object' }, methods);
 */
export function checkArguments<Api extends object>(
  api: string,
  rules: NoInfer<ParameterRules<Api>>,
  methods: Api,
): Api {
  const checked: Record<string, unknown> = {};
  for (const [method, rule] of Object.entries(rules as Record<string, string>)) {
    const run = (methods as Record<string, (...given: unknown[]) => unknown>)[method];
    const sync = rule.startsWith('sync');
    const call = `${api}.${method}`;
    const parameters = parse(rule);
    const count = parameters.filter(({ name }) => name !== 'init').length;
    checked[method] = (...given: unknown[]): unknown => {
      try {
        for (const [at, parameter] of parameters.entries()) given[at] = check(parameter, given[at], call);
        given[count] = checkInit(given[count] as CallInit | undefined, call);
      } catch (error) {
        if (sync) throw error;
        const reason = error as Error;
        return Promise.reject(reason);
      }
      return run?.(...given);
    };
  }
  return { ...methods, ...checked };
}

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly kind: keyof typeof checks;
  readonly fields: readonly Parameter[];
}
const parse = (rule: string): readonly Parameter[] =>
  [...rule.matchAll(/(\w+)(\??):(\w+)(?:\(([^)]*)\))?/g)].map(
    ([, name = '', optional, kind, fields = '']) => ({
      name,
      optional: optional !== '',
      kind: kind as keyof typeof checks,
      fields: parse(fields),
    }),
  );
/** Returns the value, undefined for an optional one that is null. */
function check({ name, optional, kind, fields }: Parameter, value: unknown, call: string): unknown {
  if (optional && (value === undefined || value === null)) return undefined;
  const full = `${call}: ${name}`;
  checks[kind](value, full);
  if (fields.length > 0 && isRecord(value)) for (const field of fields) check(field, value[field.name], full);
  return value;
}
