import { startCloud, type Cloud } from '@trunkline/testing';
import { Webex } from '@trunkline/webex';
import { expect } from 'chai';
import { refusal, signIn } from './tools.js';

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
  it('goes on without people who cannot be found only when told to (U6)', async () => {
    const participants = [ben, cara, 'not an address, nor an id'];
    const { conversation } = ana.internal;
    expect(
      await refusal(conversation.create({ participants: ['nobody@'] }, { allowPartialCreation: true })),
    ).to.be.an('error');
    expect(await refusal(conversation.create({ participants }))).to.be.an('error');
  });
  it('refuses a second conversation of two with skipOneOnOneFetch (U6)', async () => {
    const { conversation } = ana.internal;
    const first = await conversation.create({ participants: [ben] });
    expect((await conversation.create({ participants: [ben] })).id).to.equal(first.id);
    const again = await conversation
      .create({ participants: [ben] }, { skipOneOnOneFetch: true })
      .catch((error: unknown) => error as { statusCode?: number });
    // a service before A7 returns the one there is
    expect('statusCode' in again ? again.statusCode : (again as { id?: string }).id).to.be.oneOf([
      409,
      first.id,
    ]);
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
