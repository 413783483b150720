import { expect } from 'chai';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { CompactEncrypt, CompactSign, compactDecrypt } from 'jose';
import { verified, type RsaPublicKey } from './compact.js';
import { isSdkError } from '@trunkline/core';
import { fakeClock } from '@trunkline/testing/fakes';
import type { Bytes, ContentCrypto } from './content-crypto.js';
import { nodeCrypto } from './crypto-node.js';
import { webCrypto } from './crypto-web.js';
import { decryptFile, encryptFile } from '../files/whole-file.js';
import { parseScr } from './scr.js';

const bytes: Bytes = new Uint8Array(randomBytes(32));
const words = ['', 'a', 'Grüße, 世界 👋', 'x'.repeat(100_000)];

/** One platform with its key, so that both are used alike. */
async function platform<Key>(crypto: ContentCrypto<Key>, secret = bytes) {
  const key = await crypto.importKey(secret);
  return {
    encrypt: async (text: string) => crypto.encryptText(key, text),
    decrypt: async (jwe: string) => crypto.decryptText(key, jwe),
  };
}
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'fine',
    (error: unknown) => (isSdkError(error) ? error.code : error),
  );

describe('content crypto', () => {
  for (const [from, to] of [
    ['node', 'web'],
    ['web', 'node'],
    ['node', 'node'],
    ['web', 'web'],
  ] as const)
    it(`reads in ${to} what ${from} wrote`, async () => {
      const both = { node: await platform(nodeCrypto), web: await platform(webCrypto) };
      for (const text of words) expect(await both[to].decrypt(await both[from].encrypt(text))).to.equal(text);
    });

  it('writes the header of all content, an empty key and a fresh IV', async () => {
    for (const crypto of [await platform(nodeCrypto), await platform(webCrypto)]) {
      const [one, two] = [await crypto.encrypt('x'), await crypto.encrypt('x')].map((jwe) => jwe.split('.'));
      expect(Buffer.from(one?.[0] ?? '', 'base64url').toString()).to.equal('{"enc":"A256GCM","alg":"dir"}');
      expect(one?.[1]).to.equal('');
      expect(one?.[2]).not.to.equal(two?.[2]);
    }
  });

  it('never uses an IV twice', async () => {
    const { encrypt } = await platform(nodeCrypto);
    const ivs = new Set<string | undefined>();
    for (let count = 0; count < 2_000; count += 1) ivs.add((await encrypt('x')).split('.')[2]);
    expect(ivs.size).to.equal(2_000);
  });

  it('answers at once in Node', () => {
    const key = nodeCrypto.importKey(bytes);
    if (key instanceof Promise) throw new Error('a promise');
    const jwe = nodeCrypto.encryptText(key, 'now');
    expect(typeof jwe === 'string' && nodeCrypto.decryptText(key, jwe)).to.equal('now');
  });

  it('is read by jose and reads what jose wrote, with the header in any order', async () => {
    for (const crypto of [await platform(nodeCrypto), await platform(webCrypto)]) {
      const { plaintext } = await compactDecrypt(await crypto.encrypt('hello'), bytes);
      expect(Buffer.from(plaintext).toString()).to.equal('hello');
      for (const header of [
        { alg: 'dir', enc: 'A256GCM' },
        { alg: 'dir', enc: 'A256GCM', kid: 'kms://x/keys/1' },
      ] as const) {
        const jwe = await new CompactEncrypt(Buffer.from('hello')).setProtectedHeader(header).encrypt(bytes);
        expect(await crypto.decrypt(jwe)).to.equal('hello');
        expect(await crypto.decrypt(jwe)).to.equal('hello');
      }
    }
  });

  it('refuses what was altered anywhere, and what is no such JWE', async () => {
    for (const crypto of [await platform(nodeCrypto), await platform(webCrypto)]) {
      const jwe = await crypto.encrypt('a secret');
      const parts = jwe.split('.');
      const flip = (part: string): string => (part.startsWith('A') ? 'B' : 'A') + part.slice(1);
      const altered = [0, 2, 3, 4].map((at) =>
        parts.map((part, index) => (index === at ? flip(part) : part)).join('.'),
      );
      const other = await (await platform(nodeCrypto, new Uint8Array(32))).encrypt('a secret');
      const header = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const cases = [
        ...altered,
        other,
        '',
        '.',
        '....',
        'plain words',
        `${jwe}.`,
        `${jwe}A`,
        jwe.slice(0, -4),
        jwe.replace('..', '.AAAA.'),
        [header({ alg: 'dir', enc: 'A128GCM' }), ...parts.slice(1)].join('.'),
        [header({ alg: 'none', enc: 'A256GCM' }), ...parts.slice(1)].join('.'),
        [header({ alg: 'dir', enc: 'A256GCM', crit: ['x'] }), ...parts.slice(1)].join('.'),
        [header({ alg: 'dir', enc: 'A256GCM', zip: 'DEF' }), ...parts.slice(1)].join('.'),
      ];
      for (const [index, bad] of cases.entries())
        expect(await codeOf(crypto.decrypt(bad)), `case ${String(index)}`).to.equal('ERR_DECRYPT');
    }
  });
});

describe('files', () => {
  it('go through from one platform to the other, as long as they were', async () => {
    const plain = new Uint8Array(randomBytes(70_001));
    for (const [from, to] of [
      [nodeCrypto, webCrypto],
      [webCrypto, nodeCrypto],
    ] as const) {
      const { cipher, scr } = await encryptFile(from as ContentCrypto<unknown>, fakeClock(), plain);
      expect(cipher.length).to.equal(plain.length);
      expect(scr.aad).to.equal('2030-01-01T00:00:00.000Z');
      const back = await decryptFile(to as ContentCrypto<unknown>, cipher, scr);
      expect(Buffer.compare(back, plain)).to.equal(0);
      cipher[7] = (cipher[7] ?? 0) ^ 1;
      expect(await codeOf(decryptFile(to as ContentCrypto<unknown>, cipher, scr))).to.equal('ERR_DECRYPT');
    }
  });

  it('refuse a shortened tag, another time, and parameters that are none', async () => {
    const { cipher, scr } = await encryptFile(nodeCrypto, fakeClock(), new Uint8Array(3));
    const short = { ...scr, tag: scr.tag.slice(0, 6) };
    expect(await codeOf(decryptFile(nodeCrypto, cipher, short))).to.equal('ERR_DECRYPT');
    expect(await codeOf(decryptFile(nodeCrypto, cipher, { ...scr, aad: 'x' }))).to.equal('ERR_DECRYPT');
    expect(await codeOf(decryptFile(nodeCrypto, cipher, { ...scr, key: '!' }))).to.equal('ERR_DECRYPT');
    expect(() => parseScr('{}')).to.throw('cannot be decrypted');
    expect(() => parseScr('no JSON')).to.throw('cannot be decrypted');
  });
});

describe('signatures', () => {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const rsa = pair.publicKey.export({ format: 'jwk' }) as unknown as RsaPublicKey;
  const sign = (alg: string, key = pair.privateKey) =>
    new CompactSign(Buffer.from('hello')).setProtectedHeader({ alg }).sign(key);

  for (const alg of ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'])
    it(`by jose with ${alg} are accepted`, async () => {
      expect(await verified(rsa, await sign(alg))).to.equal('hello');
    });

  it('of others, altered ones, and ways we do not know are refused', async () => {
    const jws = await sign('RS256');
    const [, payload = '', signature = ''] = jws.split('.');
    const header = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    const cases = [
      await sign('RS256', other),
      await sign('ES256', ec),
      `${header({ alg: 'RS256' })}.${Buffer.from('other').toString('base64url')}.${signature}`,
      `${header({ alg: 'none' })}.${payload}.`,
      `${header({ alg: 'HS256' })}.${payload}.${signature}`,
      `${header({ alg: 'RS512' })}.${payload}.${signature}`,
      `${header({ alg: 'RS256', crit: ['x'], x: 1 })}.${payload}.${signature}`,
      `${jws}.${signature}`,
      jws.slice(0, -4),
      '',
    ];
    for (const [index, bad] of cases.entries()) {
      const refused = await verified(rsa, bad).catch(() => 'refused');
      expect(refused, `case ${String(index)}`).to.equal('refused');
    }
  });
});
