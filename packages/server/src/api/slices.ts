// Long work in slices, so that other requests are served in between.
import { Readable } from 'node:stream';

const sliceMs = 10;
/** Lets everything else that waits have its turn. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** `Promise.all` of a map, one after another; gives way to others every 10 ms. */
export async function inSlices<T, R>(
  list: readonly T[],
  run: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  let began = performance.now();
  for (const item of list) {
    results.push(await run(item));
    if (performance.now() - began < sliceMs) continue;
    await breathe();
    began = performance.now();
  }
  return results;
}

const longestText = 1024 * 1024;
const chunk = 256 * 1024;

/**
 * `{"items":[…]}` of items that are JSON already: a text, or a stream where a text would be long.
 *
 * @param length characters of all items
 */
export function jsonList(items: readonly string[], length: number): string | Readable {
  if (length < longestText) return `{"items":[${items.join(',')}]}`;
  function* pieces(): Generator<Buffer> {
    let piece = '{"items":[';
    for (const [at, item] of items.entries()) {
      piece += at === 0 ? item : `,${item}`;
      if (piece.length < chunk) continue;
      yield Buffer.from(piece);
      piece = '';
    }
    yield Buffer.from(`${piece}]}`);
  }
  return Readable.from(pieces());
}
