const secretKey = /token|authorization|password|secret|verifier|cookie|assertion/i;
// keys that only sound like it
const harmless = /^(tokenType|token_type|expires_?in)$/i;
const hidden = '••• hidden •••';

/** A copy in which no token, password or secret is left. */
export function redact(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redact);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      secretKey.test(key) && !harmless.test(key) && typeof inner === 'string' ? hidden : redact(inner),
    ]),
  );
}

const redactText = (text: string): string => text.replace(/\bBearer\s+[\w.~+/=-]+/gi, `Bearer ${hidden}`);

/** The path of a URL with its query, without values that open something. */
export function safePath(url: URL): string {
  const query = [...url.searchParams].map(([key, value]) => {
    const secret = secretKey.test(key) || /^(code|sig|signature|key|ticket)$/i.test(key);
    return `${key}=${secret ? '•••' : value}`;
  });
  return url.pathname + (query.length > 0 ? `?${query.join('&')}` : '');
}

/** JSON text for people: redacted, indented; other text as it is. */
export function readableBody(text: string): string {
  try {
    return JSON.stringify(redact(JSON.parse(text)), undefined, 2);
  } catch {
    return redactText(text);
  }
}

/** A path for a list: without its query, long ids cut. */
export const shortPath = (path: string): string =>
  path.replace(/\?.*$/, '').replace(/\/([\w-]{6})[\w-]{14,}(?=\/|$)/g, '/$1…');
