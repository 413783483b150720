/** Calls back when the browser says the network is there again; nothing happens elsewhere. Returns an unsubscribe function. */
export function onOnline(run: () => void): () => void {
  const target = globalThis as { addEventListener?: unknown; removeEventListener?: unknown };
  if (typeof target.addEventListener !== 'function' || typeof target.removeEventListener !== 'function')
    return () => undefined;
  const { addEventListener, removeEventListener } = globalThis;
  addEventListener.call(globalThis, 'online', run);
  return () => {
    removeEventListener.call(globalThis, 'online', run);
  };
}
