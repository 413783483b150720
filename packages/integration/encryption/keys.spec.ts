import { createClient } from '@trunkline/core';
import { encryption, e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { startServer } from '@trunkline/server';
import { expectQuiet, joinCloud, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { countedFetch, failure } from '../core/tools.js';

const nowhere = '00000000-0000-4000-8000-000000000000';
const submissions = (sent: readonly string[]): number =>
  sent.filter((what) => what.endsWith('/kms/messages')).length;

describe('the key service', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('carries out every operation, between people', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], () => [encryption()] as const);
    const [anaId, benId] = [(await cloud.person('ana')).id, (await cloud.person('ben')).id];
    await ana.encryption.ping();
    const [one, two, three] = await ana.encryption.createKeys(3);
    if (!one || !two || !three) throw new Error('three keys were asked for');
    expect(new Set([one.jwk.k, two.jwk.k, three.jwk.k]).size).to.equal(3);

    const resource = await ana.encryption.createResource({ userIds: [anaId], keyUris: [one.uri] });
    expect(resource.keyUris).to.deep.equal([one.uri]);
    await ana.encryption.bindKey(two.uri, resource.uri);
    expect((await failure(ben.encryption.getKey(one.uri))).code).to.equal('ERR_KEY_DENIED');
    expect(
      (await failure(ben.encryption.addAuthorization(resource.uri, [benId]))).status,
      'no one lets himself in',
    ).to.equal(403);

    const added = await ana.encryption.addAuthorization(resource.uri, [benId]);
    expect(added.map(({ authId }) => authId)).to.deep.equal([benId]);
    const list = await ben.encryption.listAuthorizations(resource.uri);
    expect(new Set(list.map(({ authId }) => authId))).to.deep.equal(new Set([anaId, benId]));
    expect((await ben.encryption.getKey(two.uri)).jwk.k).to.equal(two.jwk.k);
    expect((await failure(ben.encryption.getKey(three.uri))).code, 'not bound').to.equal('ERR_KEY_DENIED');

    const secret = await ana.encryption.encryptText(two.uri, 'für Ben: ☎');
    expect(await ben.encryption.decryptText(two.uri, secret)).to.equal('für Ben: ☎');

    await ana.encryption.removeAuthorization(resource.uri, benId);
    expect((await failure(ben.encryption.listAuthorizations(resource.uri))).code).to.equal('ERR_KMS');
    const again = await cloud.client('ben', [encryption()] as const);
    expect((await failure(again.encryption.getKey(two.uri))).code).to.equal('ERR_KEY_DENIED');
    for (const client of [ana, ben, again]) {
      await client.close();
      await expectQuiet(client);
    }
  });

  it('gives a stranger the same answer for a key that exists and one that does not', async () => {
    const [ana, eve] = await cloud.clients(['ana', 'eve'], () => [encryption()] as const);
    const [key] = await ana.encryption.createKeys(1);
    const uri = key?.uri ?? '';
    const none = uri.replace(/[^/]+$/, nowhere);
    const [real, absent] = [
      await failure(eve.encryption.getKey(uri)),
      await failure(eve.encryption.getKey(none)),
    ];
    const told = (error: typeof real, id: string) =>
      [error.code, error.status, error.errorCode, error.message.replaceAll(id, 'URI')] as const;
    expect(told(real, uri)).to.deep.equal(told(absent, none));
    expect(real.code).to.equal('ERR_KEY_DENIED');
  });

  it('is asked once for a key, however many callers wait for it', async () => {
    const { fetch: fetcher, sent } = countedFetch();
    const ana = await cloud.client('ana', [encryption()] as const);
    const [key] = await ana.encryption.createKeys(1);
    const uri = key?.uri ?? '';
    const secret = await ana.encryption.encryptText(uri, 'x');
    const other = await cloud.client('ana', [encryption()] as const, { fetch: fetcher });
    await other.encryption.ping();
    sent.length = 0;
    const texts = await Promise.all(
      Array.from({ length: 10 }, async () => other.encryption.decryptText(uri, secret)),
    );
    expect([new Set(texts), submissions(sent)]).to.deep.equal([new Set(['x']), 1]);
    sent.length = 0;
    expect(other.encryption.decryptText(uri, secret), 'at once').to.equal('x');
    expect(await other.encryption.encryptText(uri, 'y')).to.be.a('string');
    expect(sent).to.deep.equal([]);
  });

  it('that refuses, or does not answer, is an error to those who asked, and is asked again later', async () => {
    const client = await cloud.client('fay', [encryption()] as const);
    await client.encryption.ping();
    const kms = { path: '/encryption/api/v1/kms/messages' };
    await cloud.fault({ kind: 'status', status: 500, times: 1, match: kms });
    const refused = await failure(client.encryption.createKeys(1));
    expect([refused.code, refused.status]).to.deep.equal(['ERR_SERVER', 500]);
    await cloud.fault({ kind: 'status', status: 503, times: 2, match: kms });
    expect(await client.encryption.createKeys(1)).to.have.length(1);
    const lift = await cloud.fault({ kind: 'delay', delayMs: 30_000, match: kms });
    const controller = new AbortController();
    const ended = client.encryption.ping({ signal: controller.signal }).catch((error: unknown) => error);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await ended).to.equal(reason);
    await lift();
    expect(await client.encryption.createKeys(2)).to.have.length(2);
    await client.close();
    await expectQuiet(client);
  });

  it('asked when the client closes: ERR_CLIENT_CLOSED', async () => {
    const client = await cloud.client('gil', [encryption()] as const);
    await client.encryption.ping();
    await cloud.fault({ kind: 'delay', delayMs: 300, times: 1, match: { path: '/encryption' } });
    const ended = failure(client.encryption.createKeys(1));
    await client.close();
    expect((await ended).code).to.equal('ERR_CLIENT_CLOSED');
    await expectQuiet(client);
  });

  it('keeps what encrypts files: bytes, parameters, and who may read them', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], () => [encryption()] as const);
    const benId = (await cloud.person('ben')).id;
    const [key] = await ana.encryption.createKeys(1);
    const uri = key?.uri ?? '';
    await ana.encryption.createResource({ userIds: [benId], keyUris: [uri] });
    const bytes = new Uint8Array(100_000).map((_, at) => at % 251);
    const { cipher, scr } = await ana.encryption.encryptFile(bytes);
    expect(cipher.length).to.equal(bytes.length);
    expect((await failure(ana.encryption.wrapScr(uri, { ...scr, loc: '' }))).code).to.equal('ERR_ARGUMENT');
    const wrapped = await ana.encryption.wrapScr(uri, { ...scr, loc: `${cloud.url}/file` });
    const unwrapped = await ben.encryption.unwrapScr(uri, wrapped);
    expect(unwrapped.loc).to.equal(`${cloud.url}/file`);
    expect(await ben.encryption.decryptFile(cipher, unwrapped)).to.deep.equal(bytes);
    const altered = cipher.slice();
    altered[5] = (altered[5] ?? 0) ^ 1;
    expect((await failure(ben.encryption.decryptFile(altered, unwrapped))).code).to.equal('ERR_DECRYPT');
    const text = await ana.encryption.encryptText(uri, '{"no":"file"}');
    expect((await failure(ben.encryption.unwrapScr(uri, text))).code).to.equal('ERR_DECRYPT');
  });
});

describe('the key service started again', function () {
  this.timeout(15_000);
  const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;
  const config = { mercury: { backoffBaseMs: 20, backoffMaxMs: 100 } };

  it('knows the session still; when it does not, a new one is agreed on, and no one notices', async () => {
    const data = await mkdtemp(path.join(tmpdir(), 'trunkline-test-'));
    let service = await startServer({ data, port: 0 });
    try {
      const cloud = joinCloud(service);
      const { fetch: fetcher, sent } = countedFetch();
      const ana = createClient({
        token: (await cloud.person('ana')).accessToken,
        service: service.url,
        plugins: plugins(),
        config,
        fetch: fetcher,
      });
      const ben = await cloud.client('ben', plugins(), { config });
      await ben.messages.listen();
      const room = await ana.rooms.create({ title: 'Restart' });
      await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
      const restart = async (between?: () => void): Promise<void> => {
        const open = nextEvent(ana.socket, 'state', { where: ({ to }) => to === 'open', timeoutMs: 10_000 });
        const { port } = service;
        await service.close();
        between?.();
        service = await startServer({ data, port });
        await open;
        sent.length = 0;
      };
      const sayAndHear = async (text: string): Promise<void> => {
        const received = nextEvent(ben.messages, 'created', { where: (message) => message.text === text });
        await ana.messages.create({ roomId: room.id, text });
        await received;
      };
      await sayAndHear('one');

      await restart();
      await ana.encryption.createKeys(1);
      expect(submissions(sent), 'no key exchange').to.equal(1);
      await sayAndHear('two');

      const forget = (): void => {
        const require = createRequire(path.resolve(import.meta.dirname, '../../server/package.json'));
        const Libsql = require('libsql') as new (file: string) => {
          exec(sql: string): void;
          close(): void;
        };
        const db = new Libsql(path.join(data, 'trunkline.db'));
        db.exec('DELETE FROM kms_sessions');
        db.close();
      };
      await restart(forget);
      await ana.encryption.createKeys(1);
      expect(submissions(sent), 'refused, exchanged, asked again').to.equal(3);
      await sayAndHear('three');

      // a request of another service that carries a key message inside finds it out, too
      await restart(forget);
      await joinCloud(service).person('cleo');
      await ana.memberships.create({ roomId: room.id, personEmail: 'cleo@example.com' });
      await sayAndHear('four');
      const second = await ana.rooms.create({ title: 'Another' });
      expect(second.title).to.equal('Another');
      await Promise.all([ana.close(), ben.close()]);
      await expectQuiet(ben);
    } finally {
      await service.close();
      await rm(data, { recursive: true, force: true });
    }
  });
});
