/**
 * `run` of a text, with its most recent results kept.
 *
 * @param most UTF-16 units of all texts and results that are kept
 */
export function recentResults(run: (text: string) => string, most: number): (text: string) => string {
  const kept = new Map<string, string>();
  let units = 0;
  const drop = (text: string, result: string): void => {
    kept.delete(text);
    units -= text.length + result.length;
  };
  return (text) => {
    const known = kept.get(text);
    if (known !== undefined) {
      kept.delete(text);
      kept.set(text, known);
      return known;
    }
    const result = run(text);
    kept.set(text, result);
    units += text.length + result.length;
    for (const [oldest, its] of kept) {
      if (units <= most) break;
      drop(oldest, its);
    }
    return result;
  };
}
