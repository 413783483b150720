// What names of files say, and what may be taken from them.
const byEnding: Readonly<Record<string, string>> = {
  avif: 'image/avif',
  bmp: 'image/bmp',
  csv: 'text/csv',
  doc: 'application/msword',
  docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  gif: 'image/gif',
  gz: 'application/gzip',
  heic: 'image/heic',
  htm: 'text/html',
  html: 'text/html',
  ics: 'text/calendar',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  md: 'text/markdown',
  mov: 'video/quicktime',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  pdf: 'application/pdf',
  png: 'image/png',
  ppt: 'application/vnd.ms-powerpoint',
  pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  rtf: 'application/rtf',
  svg: 'image/svg+xml',
  txt: 'text/plain',
  wav: 'audio/wav',
  webm: 'video/webm',
  webp: 'image/webp',
  xls: 'application/vnd.ms-excel',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  xml: 'application/xml',
  zip: 'application/zip',
};

/** With its dot, empty when there is none. */
export function endingOf(name: string): string {
  const at = name.lastIndexOf('.');
  return at > 0 && name.length - at <= 10 ? name.slice(at).toLowerCase() : '';
}
/** A MIME type; undefined for an ending that says nothing. */
export const typeOfName = (name: string): string | undefined => byEnding[endingOf(name).slice(1)];

/** UTF-16 units; file systems take 255 bytes or characters. */
const longestName = 255;

/** Cuts text to at most `units` UTF-16 units, never within a surrogate pair. */
export function cutText(text: string, units: number): string {
  if (text.length <= units) return text;
  const last = text.charCodeAt(units - 1);
  const splitsPair = last >= 0xd8_00 && last < 0xdc_00;
  return text.slice(0, splitsPair ? units - 1 : units);
}

const surrogates = /[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]/g;

/**
 * Returns a file name that is safe to show and to save under: the last part of a path, without control characters, at
 * most 255 UTF-16 units (its ending is kept), never empty: `file` where nothing is left.
 */
export function safeName(name: string | undefined): string {
  const last = (name ?? '').split(/[\\/]/).pop() ?? '';
  const clean = last
    .replace(/[\u0000-\u001f\u007f]/g, '')
    .replace(surrogates, (found) => (found.length === 2 ? found : '\ufffd'))
    .trim();
  if (clean === '' || /^\.+$/.test(clean)) return 'file';
  if (clean.length <= longestName) return clean;
  const ending = endingOf(clean);
  const kept = clean.slice(clean.length - ending.length);
  return cutText(clean.slice(0, clean.length - ending.length), longestName - ending.length) + kept;
}

/** The last part of the path of a URL, decoded; empty where there is none. */
export function nameOfUrl(url: string): string {
  const last = /^[\w+.-]+:\/\/[^?#/]*\/(?:[^?#]*\/)?([^/?#]*)/.exec(url)?.[1] ?? '';
  return decoded(last, 'utf-8') ?? last;
}

/**
 * `filename` of a Content-Disposition; the exact form, `filename*`, wins. Quoted strings may hold semicolons and escaped
 * quotes; UTF-8 that came as bytes is read as such. Undefined where no name is given.
 */
export function nameOfDisposition(disposition: string | null | undefined): string | undefined {
  const parameters = new Map<string, string>();
  const pattern = /;\s*([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\[^])*)"|([^;]*))/g;
  for (const [, name = '', quoted, bare = ''] of `;${disposition ?? ''}`.matchAll(pattern)) {
    const key = name.toLowerCase();
    // other backslashes belong to paths
    const value = quoted?.replace(/\\(["\\])/g, '$1') ?? bare.trim().replace(/^"/, '');
    if (!parameters.has(key)) parameters.set(key, value);
  }
  const [, charset = '', exact = ''] = /^([\w-]+)'[^']*'(.*)$/.exec(parameters.get('filename*') ?? '') ?? [];
  const found = (exact === '' ? undefined : decoded(exact, charset)) ?? asUtf8(parameters.get('filename'));
  return found === '' ? undefined : found;
}

/**
 * Name and type of a file that is fetched from a URL.
 *
 * @param disposition  its Content-Disposition
 * @param type         its Content-Type; where there is none, the type follows from the name
 */
export function fetchedFile(
  url: string,
  disposition: string | null | undefined,
  type: string | null | undefined,
): { readonly name: string; readonly mimeType: string } {
  const name = safeName(nameOfDisposition(disposition) ?? nameOfUrl(url));
  return { name, mimeType: mimeTypeOf(name, type) };
}

/** A MIME type without parameters: the given one, else by the ending of the name, else `application/octet-stream`. */
export function mimeTypeOf(name: string, given: string | null | undefined): string {
  const type = (given ?? '').split(';', 1)[0]?.trim() ?? '';
  return type === '' ? (typeOfName(name) ?? 'application/octet-stream') : type;
}

/** Percent-decodes text of one charset; undefined when it is not valid. */
function decoded(text: string, charset: string): string | undefined {
  try {
    if (charset.toLowerCase() === 'utf-8') return decodeURIComponent(text);
    if (!/^iso-8859-1$/i.test(charset)) return undefined;
    return text.replace(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  } catch {
    return undefined;
  }
}

// header values arrive as bytes, one a character
function asUtf8(text: string | undefined): string | undefined {
  if (text === undefined || !/[\x80-\xff]/.test(text) || /[^\0-\xff]/.test(text)) return text;
  try {
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return text;
  }
}
