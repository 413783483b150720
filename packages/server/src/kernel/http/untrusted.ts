// Looking into what strangers send: nothing here throws, what has another shape is simply not there.

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const fields = (value: unknown): Fields => (isFields(value) ? value : {});
export const list = (value: unknown): readonly unknown[] =>
  Array.isArray(value) ? (value as unknown[]) : [];
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
/** Texts of a list; anything else in it is left out. */
export const texts = (value: unknown): readonly string[] =>
  list(value).filter((item): item is string => typeof item === 'string');
/** `items` of a wire list. */
export const items = (value: unknown): readonly unknown[] => list(fields(value)['items']);
/** A query's parameter: the first where it was given twice. */
export const param = (query: unknown, name: string): string | undefined => {
  const value = fields(query)[name];
  return text(Array.isArray(value) ? (value as unknown[])[0] : value);
};
/** true, or "true". */
export const flag = (value: unknown): boolean => value === true || value === 'true';
