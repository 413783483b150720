/** The parts of a browser's page that a sign-in uses, as globals while `work` runs. What it does is in the result. */
export async function withPage<T>(work: () => Promise<T>): Promise<{
  readonly outcome: T | { readonly error: unknown };
  /** where the page went, or a window that was opened */
  readonly urls: readonly URL[];
  /** features of windows that were opened */
  readonly windows: readonly string[];
}> {
  const urls: URL[] = [];
  const windows: string[] = [];
  const kept = new Map<string, string>();
  const assign = (url: string): void => {
    urls.push(new URL(url));
  };
  const location = { href: 'http://127.0.0.1/back', assign };
  const opened = {
    closed: true,
    close: () => undefined,
    location: {
      assign,
      set href(url: string) {
        assign(url);
      },
    },
  };
  const sessionStorage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  };
  const window = {
    location,
    history: { state: null, replaceState: () => undefined },
    open: (_url: string, _target: string, features: string) => {
      windows.push(features);
      return opened;
    },
  };
  const globals: Readonly<Record<string, unknown>> = {
    ...{ window, location, sessionStorage },
    ...{ document: {}, navigator: {} },
  };
  const before = Object.keys(globals).map(
    (name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const,
  );
  for (const [name, value] of Object.entries(globals))
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  try {
    const outcome = await work().catch((error: unknown) => ({ error }));
    return { outcome, urls, windows };
  } finally {
    for (const [name, descriptor] of before)
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
  }
}
