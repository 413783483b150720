// What metrics say of the machine. @source protocol/presence-devices-support.md §4

interface Surroundings {
  readonly navigator?: { readonly userAgent?: string; readonly language?: string };
  readonly location?: { readonly hostname?: string };
}

export interface Environment {
  readonly browser: string;
  readonly browserVersion: string;
  readonly os: 'windows' | 'mac' | 'ios' | 'android' | 'chrome' | 'linux' | 'other';
  readonly osVersion: string;
  readonly domain: string;
  readonly locale: string;
}

const systems = [
  ['ios', /iP(?:hone|ad|od).*? OS ([\d_]+)/],
  ['android', /Android ([\d.]+)/],
  ['windows', /Windows NT ([\d.]+)/],
  ['mac', /Mac OS X ([\d_.]+)/],
  ['chrome', /CrOS \S+ ([\d.]+)/],
  ['linux', /Linux/],
] as const;
// the more particular first: each of them names those after it, too
const browsers = [
  ['edge', /Edg\/([\d.]+)/],
  ['opera', /OPR\/([\d.]+)/],
  ['firefox', /(?:Firefox|FxiOS)\/([\d.]+)/],
  ['chrome', /(?:Chrome|CriOS)\/([\d.]+)/],
  ['safari', /Version\/([\d.]+).*Safari/],
  ['node', /Node\.js\/([\d.]+)/],
] as const;

function find<Name extends string>(
  known: readonly (readonly [Name, RegExp])[],
  text: string,
): { readonly name: Name | 'other'; readonly version: string } {
  for (const [name, pattern] of known) {
    const match = pattern.exec(text);
    if (match) return { name, version: (match[1] ?? '').replaceAll('_', '.') };
  }
  return { name: 'other', version: '' };
}

export function lookAround({ navigator, location }: Surroundings = globalThis): Environment {
  const text = navigator?.userAgent ?? '';
  const { name: os, version: osVersion } = find(systems, text);
  const { name: browser, version: browserVersion } = find(browsers, text);
  return {
    browser,
    browserVersion,
    os,
    osVersion,
    domain: location?.hostname || 'non-browser',
    locale: navigator?.language ?? 'en-US',
  };
}
