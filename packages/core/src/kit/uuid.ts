/** A random uuid. `crypto.randomUUID` is missing on plain http pages; random bytes are there everywhere. */
export function randomUuid(): string {
  const { crypto } = globalThis;
  if (typeof (crypto as { randomUUID?: unknown }).randomUUID === 'function') return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, at) =>
    (at === 6 ? (byte & 0x0f) | 0x40 : at === 8 ? (byte & 0x3f) | 0x80 : byte).toString(16).padStart(2, '0'),
  ).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
