export function parseUrl(text: string, base?: string): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}

/** Undefined for anything but an http(s) URL: an absolute one, or one relative to `base`. */
export function httpUrl(text: string, base?: string): URL | undefined {
  const url = parseUrl(text, base);
  return url && /^https?:$/.test(url.protocol) ? url : undefined;
}

export const withoutSlash = (href: string): string => href.replace(/\/+$/, '');
