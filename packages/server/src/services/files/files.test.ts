import type { WireActivity, WireConversation } from '@trunkline/wire';
import { expect } from 'chai';
import { startContent, type ContentCloud, type Person } from '../harness.test.js';

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

  it('cannot be uploaded, finished or downloaded by somebody who left, by whatever address they kept', async () => {
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
    await cloud.files.sweep();
    expect(await status(ana, unused)).to.equal(200);
    nowMs += 25 * 3_600_000;
    await cloud.files.sweep();
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
});
