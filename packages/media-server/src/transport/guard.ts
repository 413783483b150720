/** Wraps a callback for a library that aborts the process, or fails silently, when one throws. */
export const guard =
  <Args extends readonly unknown[]>(run: (...args: Args) => void, onError: (error: unknown) => void) =>
  (...args: Args): void => {
    try {
      run(...args);
    } catch (error) {
      onError(error);
    }
  };
