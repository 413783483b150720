import { encodeId, type Message, type Room, type WireActivity, type WireConversation } from '@trunkline/wire';
import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type ContentCloud, type Person, startContent } from '../harness.test.js';
import { ownFiles } from './migrations/0011-own-files.js';

const conv = '/conversation/api/v1/conversations';
interface Session {
  readonly uploadUrl: string;
  readonly finishUploadUrl: string;
}

describe('files of a conversation', () => {
  let nowMs = 1_700_000_000_000;
  let cloud: ContentCloud;
  let ana: Person;
  let eve: Person;
  let id: string;
  beforeEach(async () => {
    nowMs = 1_700_000_000_000;
    cloud = await startContent({}, () => nowMs);
    [ana, eve] = [await cloud.person('ana'), await cloud.person('eve')];
    ({ id } = await cloud.ok<WireConversation>(ana, 'POST', conv, {
      displayName: 'Files',
      activities: {
        items: [ana, eve].map((person) => ({ verb: 'add', object: { objectType: 'person', id: person.id } })),
      },
    }));
  });
  afterEach(() => cloud.close());

  const begin = (who: Person, fileSize = 4): Promise<Session> =>
    cloud.ok<Session & Record<string, unknown>>(who, 'POST', `/files/v1/spaces/${id}/upload_sessions`, {
      fileSize,
    });
  const put = async ({ uploadUrl }: Session, bytes = 'data'): Promise<number> => {
    const reply = await cloud.app.inject({
      method: 'PUT',
      url: new URL(uploadUrl).pathname,
      headers: { 'content-type': 'application/octet-stream' },
      payload: Buffer.from(bytes),
    });
    return reply.statusCode;
  };
  const finish = (who: Person, { finishUploadUrl }: Session) =>
    cloud.call<{ downloadUrl: string }>(who, 'POST', finishUploadUrl, {});
  const upload = async (who: Person): Promise<string> => {
    const session = await begin(who);
    expect(await put(session)).to.equal(200);
    return (await finish(who, session)).body.downloadUrl;
  };
  const share = (who: Person, url: string): Promise<WireActivity> =>
    cloud.ok<WireActivity & Record<string, unknown>>(who, 'POST', `${conv}/${id}/content`, {
      verb: 'share',
      object: {
        objectType: 'content',
        files: { items: [{ objectType: 'file', displayName: 'a.txt', url }] },
      },
    });
  const drop = (who: Person, activityId: string) =>
    cloud.ok(who, 'POST', `${conv}/${id}/activities`, {
      verb: 'delete',
      object: { objectType: 'activity', id: activityId },
    });
  const status = async (who: Person, url: string): Promise<number> =>
    (await cloud.call(who, 'GET', url)).status;
  const removeEve = () =>
    cloud.ok(ana, 'POST', `${conv}/${id}/activities`, {
      verb: 'leave',
      object: { objectType: 'person', id: eve.id },
    });

  it('cannot be uploaded, finished or downloaded by a user who left, by whatever address they kept', async () => {
    const url = await upload(ana);
    await share(ana, url);
    const { endpoints } = await cloud.ok<{ endpoints: Record<string, string> }>(
      eve,
      'POST',
      '/v1/download/endpoints',
      { endpoints: [url] },
    );
    const signed = endpoints[url] ?? '';
    const nobody = { ...eve, token: '' };
    expect(await status(nobody, signed)).to.equal(200);
    const [open, stored] = [await begin(eve), await begin(eve)];
    expect(await put(stored)).to.equal(200);
    await removeEve();
    expect(await put(open)).to.equal(404);
    expect((await finish(eve, stored)).status).to.equal(404);
    expect(await status(nobody, signed)).to.equal(404);
    expect(await status(eve, url)).to.equal(404);
    const again = await cloud.ok(eve, 'POST', '/v1/download/endpoints', { endpoints: [url] });
    expect(again).to.deep.equal({ endpoints: {} });
    const session = await cloud.call(eve, 'POST', `/files/v1/spaces/${id}/upload_sessions`, { fileSize: 4 });
    expect(session.status).to.equal(404);
    expect(await status(ana, url)).to.equal(200);
  });

  it('go with the last message that shows them, and with no other', async () => {
    const url = await upload(ana);
    const one = await share(ana, url);
    const two = await share(eve, url);
    await drop(eve, two.id);
    expect(await status(ana, url)).to.equal(200);
    await drop(ana, one.id);
    expect(await status(ana, url)).to.equal(404);
  });

  it('go after a day when nothing shows them', async () => {
    const [shown, unused] = [await upload(ana), await upload(ana)];
    await share(ana, shown);
    await cloud.sweep();
    expect(await status(ana, unused)).to.equal(200);
    nowMs += 25 * 3_600_000;
    await cloud.sweep();
    expect([await status(ana, shown), await status(ana, unused)]).to.deep.equal([200, 404]);
  });

  it('may be the picture of the space: less than a mebibyte, and uploaded to it', async () => {
    const assign = (url: string) =>
      cloud.call(ana, 'POST', `${conv}/${id}/activities`, {
        verb: 'assign',
        object: {
          objectType: 'content',
          files: { items: [{ objectType: 'file', url, scr: 'scr', displayName: 'p.png' }] },
        },
      });
    const [first, second] = [await upload(ana), await upload(ana)];
    expect((await assign('http://elsewhere.test/p.png')).status).to.equal(400);
    expect((await assign(first)).status).to.equal(200);
    const shown = await cloud.ok<WireConversation & Record<string, unknown>>(eve, 'GET', `${conv}/${id}`);
    expect(shown.avatar?.files?.items[0]?.url).to.equal(first);
    expect(shown.avatarEncryptionKeyUrl).to.equal(shown.encryptionKeyUrl);
    expect((await assign(second)).status).to.equal(200);
    expect(await status(ana, first)).to.equal(404);
    const large = await begin(ana, 1024 * 1024);
    await put(large, 'x'.repeat(1024 * 1024));
    expect((await assign((await finish(ana, large)).body.downloadUrl)).status).to.equal(400);
    await cloud.ok(ana, 'POST', `${conv}/${id}/activities`, {
      verb: 'unassign',
      object: { objectType: 'content', files: { items: [] } },
    });
    expect((await cloud.ok(ana, 'GET', `${conv}/${id}`))['avatar']).to.equal(undefined);
    expect(await status(ana, second)).to.equal(404);
  });

  describe('belong to the conversation they were uploaded to (F3)', () => {
    const goodScr = JSON.stringify({
      enc: 'A256GCM',
      key: Buffer.alloc(32).toString('base64url'),
      iv: Buffer.alloc(12).toString('base64url'),
      tag: Buffer.alloc(16).toString('base64url'),
      aad: '2026-01-01T00:00:00.000Z',
      loc: 'https://elsewhere.test/a.gif',
    });
    let other: string;
    beforeEach(async () => {
      ({ id: other } = await cloud.ok<WireConversation>(eve, 'POST', conv, {
        displayName: "Eve's own",
        activities: {
          items: [{ verb: 'add', object: { objectType: 'person', id: eve.id } }],
        },
      }));
    });
    const post = (who: Person, where: string, object: object, verb = 'share') =>
      cloud.call<WireActivity>(who, 'POST', `${conv}/${where}/activities`, { verb, object });
    const file = (url: string, more: object = {}) => ({
      objectType: 'file',
      displayName: 'a.txt',
      url,
      ...more,
    });
    const shownAs = (uuid: string) => [
      `http://trunkline.test/files/v1/files/${uuid}`,
      `/files/v1/files/${uuid}`,
      `https://elsewhere.test/files/v1/files/${uuid}`,
      `https://elsewhere.test/prefix/files/v1/files/${uuid}?x=1`,
      `http://trunkline.test/files/v1/files/${uuid}/signed/1.x/y`,
    ];

    it('and cannot be shared, posted, pictured or assigned in another, whatever the address looks like', async () => {
      const url = await upload(ana);
      const uuid = url.split('/').pop() ?? '';
      for (const address of shownAs(uuid)) {
        const files = { items: [file(address)] };
        const inImage = { items: [file('https://elsewhere.test/a.gif', { image: { url: address } })] };
        expect((await post(eve, other, { objectType: 'content', files })).status, address).to.equal(400);
        expect((await post(eve, other, { objectType: 'content', files: inImage })).status).to.equal(400);
        expect(
          (await post(eve, other, { objectType: 'comment', displayName: 'x', files }, 'post')).status,
        ).to.equal(400);
        expect((await post(eve, other, { objectType: 'content', files }, 'assign')).status).to.equal(400);
      }
      expect(await cloud.store.db.selectFrom('activity_files').selectAll().execute()).to.deep.equal([]);
    });

    it('and a member of both cannot carry one over; a picture from elsewhere may be named', async () => {
      const url = await upload(eve);
      expect(
        (await post(eve, other, { objectType: 'content', files: { items: [file(url)] } })).status,
      ).to.equal(400);
      expect((await post(eve, id, { objectType: 'content', files: { items: [file(url)] } })).status).to.equal(
        200,
      );
      const gif = file('https://elsewhere.test/a.gif', { image: { url: 'https://elsewhere.test/a_s.gif' } });
      expect((await post(eve, other, { objectType: 'content', files: { items: [gif] } })).status).to.equal(
        200,
      );
    });

    it('and an upload that is not finished cannot be shared', async () => {
      const session = await begin(ana);
      const uuid = new URL(session.uploadUrl).pathname.split('/')[4] ?? '';
      const url = `/files/v1/files/${uuid}`;
      expect((await post(ana, id, { objectType: 'content', files: { items: [file(url)] } })).status).to.equal(
        400,
      );
      await put(session);
      expect((await post(ana, id, { objectType: 'content', files: { items: [file(url)] } })).status).to.equal(
        400,
      );
    });

    it('and a removed member cannot read one by sharing its address and key in a room of their own', async () => {
      const url = await upload(ana);
      const scr = JSON.stringify({ enc: 'A256GCM', key: 'k', iv: 'i', aad: 'a', tag: 't', loc: url });
      const one = await cloud.ok<WireActivity>(ana, 'POST', `${conv}/${id}/content`, {
        verb: 'share',
        object: { objectType: 'content', files: { items: [file(url, { scr })] } },
      });
      await removeEve();
      expect(
        (await post(eve, other, { objectType: 'content', files: { items: [file(url, { scr })] } })).status,
      ).to.equal(400);
      expect(await status(eve, url)).to.equal(404);
      await drop(ana, one.id);
      expect(
        (await post(eve, other, { objectType: 'content', files: { items: [file(url, { scr })] } })).status,
      ).to.equal(400);
      expect(
        (await post(ana, id, { objectType: 'content', files: { items: [file(url, { scr })] } })).status,
      ).to.equal(400);
    });

    it('and one whose parameters are junk is gone, which is not an error of the service (F16)', async () => {
      const url = await upload(ana);
      const good = JSON.parse(goodScr) as Record<string, unknown>;
      const bad = [
        'junk',
        '',
        '[]',
        'null',
        '7',
        '{}',
        '{"enc":1}',
        '{"enc":"A256GCM"}',
        '['.repeat(50),
      ].concat(
        [{ key: 'short' }, { key: 7 }, { iv: '' }, { iv: '%%' }, { tag: 'x' }, { enc: 'none' }].map((wrong) =>
          JSON.stringify({ ...good, ...wrong }),
        ),
      );
      for (const scr of bad) {
        const one = await cloud.ok<WireActivity>(ana, 'POST', `${conv}/${id}/content`, {
          verb: 'share',
          object: { objectType: 'content', files: { items: [file(url, { scr })] } },
        });
        for (const method of ['GET', 'HEAD'] as const)
          expect(
            (await cloud.call(ana, method, `/v1/contents/${encodeId('CONTENT', `${one.id}/0`)}`)).status,
            scr,
          ).to.equal(410);
      }
    });

    it('and one that an older version let into another conversation is neither decrypted nor kept', async () => {
      const url = await upload(ana);
      const stranger = await upload(eve);
      const theirs = await cloud.ok<WireActivity>(eve, 'POST', `${conv}/${other}/activities`, {
        verb: 'share',
        object: {
          objectType: 'content',
          files: {
            items: [file('https://elsewhere.test/a.gif', { scr: goodScr })],
          },
        },
      });
      const row = await cloud.store.db
        .selectFrom('activities')
        .selectAll()
        .where('id', '=', theirs.id)
        .executeTakeFirstOrThrow();
      await cloud.store.write(async ({ tx }) => {
        const object = row.object.replace('https://elsewhere.test/a.gif', new URL(url).pathname);
        await tx.updateTable('activities').set({ object }).where('id', '=', theirs.id).execute();
      });
      const content = encodeId('CONTENT', `${theirs.id}/0`);
      expect((await cloud.call(eve, 'GET', `/v1/contents/${content}`)).status).to.equal(410);
      expect((await cloud.call(eve, 'HEAD', `/v1/contents/${content}`)).status).to.equal(410);
      expect(await status(ana, stranger)).to.equal(200);
      // what such a message kept on disk goes with the upgrade
      const own = await share(ana, url);
      const pin = { activity_id: theirs.id, file_id: new URL(url).pathname.split('/').pop() ?? '' };
      await cloud.store.write(async ({ tx }) => {
        await tx.insertInto('activity_files').values(pin).execute();
        await ownFiles.up(tx as never);
      });
      const rows = await cloud.store.db.selectFrom('activity_files').selectAll().execute();
      expect(rows).to.deep.equal([{ ...pin, activity_id: own.id }]);
      await drop(ana, own.id);
      expect(await status(ana, url)).to.equal(404);
    });
  });

  describe('on disk', () => {
    let folder: string;
    beforeEach(async () => {
      await cloud.close();
      folder = await mkdtemp(path.join(tmpdir(), 'trunkline-files-'));
      cloud = await startContent({ data: folder }, () => nowMs);
      [ana, eve] = [await cloud.person('ana'), await cloud.person('eve')];
    });
    afterEach(() => rm(folder, { recursive: true, force: true }));
    const blobs = async (): Promise<number> =>
      (await readdir(path.join(folder, 'blobs'), { recursive: true, withFileTypes: true })).filter((entry) =>
        entry.isFile(),
      ).length;
    const form = (roomId: string) => {
      const boundary = 'x';
      return cloud.app.inject({
        method: 'POST',
        url: '/v1/messages',
        headers: {
          authorization: `Bearer ${ana.token}`,
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
        payload: `--x\r\nContent-Disposition: form-data; name="roomId"\r\n\r\n${roomId}\r\n--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nthe plan\r\n--x--\r\n`,
      });
    };

    it('a file is removed with the message that shows it, and with the room', async () => {
      const room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Plans' });
      await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: eve.id });
      const first = (await form(room.id)).json<Message>();
      expect((await cloud.call<string>(eve, 'GET', first.files?.[0] ?? '')).body).to.equal('the plan');
      await form(room.id);
      expect(await blobs()).to.equal(2);
      await cloud.ok(ana, 'DELETE', `/v1/messages/${first.id}`);
      expect((await cloud.call(eve, 'GET', first.files?.[0] ?? '')).status).to.equal(404);
      await expectSoon(blobs, 1);
      await cloud.ok(ana, 'DELETE', `/v1/rooms/${room.id}`);
      await expectSoon(blobs, 0);
      expect(await cloud.store.db.selectFrom('files').selectAll().execute()).to.deep.equal([]);
    });

    it('a file that a refused message brought leaves nothing behind', async () => {
      const room = await cloud.ok<Room>(eve, 'POST', '/v1/rooms', { title: 'Not for ana' });
      expect((await form(room.id)).statusCode).to.equal(404);
      await expectSoon(blobs, 0);
      await cloud.ok(eve, 'POST', '/v1/memberships', { roomId: room.id, personId: ana.id });
      await cloud.ok(eve, 'PUT', `/v1/rooms/${room.id}`, {
        title: 'Not for ana',
        isLocked: true,
        isAnnouncementOnly: true,
      });
      expect((await form(room.id)).statusCode).to.equal(403);
      await expectSoon(blobs, 0);
      expect(await cloud.store.db.selectFrom('files').selectAll().execute()).to.deep.equal([]);
    });
  });
});

/** Files are removed after the answer: looks until the event loop has done it, without a clock. */
async function expectSoon(read: () => Promise<number>, wanted: number): Promise<void> {
  for (let turn = 0; turn < 200; turn += 1) {
    if ((await read()) === wanted) return;
    await new Promise((done) => setImmediate(done));
  }
  expect(await read()).to.equal(wanted);
}
