import type { WireActivity, WireConversation } from '@trunkline/wire';
import { expect } from 'chai';
import { agree, type ContentCloud, encryptAs, type Person, startContent } from '../harness.test.js';

const conv = '/conversation/api/v1/conversations';

describe('the key of a conversation that a user left', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let eve: Person;
  let id: string;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben, eve] = [await cloud.person('ana'), await cloud.person('ben'), await cloud.person('eve')];
    ({ id } = await cloud.ok<WireConversation>(ana, 'POST', conv, {
      displayName: 'Launch',
      activities: {
        items: [ana, ben, eve].map((person) => ({
          verb: 'add',
          object: { objectType: 'person', id: person.id },
        })),
      },
    }));
  });
  afterEach(() => cloud.close());

  const head = (who: Person): Promise<WireConversation> => cloud.ok(who, 'GET', `${conv}/${id}`);
  const act = (who: Person, activity: object) =>
    cloud.call<WireActivity & { errorCode?: number }>(who, 'POST', `${conv}/${id}/activities`, activity);
  const leave = (who: Person, whom: Person) =>
    act(who, { verb: 'leave', object: { objectType: 'person', id: whom.id } });
  const keyOf = async (who: Person, uri: string | undefined): Promise<string> => {
    const { key } = await (await agree(cloud, who)).ask({ method: 'retrieve', uri });
    return (key?.jwk as { k?: string } | undefined)?.k ?? '';
  };
  const sealed = async (who: Person, keyUrl: string | undefined, words: string): Promise<object> => ({
    verb: 'post',
    encryptionKeyUrl: keyUrl,
    object: { objectType: 'comment', displayName: await encryptAs(await keyOf(who, keyUrl), words) },
  });

  it('changes with a removal and with a going: who left can have no key of what follows', async () => {
    const before = await head(ana);
    const old = await keyOf(eve, before.encryptionKeyUrl);
    expect(old).not.to.equal('');
    await leave(ana, eve);
    const after = await head(ana);
    expect(after.defaultActivityEncryptionKeyUrl).not.to.equal(before.defaultActivityEncryptionKeyUrl);
    expect(await keyOf(eve, after.encryptionKeyUrl)).to.equal('');
    expect(await keyOf(ben, after.encryptionKeyUrl)).not.to.be.oneOf(['', old]);
    // what was written before stays readable for those who are in
    expect(await keyOf(ben, before.encryptionKeyUrl)).to.equal(old);
    expect((await cloud.ok(ben, 'GET', `/v1/rooms/${id}`))['title']).to.equal('Launch');
    const told = cloud.activities().slice(-2);
    expect(told.map(({ verb }) => verb)).to.deep.equal(['leave', 'updateKey']);
    expect(told[1]?.object['defaultActivityEncryptionKeyUrl']).to.equal(after.encryptionKeyUrl);
    await leave(ben, ben);
    expect((await head(ana)).encryptionKeyUrl).not.to.equal(after.encryptionKeyUrl);
  });

  it('takes what is still under the old one, and stores and announces it under the new one', async () => {
    const before = await head(ana);
    const stale = await sealed(ben, before.encryptionKeyUrl, 'late');
    expect((await act(ben, stale)).status).to.equal(200);
    await leave(ana, eve);
    const { encryptionKeyUrl } = await head(ben);
    const taken = await act(ben, stale);
    expect([taken.status, taken.body['encryptionKeyUrl']]).to.deep.equal([200, encryptionKeyUrl]);
    expect(cloud.activities().at(-1)?.encryptionKeyUrl).to.equal(encryptionKeyUrl);
    const { items } = await cloud.ok(ben, 'GET', `/v1/messages?roomId=${id}`);
    expect((items as { text?: string }[])[0]?.text).to.equal('late');
    const renamed = await act(ben, {
      verb: 'update',
      encryptionKeyUrl: before.encryptionKeyUrl,
      object: {
        objectType: 'conversation',
        displayName: await encryptAs(await keyOf(ben, before.encryptionKeyUrl), 'x'),
      },
    });
    expect([renamed.status, renamed.body['encryptionKeyUrl']]).to.deep.equal([200, encryptionKeyUrl]);
    expect((await cloud.ok(ben, 'GET', `/v1/rooms/${id}`))['title']).to.equal('x');
  });

  it('refuses what cannot be read under the old one, and the old one itself', async () => {
    const before = await head(ana);
    await leave(ana, eve);
    const nonsense = await act(ben, {
      verb: 'post',
      encryptionKeyUrl: before.encryptionKeyUrl,
      object: {
        objectType: 'comment',
        displayName: await encryptAs(await keyOf(ben, (await head(ben)).encryptionKeyUrl), 'x'),
      },
    });
    expect([nonsense.status, nonsense.body.errorCode]).to.deep.equal([409, 1409004]);
    const back = await act(ben, {
      verb: 'updateKey',
      object: { objectType: 'conversation', defaultActivityEncryptionKeyUrl: before.encryptionKeyUrl },
    });
    expect(back.body.errorCode).to.equal(1409004);
    const fresh = await act(ben, await sealed(ben, (await head(ben)).encryptionKeyUrl, 'in time'));
    expect(fresh.status).to.equal(200);
    // REST writes under the new key by itself
    await cloud.ok(ben, 'POST', '/v1/messages', { roomId: id, text: 'hello' });
    expect(cloud.activities().at(-1)?.encryptionKeyUrl).to.equal((await head(ben)).encryptionKeyUrl);
  });

  it('is decided in one order with the messages: what is accepted after a removal is under the new key', async () => {
    const before = await head(ana);
    const stale = await sealed(ben, before.encryptionKeyUrl, 'racing');
    const answers = await Promise.all([
      ...Array.from({ length: 5 }, () => act(ben, stale)),
      leave(ana, eve),
      ...Array.from({ length: 5 }, () => act(ben, stale)),
    ]);
    expect(answers.filter(({ status }) => status !== 200)).to.deep.equal([]);
    const verbs = cloud
      .activities()
      .map(({ verb, encryptionKeyUrl }) => `${verb} ${String(encryptionKeyUrl === before.encryptionKeyUrl)}`);
    expect(verbs.slice(verbs.indexOf('leave false'))).not.to.include('post true');
  });

  it('changes once when many leave in one write, and not when no one is left', async () => {
    await cloud.ok(ana, 'DELETE', `/v1/rooms/${id}`);
    expect(cloud.activities().map(({ verb }) => verb)).to.deep.equal(['create', 'leave', 'leave', 'leave']);
  });

  it('changes also where the title cannot be read: no one can prevent it with an unreadable title', async () => {
    await cloud.store.write(async ({ tx }) => {
      await tx.updateTable('conversations').set({ title: 'a.b.c.d.e' }).where('id', '=', id).execute();
    });
    // the row is remembered by writes: this change went past them, so another one lets go of it
    await act(ana, { verb: 'set', object: { objectType: 'spaceProperty', tags: ['ANY'] } });
    expect((await leave(ana, eve)).status).to.equal(200);
    expect((await head(ana)).displayName).to.equal(undefined);
  });
});
