/** ISO dates of one service sort as texts. */
export const oldestFirst = <T extends { readonly published?: string }>(items: readonly T[]): readonly T[] =>
  [...items].sort((a, b) =>
    (a.published ?? '') < (b.published ?? '') ? -1 : a.published === b.published ? 0 : 1,
  );
