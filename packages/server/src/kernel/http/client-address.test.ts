import { expect } from 'chai';
import type { IncomingMessage } from 'node:http';
import { ConfigError, resolveConfig } from '../config.js';
import { clientAddress, clientUsesTls } from './client-address.js';

describe('the address of a client', () => {
  const of = (
    trustedProxies: readonly string[],
    peer: string | undefined,
    forwardedFor?: string | string[],
  ): string | undefined =>
    clientAddress(resolveConfig({ trustedProxies }), {
      socket: { remoteAddress: peer },
      headers: forwardedFor === undefined ? {} : { 'x-forwarded-for': forwardedFor },
    } as unknown as IncomingMessage);

  it('is the peer’s where no proxy is trusted, or the peer is not one', () => {
    expect(of([], '127.0.0.1', '203.0.113.7')).to.equal('127.0.0.1');
    expect(of(['10.0.0.1'], '10.0.0.2', '203.0.113.7')).to.equal('10.0.0.2');
    expect(of(['10.0.0.1'], '10.0.0.1')).to.equal('10.0.0.1');
    expect(of([], undefined)).to.equal(undefined);
  });

  it('is the last one that is not a trusted proxy’s', () => {
    for (const [trusted, peer, header, expected] of [
      [['loopback'], '127.0.0.1', '203.0.113.7', '203.0.113.7'],
      [['loopback'], '::1', '203.0.113.7', '203.0.113.7'],
      [['loopback'], '::ffff:127.0.0.1', '203.0.113.7', '203.0.113.7'],
      [['loopback'], '127.0.0.1', '1.1.1.1, 203.0.113.7', '203.0.113.7'],
      [['loopback', '10.0.0.0/8'], '127.0.0.1', '1.1.1.1, 203.0.113.7, 10.9.9.9', '203.0.113.7'],
      [['10.0.0.0/8'], '10.0.0.1', '10.0.0.3', '10.0.0.3'],
      [['2001:db8::/32'], '2001:db8::1', '2001:db9::7', '2001:db9::7'],
      [['loopback'], '127.0.0.1', '[2001:db9::7]:4711', '2001:db9::7'],
      [['loopback'], '127.0.0.1', '203.0.113.7:4711', '203.0.113.7'],
      [['loopback'], '127.0.0.1', 'unknown', '127.0.0.1'],
      [['loopback'], '127.0.0.1', '203.0.113.7, junk', '127.0.0.1'],
      [['loopback'], '127.0.0.1', '', '127.0.0.1'],
    ] as const)
      expect(of(trusted, peer, header), header).to.equal(expected);
    expect(of(['loopback'], '127.0.0.1', ['1.1.1.1', '203.0.113.7'])).to.equal('203.0.113.7');
  });

  it('says whether the client uses TLS, as a trusted proxy says', () => {
    const tls = (trustedProxies: readonly string[], proto?: string, encrypted = false): boolean =>
      clientUsesTls(resolveConfig({ trustedProxies }), {
        socket: { remoteAddress: '127.0.0.1', encrypted },
        headers: proto === undefined ? {} : { 'x-forwarded-proto': proto },
      } as unknown as IncomingMessage);
    expect(tls([], undefined, true)).to.equal(true);
    expect(tls([], 'https')).to.equal(false);
    expect(tls(['loopback'], 'https')).to.equal(true);
    expect(tls(['loopback'], 'http')).to.equal(false);
    expect(tls(['loopback'])).to.equal(false);
  });

  it('refuses to start with an entry that is not an address', () => {
    for (const entry of ['proxy.example', '10.0.0.0/33', '10.0.0.0/8/8', '', '10.0.0.0/x'])
      expect(() => resolveConfig({ trustedProxies: [entry] }), entry)
        .to.throw(ConfigError)
        .with.property('message')
        .that.includes('trusted-proxy');
  });
});
