/** By shape, not by class: streams may come from polyfills or another realm. */
export const isWebStream = (data: object): data is ReadableStream<Uint8Array> =>
  'getReader' in data && typeof data.getReader === 'function';

/** Iterates the chunks of a stream, also in browsers whose streams are not iterable. Leaving the loop early cancels the source. */
export const chunksOf = <T>(stream: ReadableStream<T> | AsyncIterable<T>): AsyncIterable<T> =>
  Symbol.asyncIterator in stream ? (stream as AsyncIterable<T>) : readerOf(stream);

async function* readerOf<T>(stream: ReadableStream<T>): AsyncGenerator<T> {
  const reader = stream.getReader();
  let done = false;
  try {
    for (;;) {
      const next = await reader.read();
      done = next.done;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    if (!done) reader.cancel().catch(() => undefined);
  }
}
