import { expect } from 'chai';
import { createCipheriv, randomBytes as bytesOf } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { Readable } from 'node:stream';
import { isSdkError } from '@trunkline/core';
import { fakeHost } from '@trunkline/testing/fakes';
import type { FileData, Scr } from '@trunkline/wire';
import { fromScr, type FileCrypto } from './file-crypto.js';
import { nodeFiles } from './files-node.js';
import { webFiles } from './files-web.js';

const random = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(bytesOf(length));
const refused = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
  } catch (error) {
    if (isSdkError(error)) return error.code;
    throw error;
  }
  return 'nothing';
};
async function* chunks(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length)
    yield await Promise.resolve(bytes.subarray(at, at + length));
}
const cipherOf = async (body: Blob): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(await new Response(body.stream()).arrayBuffer());
const spooled = (): readonly string[] =>
  readdirSync(tmpdir()).filter((name) => /^trunkline-[0-9a-f]{8}-/.test(name));

for (const [platform, make] of [
  ['Node', nodeFiles],
  ['the web', webFiles],
] as const)
  describe(`FileCrypto of ${platform}`, () => {
    let host: ReturnType<typeof fakeHost>;
    let files: FileCrypto;
    beforeEach(() => {
      host = fakeHost();
      files = make(host);
    });
    afterEach(() => host.close());

    const open = (cipher: Uint8Array, scr: Scr, chunk = 65_521) =>
      files.open(chunks(cipher, chunk), fromScr(scr));
    const sealed = async (data: FileData, size?: number) => {
      const made = await files.seal(data, size === undefined ? {} : { size });
      const cipher = await cipherOf(made.body);
      const scr = made.scr('https://files.test/1');
      made.close();
      return { cipher, scr, size: made.size };
    };

    for (const length of [0, 1, 15, 16, 17, 70_001, 4 * 1024 * 1024, 9 * 1024 * 1024 + 5])
      it(`seals ${String(length)} bytes as AES-256-GCM does in one piece, and opens them`, async () => {
        const plain = random(length);
        const { cipher, scr, size } = await sealed(plain);
        expect(size).to.equal(length);
        const whole = createCipheriv(
          'aes-256-gcm',
          Buffer.from(scr.key, 'base64url'),
          Buffer.from(scr.iv, 'base64url'),
        );
        whole.setAAD(Buffer.from(scr.aad));
        expect(Buffer.compare(whole.update(plain), cipher)).to.equal(0);
        whole.final();
        expect(whole.getAuthTag().toString('base64url')).to.equal(scr.tag);
        expect(scr.loc).to.equal('https://files.test/1');
        const opened = await open(cipher, scr);
        expect(opened.size).to.equal(length);
        expect(Buffer.compare(await opened.bytes(), plain)).to.equal(0);
      });

    it('takes Blobs, buffers, web and Node streams, with their length and without', async () => {
      const plain = random(3_000_000);
      const inputs: readonly (readonly [FileData, number?])[] = [
        [new Blob([plain])],
        [plain.buffer],
        [new Blob([plain]).stream()],
        [new Blob([plain]).stream(), plain.length],
        [Readable.from(chunks(plain, 9_999))],
        [Readable.from(chunks(plain, 1_500_001)), plain.length],
      ];
      for (const [data, length] of inputs) {
        const { cipher, scr, size } = await sealed(data, length);
        expect(size).to.equal(plain.length);
        expect(Buffer.compare(await (await open(cipher, scr)).bytes(), plain)).to.equal(0);
      }
    });

    it('hands out nothing when a byte, the tag, the time or the length is another', async () => {
      for (const length of [1_000, 9_000_000]) {
        const { cipher, scr } = await sealed(random(length));
        const altered = cipher.slice();
        altered[length >> 1] = (altered[length >> 1] ?? 0) ^ 1;
        const longer = new Uint8Array(length + 1);
        longer.set(cipher);
        for (const [bytes, parameters] of [
          [altered, scr],
          [cipher.subarray(0, -1), scr],
          [longer, scr],
          [new Uint8Array(), scr],
          [cipher, { ...scr, tag: Buffer.from(random(16)).toString('base64url') }],
          [cipher, { ...scr, aad: '1999-01-01T00:00:00.000Z' }],
        ] as const)
          expect(await refused(open(bytes, parameters))).to.equal('ERR_DECRYPT');
      }
      expect(spooled()).to.deep.equal([]);
    });

    it('refuses parameters that are none', async () => {
      const { cipher, scr } = await sealed(random(10));
      for (const change of [{ tag: scr.tag.slice(0, 16) }, { key: 'AAAA' }, { iv: '' }, { key: '*' }])
        expect(await refused(Promise.resolve().then(() => open(cipher, { ...scr, ...change })))).to.equal(
          'ERR_DECRYPT',
        );
    });

    it('refuses what is too large before it reads it, and streams when they are', async () => {
      const blob = new Blob([random(1_001)]);
      blob.slice = () => {
        throw new Error('it was read');
      };
      expect(await refused(files.seal(blob, { maxBytes: 1_000 }))).to.equal('ERR_TOO_LARGE');
      expect(await refused(files.seal(random(1_001), { maxBytes: 1_000 }))).to.equal('ERR_TOO_LARGE');
      let read = 0;
      const endless = (async function* () {
        for (; ; read += 400) yield await Promise.resolve(random(400));
      })();
      expect(await refused(files.seal(endless, { maxBytes: 1_000 }))).to.equal('ERR_TOO_LARGE');
      expect(read).to.be.below(1_700);
      expect(await refused(files.seal({} as never, {}))).to.equal('ERR_ARGUMENT');
    });

    it('ends with the signal, and leaves nothing behind', async () => {
      const controller = new AbortController();
      const { signal } = controller;
      const slow = (async function* () {
        for (let n = 0; n < 30; n += 1) {
          if (n === 20) controller.abort(new Error('enough'));
          yield await Promise.resolve(random(1_000_000));
        }
      })();
      const error: unknown = await files.seal(slow, { signal }).catch((reason: unknown) => reason);
      expect(error).to.equal(signal.reason);
      expect(spooled()).to.deep.equal([]);
    });

    it('is read once, whichever way, and all three say the same', async () => {
      const plain = random(6_000_000);
      const { cipher, scr } = await sealed(plain);
      const bytes = await (await open(cipher, scr)).bytes();
      const blob = await (await open(cipher, scr)).blob();
      const opened = await open(cipher, scr);
      const streamed = await new Response(opened.stream()).arrayBuffer();
      for (const found of [bytes, new Uint8Array(await blob.arrayBuffer()), new Uint8Array(streamed)])
        expect(Buffer.compare(found, plain)).to.equal(0);
      expect(await refused(opened.bytes())).to.equal('ERR_ARGUMENT');
      const given = await open(cipher, scr);
      given.cancel();
      expect(await refused(given.bytes())).to.equal('ERR_ARGUMENT');
      const left = (await open(cipher, scr)).stream().getReader();
      expect((await left.read()).done).to.equal(false);
      await left.cancel();
    });
  });

describe('FileCrypto of Node', () => {
  it('uses another key for each attempt, since the source may have changed', async () => {
    const host = fakeHost();
    const made = await nodeFiles(host).seal(random(100), {});
    const first = [await cipherOf(made.body), made.scr('')] as const;
    const second = [await cipherOf(made.body), made.scr('')] as const;
    expect(first[1].key).not.to.equal(second[1].key);
    expect(Buffer.compare(first[0], second[0])).not.to.equal(0);
    await host.close();
  });

  it('says when a stream is not as long as announced, or is asked for twice', async () => {
    const host = fakeHost();
    const files = nodeFiles(host);
    for (const size of [999, 1_001]) {
      const made = await files.seal(Readable.from([random(1_000)]), { size });
      await cipherOf(made.body).catch(() => undefined);
      expect((made.failure() as { code?: string }).code).to.equal('ERR_ARGUMENT');
      expect(await refused(Promise.resolve().then(() => made.scr('')))).to.equal('ERR_BAD_RESPONSE');
    }
    const made = await files.seal(Readable.from([random(10)]), { size: 10 });
    expect(made.once).to.equal(true);
    await cipherOf(made.body);
    await cipherOf(made.body).catch(() => undefined);
    expect((made.failure() as { code?: string }).code).to.equal('ERR_NETWORK');
    await host.close();
  });
});

describe('FileCrypto of the web', () => {
  const mebi = 1024 * 1024;
  const realEncrypt = crypto.subtle.encrypt.bind(crypto.subtle);
  let used: Set<ArrayBuffer>;
  let most: number;
  const held = (): number => [...used].reduce((sum, { byteLength }) => sum + byteLength, 0);
  // the buffers of a piece or more that counter mode was given and gave, as long as they have memory
  const watched: typeof crypto.subtle.encrypt = async (algorithm, key, data) => {
    const made = await realEncrypt(algorithm, key, data);
    if (typeof algorithm !== 'object' || algorithm.name !== 'AES-CTR') return made;
    for (const buffer of [ArrayBuffer.isView(data) ? data.buffer : data, made])
      if (buffer instanceof ArrayBuffer && buffer.byteLength >= mebi) used.add(buffer);
    most = Math.max(most, held());
    return made;
  };
  let host: ReturnType<typeof fakeHost>;
  beforeEach(() => {
    used = new Set();
    most = 0;
    host = fakeHost();
  });
  afterEach(() => {
    crypto.subtle.encrypt = realEncrypt;
    return host.close();
  });

  it('frees each piece as soon as it was used, and leaves the bytes of the app alone', async () => {
    const plain = random(21 * mebi);
    const files = webFiles(host);
    const made = await files.seal(plain, {});
    const cipher = await cipherOf(made.body);
    const open = () => files.open(chunks(cipher, 65_521), fromScr(made.scr('')));
    crypto.subtle.encrypt = watched;
    for (const way of ['bytes', 'blob'] as const) {
      used.clear();
      most = 0;
      const found = await (await open())[way]();
      expect(used.size).to.equal(12);
      expect(held(), way).to.equal(0);
      expect(most, way).to.equal(8 * mebi);
      const bytes = found instanceof Blob ? new Uint8Array(await found.arrayBuffer()) : found;
      expect(Buffer.compare(bytes, plain)).to.equal(0);
    }
    used.clear();
    const reader = (await open()).stream().getReader();
    const streamed: Uint8Array[] = [];
    for (let part = await reader.read(); !part.done; part = await reader.read()) streamed.push(part.value);
    expect(Buffer.compare(Buffer.concat(streamed), plain)).to.equal(0); // what was handed over stays
    expect(held()).to.equal(plain.length);
    used.clear();
    most = 0;
    await files.seal(plain, {});
    expect(held() - plain.buffer.byteLength).to.equal(0);
    expect(plain.length).to.equal(21 * mebi);
    expect(cipher.length).to.equal(21 * mebi);
  });
});
