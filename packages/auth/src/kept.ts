import type { Granted } from './grant.js';

/** What was stored as tokens, or undefined when it is not that: another version wrote it, or someone's hand. */
export function parseKept(text: string): Granted | undefined {
  const found = objectOf(text);
  if (typeof found?.['accessToken'] !== 'string' || found['accessToken'] === '') return undefined;
  const number = (name: string): number | undefined =>
    typeof found[name] === 'number' && Number.isFinite(found[name]) ? found[name] : undefined;
  const word = (name: string): string | undefined =>
    typeof found[name] === 'string' && found[name] !== '' ? found[name] : undefined;
  return defined({
    accessToken: found['accessToken'],
    expiresAtMs: number('expiresAtMs'),
    refreshToken: word('refreshToken'),
    refreshExpiresAtMs: number('refreshExpiresAtMs'),
    scope: word('scope'),
  });
}

/** A JSON object, or undefined for everything else. */
export function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null && !Array.isArray(found)
      ? (found as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};
/** The same without what is undefined. */
export const defined = <T extends object>(fields: T): Defined<T> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
