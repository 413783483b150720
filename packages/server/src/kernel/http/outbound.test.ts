import { expect } from 'chai';
import { networkInterfaces } from 'node:os';
import { isPrivateAddress, namesPrivateAddress } from './outbound.js';

describe('addresses to which users may not send this service (F22)', () => {
  it('are those of inner, special and documentation networks', () => {
    for (const address of [
      ...['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.0.1', '169.254.169.254', '100.64.0.1', '0.0.0.0'],
      ...['192.0.2.1', '198.51.100.1', '203.0.113.1', '192.88.99.1', '168.63.129.16', '255.255.255.255'],
      ...['::', '::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1', '::127.0.0.1', '::ffff:0:127.0.0.1'],
      ...['::ffff:0:a9fe:a9fe', '64:ff9b::7f00:1', '64:ff9b:1::1', '100::1', '2001::1', '2001:10::1'],
      ...[
        '2001:db8::1',
        '2002:7f00:1::',
        '3fff::1',
        '5f00::1',
        'fc00::1',
        'fd12::1',
        'fe80::1',
        'fe80::1%eth0',
      ],
      ...['fec0::1', 'ff02::1', 'nonsense', ''],
    ])
      expect(isPrivateAddress(address), address).to.equal(true);
  });

  it('are those that this machine has itself', () => {
    for (const { address } of Object.values(networkInterfaces()).flatMap((list) => list ?? []))
      expect(isPrivateAddress(address), address).to.equal(true);
  });

  it('are not the public ones', () => {
    for (const address of ['1.1.1.1', '8.8.8.8', '168.63.129.17', '2606:4700::1111', '2001:4860:4860::8888'])
      expect(isPrivateAddress(address), address).to.equal(false);
  });

  it('are found in URLs however they are written', () => {
    for (const url of [
      'http://2130706433/',
      'http://0x7f.1/',
      'http://[::ffff:0:127.0.0.1]/',
      'http://0177.0.0.1/',
    ])
      expect(namesPrivateAddress(new URL(url)), url).to.equal(true);
    expect(namesPrivateAddress(new URL('http://1.1.1.1/'))).to.equal(false);
  });
});
