// btoa and atob are everywhere (Node, browsers, workers) and know bytes only: text goes through UTF-8.

const toUrl = (base64: string): string => base64.replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
const isAscii = (text: string): boolean => /^[\x00-\x7f]*$/.test(text);

/** base64url without padding of bytes, or of a text as UTF-8. */
export function encodeBase64Url(value: string | Uint8Array): string {
  // ids are ASCII, and several are made for each event: this way takes a tenth of the time
  if (typeof value === 'string' && isAscii(value)) return toUrl(btoa(value));
  const bytes = typeof value === 'string' ? new TextEncoder().encode(value) : value;
  let binary = '';
  // in slices: an argument list has a limit
  for (let at = 0; at < bytes.length; at += 0x8000)
    binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return toUrl(btoa(binary));
}

/** The bytes of a base64 or base64url text, padded or not. Throws on any other character. */
export function decodeBase64UrlBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replace(/-/g, '+').replace(/_/g, '/'));
  const bytes = new Uint8Array(binary.length);
  for (let at = 0; at < binary.length; at += 1) bytes[at] = binary.charCodeAt(at);
  return bytes;
}

/** The UTF-8 text in a base64url text. Throws when it is not base64url. */
export const decodeBase64Url = (text: string): string => new TextDecoder().decode(decodeBase64UrlBytes(text));
