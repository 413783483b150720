import { sdkError } from './errors.js';
import type { CallInit } from './host.js';

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
/** @example expectObject(query, 'polls.list: query'); */
export function expectObject(value: unknown, name: string): asserts value is object {
  if (!isRecord(value)) throw unexpected(name, 'an object', value);
}
/** The id in a string or an object with `id`. @throws {SdkError} `ERR_ARGUMENT` */
export function idIn(item: unknown, name: string): string {
  const id: unknown = isRecord(item) ? item['id'] : item;
  if (typeof id !== 'string' || id === '' || !isWellFormed(id))
    throw unexpected(name, 'an id, or an object with an id', item);
  return id;
}
/** @example throw unexpected('polls.get: poll', 'an id', value); */
export const unexpected = (name: string, expected: string, value: unknown) =>
  sdkError('ERR_ARGUMENT', `${name}: expected ${expected}, got ${shapeOf(value)}`);

/** Checks the `signal` and `timeoutMs` of a call; null is as good as left out. @throws {SdkError} `ERR_ARGUMENT` */
export function checkInit(init: CallInit | null | undefined, call: string): void {
  if (init === undefined || init === null) return;
  if (typeof init !== 'object') throw unexpected(`${call}: init`, 'an object', init);
  const { signal, timeoutMs } = init as { readonly [K in keyof CallInit]: unknown };
  if (signal !== undefined && signal !== null && !isSignal(signal))
    throw unexpected(`${call}: signal`, 'an AbortSignal', signal);
  if (timeoutMs !== undefined && timeoutMs !== null && !(typeof timeoutMs === 'number' && timeoutMs >= 0))
    throw unexpected(`${call}: timeoutMs`, 'a number of milliseconds, 0 or above', timeoutMs);
}
// by shape: signals come from polyfills and other realms
const isSignal = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  typeof (value as Partial<AbortSignal>).aborted === 'boolean' &&
  typeof (value as Partial<AbortSignal>).addEventListener === 'function';
