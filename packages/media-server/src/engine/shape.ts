import { mediaError } from '../errors.js';

/** Reads a value from the other process, or throws a text that says what was expected. */
export type Reader<T> = (value: unknown, path: string) => T;

const wrong = (path: string, expected: string, value: unknown): Error =>
  mediaError(
    'ERR_MEDIA_PROTOCOL',
    'setup',
    `${path}: expected ${expected}, got ${value === null ? 'null' : Array.isArray(value) ? 'an array' : typeof value}.`,
  );

export const text =
  (maxLength = 1_000_000): Reader<string> =>
  (value, path) => {
    if (typeof value !== 'string' || value.length > maxLength)
      throw wrong(path, `text of at most ${String(maxLength)} characters`, value);
    return value;
  };
export const id: Reader<string> = (value, path) => {
  if (typeof value !== 'string' || value.length === 0 || value.length > 512)
    throw wrong(path, 'an id', value);
  return value;
};
export const integer =
  (from: number, to: number): Reader<number> =>
  (value, path) => {
    if (typeof value !== 'number' || !Number.isInteger(value) || value < from || value > to)
      throw wrong(path, `a whole number from ${String(from)} to ${String(to)}`, value);
    return value;
  };
export const numeric: Reader<number> = (value, path) => {
  if (typeof value !== 'number') throw wrong(path, 'a number', value);
  return value;
};
export const flag: Reader<boolean> = (value, path) => {
  if (typeof value !== 'boolean') throw wrong(path, 'true or false', value);
  return value;
};
export const oneOf =
  <const T extends readonly string[]>(...names: T): Reader<T[number]> =>
  (value, path) => {
    if (typeof value !== 'string' || !names.includes(value))
      throw wrong(path, `one of ${names.join(', ')}`, value);
    return value;
  };
export const optional =
  <T>(reader: Reader<T>): Reader<T | undefined> =>
  (value, path) =>
    value === undefined || value === null ? undefined : reader(value, path);
export const list =
  <T>(reader: Reader<T>, maxLength = 1000): Reader<readonly T[]> =>
  (value, path) => {
    if (!Array.isArray(value) || value.length > maxLength)
      throw wrong(path, `an array of at most ${String(maxLength)}`, value);
    return value.map((one, index) => reader(one, `${path}[${String(index)}]`));
  };
export const samples: Reader<Int16Array> = (value, path) => {
  if (!(value instanceof Int16Array)) throw wrong(path, '16-bit samples', value);
  return value;
};
/** Text, or bytes. */
export const payload: Reader<string | Buffer> = (value, path) => {
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  throw wrong(path, 'text or bytes', value);
};

type Fields = Readonly<Record<string, Reader<unknown>>>;
export type Read<F extends Fields> = { readonly [K in keyof F]: F[K] extends Reader<infer T> ? T : never };
/** An object with these fields; others are dropped. */
export const object =
  <const F extends Fields>(fields: F): Reader<Read<F>> =>
  (value, path) => {
    if (typeof value !== 'object' || value === null) throw wrong(path, 'an object', value);
    const from = value as Readonly<Record<string, unknown>>;
    const entries = Object.entries(fields).map(
      ([key, reader]) => [key, reader(from[key], `${path}.${key}`)] as const,
    );
    return Object.fromEntries(entries.filter(([, one]) => one !== undefined)) as Read<F>;
  };
