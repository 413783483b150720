import { deviceCode } from '@trunkline/auth';
import { systemClock } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { startServer } from '@trunkline/server';
import { joinCloud, startCloud, type Cloud } from '@trunkline/testing';
import { decodeId, encodeMembershipId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import { register } from '../auth/kit.js';
import { all } from '../kit/members.js';
import { until } from '../kit/until.js';
import { refusal } from './tools.js';

const plugins = () => [rooms(), messages(), memberships(), e2ee()] as const;
const limit = 1_500_000; // bytes: no whole number of mebibytes
type Member = Awaited<ReturnType<typeof open>>;
const open = (cloud: Cloud, name: string) => cloud.client(name, plugins());

describe('bad input to messaging', function () {
  this.timeout(30_000);

  for (const [mode, clear] of [
    ['rest', { encrypted: false }],
    ['e2ee', {}],
  ] as const)
    it(`a file above the limit of the service is refused, and no message is left, ${mode}`, async () => {
      const cloud = await startCloud({ limits: { fileBytes: limit } });
      const ana = await open(cloud, 'ana');
      const { id: roomId } = await ana.rooms.create({ title: 'Files' });
      for (const bytes of [limit + 1, 2 * limit]) {
        const error = await refusal(
          ana.messages.create({ roomId, text: 'look', files: [new Uint8Array(bytes)], ...clear }),
        );
        expect([error.code, error.retryable], String(bytes)).to.deep.equal(['ERR_TOO_LARGE', false]);
      }
      const own = ana.messages.create(
        { roomId, files: [new Blob([new Uint8Array(9_000)]).stream()], ...clear },
        { maxBytes: 8_000 },
      );
      expect((await refusal(own)).code).to.equal('ERR_TOO_LARGE');
      expect(await all(ana.messages.list({ roomId }))).to.deep.equal([]);
      const fits = await ana.messages.create({ roomId, files: [new Uint8Array(limit)], ...clear });
      expect((await (await ana.messages.download(fits)).bytes()).length).to.equal(limit);
      await cloud.close();
    });

  describe('someone who was removed and kept everything', () => {
    let cloud: Cloud;
    let ana: Member;
    let eve: Member;
    let roomId: string;
    let room: string;
    const received: WireActivity[] = [];
    const keyOf = async (who: Member): Promise<string> =>
      (await who.conversation.get(room)).defaultActivityEncryptionKeyUrl ?? '';
    const upload = () =>
      eve.request<{ uploadUrl: string; finishUploadUrl: string }>({
        method: 'POST',
        url: `${cloud.url}/files/v1/spaces/${room}/upload_sessions`,
        body: { fileSize: 4 },
      });
    const statusOf = async (url: string, init: RequestInit = {}): Promise<number> => {
      const { accessToken } = await cloud.person('eve');
      const headers = { authorization: `Bearer ${accessToken}`, 'content-type': 'application/octet-stream' };
      return (await fetch(url, { ...init, headers })).status;
    };

    before(async () => {
      cloud = await startCloud();
      [ana, eve] = [await open(cloud, 'ana'), await open(cloud, 'eve')];
      await Promise.all([ana, eve].map((client) => client.connect()));
      roomId = (await ana.rooms.create({ title: 'Secret' })).id;
      room = decodeId(roomId)?.local ?? '';
      await ana.memberships.create({ roomId, personEmail: 'eve@example.com' });
      eve.conversation.onActivity((activity) => void received.push(activity));
    });
    after(() => cloud.close());

    it('gets nothing more by key, socket, cursor, upload or download, and new messages have a new key', async () => {
      for (const text of ['one', 'two']) await ana.messages.create({ roomId, text });
      const shared = await ana.messages.create({ roomId, text: 'plan', files: [new Uint8Array([1, 2, 3])] });
      const old = await keyOf(eve);
      await eve.encryption.getKey(old);
      const page = await eve.messages.list({ roomId, max: 1 }).page();
      const [begun, stored] = [(await upload()).body, (await upload()).body];
      expect(await statusOf(stored.uploadUrl, { method: 'PUT', body: 'data' })).to.equal(200);
      expect(await (await eve.messages.download(shared)).bytes()).to.deep.equal(new Uint8Array([1, 2, 3]));

      const { id: eveId } = await cloud.person('eve');
      await ana.memberships.remove(encodeMembershipId(eveId, room));
      const later = await ana.messages.create({ roomId, text: 'without Eve', files: [new Uint8Array(9)] });
      const fresh = await keyOf(ana);
      expect(fresh).not.to.equal(old);
      expect((await refusal(eve.encryption.getKey(fresh))).status).to.equal(403);

      for (const work of [
        () => page.next(),
        () => eve.messages.get(later),
        () => eve.messages.download(shared),
        () => eve.messages.download(later),
        () => eve.conversation.get(room),
        () => eve.conversation.listActivities(room),
        () => upload(),
        () => eve.messages.create({ roomId, text: 'still me' }),
        () => eve.messages.create({ roomId, text: 'still me', encrypted: false }),
        () => eve.conversation.typing(room, true),
      ])
        expect((await refusal(work())).code, work.toString()).to.equal('ERR_NOT_FOUND');
      expect(await statusOf(begun.uploadUrl, { method: 'PUT', body: 'data' })).to.equal(404);
      expect(await statusOf(stored.finishUploadUrl, { method: 'POST', body: '' })).to.equal(404);

      // her socket is open, and the next event she receives is not of that room
      await ana.messages.create({ toPersonEmail: 'eve@example.com', text: 'you are out' });
      await until(
        () => received.at(-1)?.object.displayName === 'you are out',
        () => `received ${received.map(({ verb }) => verb).join(', ')}`,
      );
      const ofRoom = received.filter(({ target }) => target?.id === room);
      expect(ofRoom.at(-1)?.verb).to.equal('leave');
      expect(ofRoom.map(({ object }) => object.displayName)).not.to.include('without Eve');
    });
  });

  it('a device code that has run out lets no one in, and says so', async () => {
    let passedMs = 0;
    const now = (): number => Date.now() + passedMs;
    const server = await startServer({ port: 0 }, { now, steady: now });
    const cloud = joinCloud(server, () => server.close());
    await register(cloud, { clientId: 'tv', redirectUris: [], scopes: 'spark:all' });
    // the device asks at once, by a clock of its own that does not know that the time is over
    const clock = {
      ...systemClock,
      after: (delayMs: number, run: () => void) => systemClock.after(delayMs / 100, run),
    };
    const flow = deviceCode({ service: cloud.url, clientId: 'tv', scopes: 'spark:all', clock });
    const signIn = await flow.start();
    passedMs += (signIn.expiresInS + 1) * 1000;
    const error = await refusal(signIn.wait(), signIn.userCode);
    expect([error.code, error.retryable]).to.deep.equal(['ERR_TOKEN_INVALID', false]);
    expect(await flow.restore()).to.equal(undefined);
    expect((await fetch(signIn.verificationUriComplete)).status).not.to.equal(500);
    await cloud.close();
  });

  it('an address that is not the app’s is never followed, with a code or an error', async () => {
    const cloud = await startCloud();
    const home = 'https://app.example/in';
    await register(cloud, { clientId: 'page', redirectUris: [home], scopes: 'spark:all' });
    for (const redirect of [
      'https://evil.example/in',
      `${home}/more`,
      `${home}?x=1`,
      'javascript:alert(1)',
      '',
    ]) {
      const query = new URLSearchParams({
        client_id: 'page',
        redirect_uri: redirect,
        response_type: 'code',
        scope: 'no:such', // wrong as well: not even the error goes there
        state: 's',
      });
      const answer = await fetch(`${cloud.url}/idbroker/idb/oauth2/v1/authorize?${query.toString()}`, {
        redirect: 'manual',
      });
      expect([answer.status, answer.headers.get('location')], redirect).to.deep.equal([400, null]);
      expect(await answer.text()).not.to.include('href="javascript:');
    }
    await cloud.close();
  });
});
