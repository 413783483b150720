import { sdkError, type SdkError } from '../errors.js';
import { parseUrl } from '../request/http-url.js';
import { entryOf, type ServiceEntry } from './host-map.js';

/** Domains of the Webex cloud. Its device service may name a socket host that the catalog does not list. */
export const cloudDomains: readonly string[] = ['webex.com', 'wbx2.com', 'ciscospark.com', 'webexapis.com'];

/** Traffic to it does not leave the machine. */
export const isLoopback = (hostname: string): boolean =>
  /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|\[::1\])$/i.test(hostname);

/** Keeps the access token off unencrypted connections where the service itself is https. */
export interface Transport {
  /** http or ws to another machine, although the service is https */
  isInClear(url: string): boolean;
  /** `kept`: services with their encrypted URLs; `refused`: those that have none, with the URL they were given. */
  filter(entries: ReadonlyMap<string, ServiceEntry>): {
    readonly kept: ReadonlyMap<string, ServiceEntry>;
    readonly refused: ReadonlyMap<string, string>;
  };
  readonly error: (name: string | undefined, url: string) => SdkError;
}

/** @param isSecure whether the catalog itself is fetched by https */
export function createTransport(isSecure: boolean): Transport {
  const isInClear = (text: string): boolean => {
    if (!isSecure || /^(https|wss):/i.test(text)) return false;
    const url = parseUrl(text);
    return url !== undefined && /^(http|ws):$/.test(url.protocol) && !isLoopback(url.hostname);
  };
  return {
    isInClear,
    filter: (entries) => {
      const kept = new Map<string, ServiceEntry>();
      const refused = new Map<string, string>();
      for (const [name, entry] of entries) {
        const bases = entry.bases.filter((base) => !isInClear(base));
        if (bases.length > 0) kept.set(name, entryOf(name, bases));
        else refused.set(name, entry.bases[0] ?? '');
      }
      return { kept, refused };
    },
    error: (name, url) => {
      const { protocol = '', host = '' } = parseUrl(url) ?? {};
      const what = name === undefined ? 'a request' : `'${name}'`;
      const set =
        name === undefined || name === 'webSocketUrl' ? 'config.services' : `config.services.${name}`;
      return sdkError(
        'ERR_CATALOG',
        `${what} is at ${protocol}//${host}, which is not encrypted, although the service is https. The access token is not sent there. Start the service with --public-url set to its https URL, or set ${set} to URLs that you trust.`,
      );
    },
  };
}
