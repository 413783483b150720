// Requests that strangers make this service send: where they may go. The rule is kept at the moment of connecting.
import { lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';

const inner = new BlockList();
for (const [net, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  // documentation, and the old relay from IPv6
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  // the host agent of a large cloud, which gives secrets to machines there
  ['168.63.129.16', 32],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inner.addSubnet(net, bits, 'ipv4');
for (const [net, bits] of [
  // with IPv4 in its last bits, as once was done
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  // IPv4 as IPv6 by translation
  ['::ffff:0:0:0', 96],
  // discarded
  ['100::', 64],
  // special purposes, such as tunnels to any IPv4
  ['2001::', 23],
  ['2002::', 16],
  // documentation and segment routing
  ['2001:db8::', 32],
  ['3fff::', 20],
  ['5f00::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  inner.addSubnet(net, bits, 'ipv6');

/** ms between two looks at the addresses of this machine */
const ownAddressesMs = 10_000;
let own = new BlockList();
let ownUntil = 0;

/** Whether this machine itself has the address, also a public one: firewalls trust it, and services listen on it. */
function isOwnAddress(address: string, family: 'ipv4' | 'ipv6'): boolean {
  const now = performance.now();
  if (now >= ownUntil) {
    own = new BlockList();
    for (const { address: each } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      const plain = each.split('%')[0] ?? '';
      if (isIP(plain) !== 0) own.addAddress(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
    }
    ownUntil = now + ownAddressesMs;
  }
  return own.check(address, family);
}

/** Addresses of this machine and of the networks behind it; IPv4 written as IPv6 counts as what it is. */
export function isPrivateAddress(address: string): boolean {
  const plain = address.split('%')[0] ?? '';
  const version = isIP(plain);
  if (version === 0) return true;
  const family = version === 4 ? 'ipv4' : 'ipv6';
  return inner.check(plain, family) || isOwnAddress(plain, family);
}

/** Whether a URL names a private address itself. Of a host name this says nothing: {@link publicLookup} does. */
export function namesPrivateAddress(url: URL): boolean {
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  return isIP(literal) !== 0 && isPrivateAddress(literal);
}

/** For the `lookup` of a request. The name is resolved once, and what was looked at is what is connected to. */
export const publicLookup: LookupFunction = (host, options, done) => {
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

/** ms that a name may take */
const lookupMs = 3000;

/** For saying so early; what counts is {@link publicLookup}. A name that leads nowhere now does not lead there. */
export async function leadsToPrivateAddress(url: URL): Promise<boolean> {
  if (namesPrivateAddress(url)) return true;
  return new Promise((resolve) => {
    const slow = setTimeout(() => {
      resolve(false);
    }, lookupMs);
    lookup(url.hostname.replace(/^\[|\]$/g, ''), { all: true }, (error, addresses) => {
      clearTimeout(slow);
      resolve(error === null && addresses.some(({ address }) => isPrivateAddress(address)));
    });
  });
}
