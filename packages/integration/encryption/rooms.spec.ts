import type { ReadableActivity } from '@trunkline/conversation';
import type * as Core from '@trunkline/core';
import type * as Engine from '@trunkline/encryption';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId } from '@trunkline/wire';
import { expect } from 'chai';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { WebSocket } from 'ws';
import { countedFetch } from '../core/tools.js';

const encrypted = () => [rooms(), messages(), memberships(), e2ee()] as const;
const clear = () => [rooms(), messages(), memberships()] as const;
const uuidOf = (id: string): string => decodeId(id)?.local ?? '';
const quick = { mercury: { backoffBaseMs: 20, backoffMaxMs: 100 } } as const;

/** What a browser would load: the same package's entry without Node in it. */
const webEntry = (name: string): Promise<unknown> =>
  import(pathToFileURL(path.resolve(import.meta.dirname, `../../${name}/dist/esm/index.js`)).href);

describe('an encrypted room', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  it('is the same room for those who encrypt and those who use REST', async () => {
    const [ana] = await cloud.clients(['ana'], encrypted);
    const [rest] = await cloud.clients(['rest'], clear);
    await Promise.all([ana.messages.listen(), rest.messages.listen()]);
    const exchange = async (from: typeof ana | typeof rest, to: typeof ana | typeof rest, roomId: string) => {
      const text = `${roomId.slice(-8)} ${String(Math.random())}`;
      const received = nextEvent(to.messages, 'created', { where: (message) => message.text === text });
      const { id } = await from.messages.create({ roomId, markdown: text });
      expect((await received).id).to.equal(id);
      expect((await to.messages.get(id)).text).to.equal(text);
    };
    for (const [maker, other, email] of [
      [ana, rest, 'rest@example.com'],
      [rest, ana, 'ana@example.com'],
    ] as const) {
      const { id } = await maker.rooms.create({ title: 'Geteilt ☎' });
      await maker.memberships.create({ roomId: id, personEmail: email });
      expect((await other.rooms.get(id)).title).to.equal('Geteilt ☎');
      await exchange(ana, rest, id);
      await exchange(rest, ana, id);
      const read = await ana.conversation.get(uuidOf(id));
      expect([read.displayName, read.titleEncrypted]).to.deep.equal(['Geteilt ☎', undefined]);
    }
    await Promise.all([ana.close(), rest.close()]);
    await expectQuiet(ana);
    await expectQuiet(rest);
  });

  it('is the same room in a browser and in Node', async () => {
    const core = (await webEntry('core')) as typeof Core;
    const engine = (await webEntry('encryption')) as typeof Engine;
    const [node] = await cloud.clients(['node'], encrypted);
    const { accessToken, email } = await cloud.person('browser');
    const { fetch: fetcher, sent } = countedFetch();
    const browser = core.createClient({
      token: accessToken,
      service: cloud.url,
      WebSocket,
      fetch: fetcher,
      plugins: [rooms(), messages(), memberships(), engine.e2ee()],
    });
    expect(engine.e2ee).not.to.equal(e2ee);
    await Promise.all([node.messages.listen(), browser.messages.listen()]);
    const room = await node.rooms.create({ title: 'Both' });
    await node.memberships.create({ roomId: room.id, personEmail: email });
    for (const [from, to, text] of [
      [node, browser, 'from Node'],
      [browser, node, 'from the browser: ☎ ünïcode'],
    ] as const) {
      const received = nextEvent(to.messages, 'created', { where: (message) => message.text === text });
      await from.messages.create({ roomId: room.id, text });
      await received;
    }
    const { cipher, scr } = await browser.encryption.encryptFile(new Uint8Array([1, 2, 3]));
    expect(await node.encryption.decryptFile(cipher, scr)).to.deep.equal(new Uint8Array([1, 2, 3]));
    expect(
      sent.filter((what) => /^GET .*\/messages\//.test(what)),
      'nothing had to be fetched',
    ).to.deep.equal([]);
    await Promise.all([node.close(), browser.close()]);
    await expectQuiet(node);
  });

  it('bears cipher text that was altered: it is marked, and what comes after it is readable', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], encrypted);
    const reported: string[] = [];
    for (const client of [ana, ben]) client.on('error', ({ context }) => reported.push(context));
    const activities: ReadableActivity[] = [];
    ben.conversation.onActivity((activity) => {
      if (activity.verb === 'post') activities.push(activity);
    });
    await ben.messages.listen();
    const room = await ana.rooms.create({ title: 'Altered' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    const { defaultActivityEncryptionKeyUrl: keyUrl = '', url } = await ana.conversation.get(uuidOf(room.id));
    const { id } = await cloud.person('ana');
    const good = await ana.encryption.encryptText(keyUrl, 'one');
    const [header = '', key = '', iv = '', text = '', tag = ''] = good.split('.');
    const flipped = `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
    const received: string[] = [];
    ben.messages.on('created', (message) => received.push(message.text ?? '(nothing)'));
    const last = nextEvent(ben.messages, 'created', { where: (message) => message.text === 'last' });
    await ana.messages.create({ roomId: room.id, text: 'first' });
    for (const displayName of [
      [header, key, iv, flipped, tag].join('.'),
      [header, key, iv, text, 'AAAAAAAAAAAAAAAAAAAAAA'].join('.'),
      'not.even.a.jose.text',
      'plain words where a secret should be',
    ])
      await ana
        .request({
          method: 'POST',
          url: `${url}/activities`,
          body: {
            verb: 'post',
            objectType: 'activity',
            actor: { objectType: 'person', id },
            object: { objectType: 'comment', displayName },
            target: { objectType: 'conversation', id: uuidOf(room.id) },
            encryptionKeyUrl: keyUrl,
          },
        })
        .catch((error: unknown) => {
          // a service may refuse what is not a cipher text at all
          expect(error).to.have.property('code', 'ERR_BAD_REQUEST');
          expect(displayName.split('.')[3]).not.to.equal(flipped);
        });
    await ana.messages.create({ roomId: room.id, text: 'last' });
    await last;
    expect([received[0], received.at(-1)]).to.deep.equal(['first', 'last']);
    const altered = activities.filter(({ decryptionFailed }) => decryptionFailed === true);
    expect(altered.length).to.be.greaterThan(0);
    expect(activities).to.have.length(altered.length + 2);
    for (const { object, actor } of altered)
      expect([object.displayName ?? '', actor.id]).to.deep.equal(['', id]);
    expect(JSON.stringify(received)).not.to.contain('plain words');
    await Promise.all([ana.close(), ben.close()]);
    await expectQuiet(ben);
  });

  it('keeps its order when 300 messages of three rooms come before their keys', async () => {
    const [ana] = await cloud.clients(['ana'], encrypted);
    const { fetch: fetcher, sent } = countedFetch();
    const ben = await cloud.client('late', encrypted(), { fetch: fetcher, config: quick });
    const received = new Map<string, string[]>();
    let count = 0;
    const all = new Promise<void>((resolve) => {
      ben.messages.on('created', ({ roomId, text }) => {
        received.set(roomId, [...(received.get(roomId) ?? []), text ?? '(nothing)']);
        if ((count += 1) === 300) resolve();
      });
    });
    await ben.messages.listen();
    await ben.encryption.ping();
    const userId = (await cloud.person('late')).id;
    const waiting = nextEvent(ben.socket, 'state', { where: ({ to }) => to === 'waiting' });
    const lift = await cloud.fault({ kind: 'refuse-sockets', match: { userId } });
    await cloud.fault({ kind: 'drop-sockets', match: { userId } });
    await waiting;
    const expected = Array.from({ length: 100 }, (_, n) => String(n));
    const roomIds = await Promise.all(
      ['One', 'Two', 'Three'].map(async (title) => {
        const { id: roomId } = await ana.rooms.create({ title });
        await ana.memberships.create({ roomId, personEmail: 'late@example.com' });
        for (const text of expected) await ana.messages.create({ roomId, text });
        return roomId;
      }),
    );
    sent.length = 0;
    // the keys come late
    await cloud.fault({ kind: 'delay', delayMs: 200, times: 2, match: { path: '/encryption', userId } });
    const caughtUp = nextEvent(ben.socket, 'caughtUp', { timeoutMs: 10_000 });
    await lift();
    await all;
    expect((await caughtUp).missed).to.be.at.least(300);
    for (const roomId of roomIds) expect(received.get(roomId)).to.deep.equal(expected);
    expect(sent.filter((what) => what.endsWith('/kms/messages')).length).to.be.within(1, 3);
    await Promise.all([ana.close(), ben.close()]);
    await expectQuiet(ben);
  });
});
