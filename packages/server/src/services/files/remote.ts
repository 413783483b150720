import { lookup } from 'node:dns';
import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { badRequest } from '../../http/errors.js';

const inner = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  ['::', 127],
  ['64:ff9b::', 96],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(net, bits, 'ipv6');

/** Addresses of this machine and of the networks behind it; IPv4 written as IPv6 counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return inner.check(address, family === 4 ? 'ipv4' : 'ipv6');
}

// the name is resolved once, and what was looked at is what is connected to
const publicLookup: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses) => {
    if (error !== null) {
      done(error, '');
      return;
    }
    const [first] = addresses;
    if (first === undefined || addresses.some(({ address }) => isPrivateAddress(address)))
      done(new Error('the address is private'), '');
    else if (options.all === true) done(null, addresses);
    else done(null, first.address, first.family);
  });
};

const maxRedirects = 3;
const timeoutMs = 10_000;

/** Gets a file that a message names by URL. @throws ApiError 400 for what cannot or must not be fetched */
export async function fetchRemote(
  address: string,
  options: { readonly allowPrivate: boolean; readonly maxBytes: number },
  redirects = 0,
): Promise<IncomingMessage> {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw badRequest('A file URL is not valid.');
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw badRequest('A file URL must begin with http or https.');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  const refused = !options.allowPrivate && isIP(literal) !== 0 && isPrivateAddress(literal);
  if (refused) throw badRequest('The file could not be fetched from its URL.');
  const response = await new Promise<IncomingMessage | undefined>((resolve) => {
    const request = (url.protocol === 'https:' ? https : http)(
      url,
      {
        timeout: timeoutMs,
        headers: { accept: '*/*' },
        ...(options.allowPrivate ? {} : { lookup: publicLookup }),
      },
      resolve,
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(undefined);
    });
    request.end();
  });
  const status = response?.statusCode ?? 0;
  const location = response?.headers.location;
  if (response !== undefined && status >= 300 && status < 400 && location !== undefined) {
    response.destroy();
    if (redirects >= maxRedirects) throw badRequest('The file could not be fetched from its URL.');
    return fetchRemote(new URL(location, url).href, options, redirects + 1);
  }
  if (response === undefined || status !== 200) {
    response?.destroy();
    throw badRequest('The file could not be fetched from its URL.');
  }
  if (Number(response.headers['content-length'] ?? 0) > options.maxBytes) {
    response.destroy();
    throw badRequest('The file is too large.');
  }
  return response;
}
