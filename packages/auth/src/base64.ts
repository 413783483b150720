const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** RFC 4648 §4, with padding. Takes text as UTF-8. */
export function base64(data: string | Uint8Array): string {
  let binary = '';
  for (const byte of typeof data === 'string' ? bytesOf(data) : data) binary += String.fromCharCode(byte);
  return btoa(binary);
}

/** RFC 4648 §5, without padding. */
export const base64url = (data: string | Uint8Array): string =>
  base64(data).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');

/** Bytes of either alphabet, with or without padding. @throws when it is neither */
export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(text.trim().replace(/-/g, '+').replace(/_/g, '/').replace(/=+$/, '')), (each) =>
    each.charCodeAt(0),
  );
