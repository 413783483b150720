export function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}

/** Undefined for anything but an absolute http(s) URL. */
export function httpUrl(text: string): URL | undefined {
  const url = parseUrl(text);
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

export const withoutSlash = (href: string): string => href.replace(/\/+$/, '');
