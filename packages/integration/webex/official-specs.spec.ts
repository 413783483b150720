import { startCloud, type Cloud } from '@trunkline/testing';
import { InvalidUserCreation, Webex, WebexHttpError } from '@trunkline/webex';
import { expect } from 'chai';
import sinon from 'sinon';
import { refusal, signIn } from './tools.js';

/** A JPEG without pixels: EXIF with one tag, Orientation. */
function jpeg(order: 'II' | 'MM', orientation: number): Uint8Array {
  const little = order === 'II';
  const tiff = new DataView(new ArrayBuffer(26));
  tiff.setUint16(0, little ? 0x4949 : 0x4d4d);
  tiff.setUint16(2, 42, little);
  tiff.setUint32(4, 8, little);
  tiff.setUint16(8, 1, little);
  tiff.setUint16(10, 0x0112, little);
  tiff.setUint16(12, 3, little);
  tiff.setUint32(14, 1, little);
  tiff.setUint16(18, orientation, little);
  const exif = [...new TextEncoder().encode('Exif'), 0, 0, ...new Uint8Array(tiff.buffer)];
  const app0 = [0xff, 0xe0, 0, 4, 1, 1];
  return Uint8Array.from([0xff, 0xd8, ...app0, 0xff, 0xe1, 0, exif.length + 2, ...exif, 0xff, 0xd9]);
}

// what the official client's own integration specs expect of the umbrella
describe('webex: as the official specs have it', () => {
  let cloud: Cloud;
  let ana: Webex;
  let ben: string;
  let cara: string;
  before(async () => {
    cloud = await startCloud();
    ana = await signIn(cloud, 'ana');
    [ben, cara] = (await Promise.all(['ben', 'cara'].map(async (name) => (await cloud.person(name)).id))) as [
      string,
      string,
    ];
  });
  after(async () => {
    await ana.close();
    await cloud.close();
  });
  const file = (name: string) => Object.assign(new TextEncoder().encode('a plan'), { name });

  it('refuses a conversation without participants, before any request (U4)', async () => {
    for (const given of [{}, { participants: [] }])
      expect(await refusal(ana.internal.conversation.create(given))).to.include({ code: 'ERR_ARGUMENT' });
  });
  it('returns what was created together with the conversation (U5, U6)', async () => {
    const made = await ana.internal.conversation.create({
      participants: [ben, cara],
      displayName: 'Plans',
      comment: '**hi**',
      html: '<strong>hi</strong>',
      files: [file('plan.txt')],
      tags: ['WELCOME'],
    });
    const activities = made.activities?.items ?? [];
    expect(activities.map(({ verb }) => verb).slice(-2)).to.deep.equal(['post', 'share']);
    expect(activities.at(-2)?.object).to.include({ displayName: '**hi**', content: '<strong>hi</strong>' });
    const [shared] = activities.at(-1)?.object.files?.items ?? [];
    expect(new TextDecoder().decode(await ana.internal.conversation.download(shared ?? {}))).to.equal(
      'a plan',
    );
  });
  it('goes on without people who cannot be found only with that option (U6)', async () => {
    const { conversation } = ana.internal;
    const partial = { allowPartialCreation: true };
    for (const nobody of ['invalidUser', 'nobody@', ''])
      expect(await refusal(conversation.create({ participants: [nobody] }, partial))).to.be.instanceOf(
        InvalidUserCreation,
      );
    const participants = [ben, 'invalidUser'];
    expect(await refusal(conversation.create({ participants }))).to.include({ code: 'ERR_ARGUMENT' });
    const made = await conversation.create({ participants }, partial);
    expect(made.tags).not.to.include('ONE_ON_ONE');
    expect(made.participants?.items).to.have.length(2);
  });
  it('refuses a second conversation of two with skipOneOnOneFetch (U6)', async () => {
    const { conversation } = ana.internal;
    const first = await conversation.create({ participants: [ben] });
    expect((await conversation.create({ participants: [ben] })).id).to.equal(first.id);
    const again = conversation.create({ participants: [ben] }, { skipOneOnOneFetch: true });
    expect(await refusal(again)).to.be.instanceOf(WebexHttpError.Conflict);
  });
  it('reads what the key service answered to a new conversation, and to a new member', async () => {
    const made = await ana.internal.conversation.create({ participants: [ben] }, { forceGrouped: true });
    expect(made).to.have.nested.property('kmsMessage.status', 201);
    expect(made).to.have.nested.property('kmsMessage.resource.uri', made.kmsResourceObjectUrl);
    const added = await ana.internal.conversation.add(made, cara);
    expect(added).to.have.nested.property('kmsMessage.status', 201);
  });
  it('changes to the key that it is given, which all members can read (U12)', async () => {
    const { conversation, encryption } = ana.internal;
    const talk = await conversation.create({ participants: [ben, cara] });
    const [key] = await encryption.kms.createUnboundKeys({ count: 1 });
    const activity = await conversation.updateKey(talk, key);
    expect(activity.object).to.include({ defaultActivityEncryptionKeyUrl: key?.uri });
    expect((await conversation.get(talk)).defaultActivityEncryptionKeyUrl).to.equal(key?.uri);
    expect((await conversation.post(talk, 'under it')).encryptionKeyUrl).to.equal(key?.uri);
    const other = await signIn(cloud, 'ben');
    expect((await other.internal.encryption.getKey(key?.uri ?? '')).jwk.k).to.equal(key?.jwk.k);
    await other.close();
    const before = (await conversation.get(talk)).defaultActivityEncryptionKeyUrl;
    await conversation.updateKey(talk);
    expect((await conversation.get(talk)).defaultActivityEncryptionKeyUrl).not.to.equal(before);
  });
  it('keeps the order of attributes in mentions (U11)', async () => {
    const { conversation } = ana.internal;
    const talk = await conversation.create({ participants: [ben, cara] });
    for (const attributes of [
      `data-object-id="${ben}" data-object-type="person"`,
      `data-object-type="person" data-object-id="${ben}"`,
    ]) {
      const content = `<webex-mention ${attributes}>Ben</webex-mention>, look`;
      const posted = await conversation.post(talk, {
        displayName: 'Ben, look',
        content,
        mentions: { items: [{ id: ben }] },
      });
      expect(posted.object.content).to.equal(content);
    }
  });
  it('says how a shared JPEG is to be turned, unless turned off (U8)', async () => {
    const { conversation } = ana.internal;
    const talk = await conversation.create({ participants: [ben, cara] });
    for (const [order, turned, expected] of [
      ['MM', 7, 7],
      ['II', 3, 3],
      ['MM', 9, undefined],
    ] as const) {
      const picture = Object.assign(jpeg(order, turned), { name: 'turned.jpg', type: 'image/jpeg' });
      const { object } = await conversation.share(talk, [picture]);
      const item = (object.files?.items[0] ?? {}) as { readonly url?: string; readonly orientation?: number };
      await conversation.download(item, { shouldNotAddExifData: true });
      expect(item.orientation).to.equal(undefined);
      await conversation.download(item);
      expect(item.orientation).to.equal(expected);
    }
  });
  it('shows the headers that a plain download was sent with', async () => {
    const requests = sinon.spy(ana.internal.conversation, 'request');
    const url = `${cloud.url}/v1/people/me`;
    const names = ['cisco-no-http-redirect', 'spark-user-agent', 'trackingid'];
    await ana.internal.conversation.download({ url });
    const { options } = await requests.firstCall.returnValue;
    expect(options.headers).to.include.keys(names);
    expect(options.headers?.['trackingid']).to.be.a('string');
    const none = Object.fromEntries(names.map((name) => [name, null]));
    await ana.internal.conversation.download({ url }, { headers: none });
    const { options: second } = await requests.secondCall.returnValue;
    for (const name of names) expect(second.headers?.[name]).to.equal(undefined);
    requests.restore();
  });
  it('lists conversations as they are encrypted, each with decrypt() (U9)', async () => {
    const made = await ana.internal.conversation.create({ participants: [ben, cara], displayName: 'Hidden' });
    const all = await ana.internal.conversation.list({ conversationsLimit: 10, deferDecrypt: true });
    const one = all.find(({ id }) => id === made.id) as unknown as {
      readonly displayName: string;
      decrypt(): Promise<unknown>;
    };
    expect(one.displayName.split('.')).to.have.length(5);
    await one.decrypt();
    expect(one.displayName).to.equal('Hidden');
  });
  it('says what the key service refused (U15), and that typing was taken (U13)', async () => {
    const [key] = await ana.internal.encryption.kms.createUnboundKeys({ count: 1 });
    const other = await signIn(cloud, 'ben');
    const error = (await refusal(
      other.internal.encryption.kms.fetchKey({ uri: key?.uri ?? '' }),
    )) as Error & {
      readonly statusCode?: number;
      readonly body?: { readonly status: number };
    };
    expect(error).to.include({ code: 'ERR_KEY_DENIED' });
    expect(error.body?.status).to.be.oneOf([403, 404]);
    expect(error.statusCode).to.equal(error.body?.status);
    await other.close();
    const talk = await ana.internal.conversation.create({ participants: [ben, cara] });
    expect(await ana.internal.conversation.updateTypingStatus(talk, { typing: true })).to.deep.equal({
      statusCode: 204,
    });
  });
  it('keeps the message that a share answers to, by parentActivityId (U23)', async () => {
    const { conversation } = ana.internal;
    const talk = await conversation.create({ participants: [ben, cara] });
    const root = await conversation.post(talk, 'root');
    const share = conversation.makeShare(talk);
    await share.add(file('answer.txt'));
    Object.assign(share, { activityType: 'reply', parentActivityId: root.id });
    expect((await conversation.share(talk, share)).parent).to.include({ id: root.id, type: 'reply' });
  });
  it('verifies an address when no one is signed in (U18)', async () => {
    const client = { clientId: 'sign-up', clientSecret: 'secret-0123456789' };
    await cloud.admin('POST', 'clients', {
      ...client,
      name: 'Sign up',
      redirectUris: ['http://127.0.0.1:8000'],
      scopes: 'webexsquare:admin Identity:SCIM',
    });
    const webex = Webex.init({
      config: {
        service: cloud.url,
        logger: { level: 'silent' },
        credentials: { client_id: client.clientId, client_secret: client.clientSecret },
      },
    });
    const known = await webex.internal.user.verify({ email: 'ben@example.com' });
    expect(known).to.have.property('hasPassword');
    await webex.close();
  });
  it('finds toggles of the device by key (U19), and infers ids of people (U1)', async () => {
    await ana.internal.device.register();
    await ana.internal.feature.setFeature('user', 'aToggle', true);
    const { user } = ana.internal.device.features as unknown as {
      readonly user: { get(wanted: object): { readonly val: string } | undefined };
    };
    expect(user.get({ key: 'aToggle' })?.val).to.equal('true');
    expect(user.get({ key: 'none' })).to.equal(undefined);
    const id = ana.people.inferPersonIdFromUuid(ben);
    expect((await ana.people.get(id)).emails).to.deep.equal(['ben@example.com']);
    expect(ana.people.inferPersonIdFromUuid(id)).to.equal(id);
  });
});
