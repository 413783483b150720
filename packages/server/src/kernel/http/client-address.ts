// Whose request it is when proxies stand in between.
import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';
import type { Config } from '../config.js';

const plain = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '');
const familyOf = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 6 ? 'ipv6' : 'ipv4');

/**
 * @param entries addresses, networks such as `10.0.0.0/8`, or `loopback`
 * @throws RangeError that names the entry that is none of these
 */
export function addressList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    if (entry === 'loopback') {
      list.addSubnet('127.0.0.0', 8, 'ipv4');
      list.addAddress('::1', 'ipv6');
      continue;
    }
    const [address = '', bits, ...more] = entry.split('/');
    const most = isIP(address) === 6 ? 128 : 32;
    if (
      isIP(address) === 0 ||
      more.length > 0 ||
      (bits !== undefined && !(/^\d{1,3}$/.test(bits) && Number(bits) <= most))
    )
      throw new RangeError(entry);
    if (bits === undefined) list.addAddress(plain(address), familyOf(plain(address)));
    else list.addSubnet(address, Number(bits), familyOf(address));
  }
  return list;
}

const lists = new WeakMap<Config, BlockList>();
function trusts(config: Config, address: string): boolean {
  if (config.trustedProxies.length === 0) return false;
  let list = lists.get(config);
  if (list === undefined) lists.set(config, (list = addressList(config.trustedProxies)));
  return isIP(address) !== 0 && list.check(address, familyOf(address));
}

/** `1.2.3.4`, `1.2.3.4:80`, `[::1]:80`, `"[::1]"` → the address alone. */
function forwarded(text: string): string {
  const bare = text.trim().replace(/^"|"$/g, '');
  const inside =
    /^\[([^\]]*)\](?::\d+)?$/.exec(bare)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(bare)?.[1] ?? bare;
  return plain(inside);
}

const headerOf = (raw: Pick<IncomingMessage, 'headers'>, name: string): string => {
  const value = raw.headers[name];
  return Array.isArray(value) ? value.join(',') : (value ?? '');
};

/**
 * The address that a request came from. `X-Forwarded-For` is read from its end, as far as the addresses are those of
 * trusted proxies: what stands further left, the client may have written itself.
 *
 * @returns undefined when the connection is gone
 */
export function clientAddress(
  config: Config,
  raw: Pick<IncomingMessage, 'headers' | 'socket'>,
): string | undefined {
  const peer = raw.socket.remoteAddress;
  if (peer === undefined) return undefined;
  let address = plain(peer);
  const hops = headerOf(raw, 'x-forwarded-for').split(',');
  while (trusts(config, address)) {
    const before = forwarded(hops.pop() ?? '');
    if (isIP(before) === 0) break;
    address = before;
  }
  return address;
}

/** Whether the client's own connection uses TLS: to this service, or to a trusted proxy that says so. */
export function clientUsesTls(config: Config, raw: Pick<IncomingMessage, 'headers' | 'socket'>): boolean {
  if ('encrypted' in raw.socket && raw.socket.encrypted === true) return true;
  const peer = raw.socket.remoteAddress;
  if (peer === undefined || !trusts(config, plain(peer))) return false;
  return headerOf(raw, 'x-forwarded-proto').split(',').at(-1)?.trim().toLowerCase() === 'https';
}
