import { startCloud, type Cloud, type CloudPerson } from '@trunkline/testing';
import type { EventEnvelope, Webex } from '@trunkline/webex';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { collect, signIn } from './tools.js';

type Envelope = EventEnvelope<{ readonly id: string; readonly text?: string }>;

describe('webex: events of the public resources', () => {
  let cloud: Cloud;
  let ana: Webex;
  let ben: Webex;
  let roomId: string;
  beforeEach(async () => {
    cloud = await startCloud();
    [ana, ben] = await Promise.all([signIn(cloud, 'ana'), signIn(cloud, 'ben')]);
    roomId = (await ana.rooms.create({ title: 'Events' })).id;
    await ana.memberships.create({ roomId, personEmail: 'ben@example.com' });
  });
  afterEach(async () => {
    await Promise.all([ana.close(), ben.close()]);
    await cloud.close();
  });
  const say = async (text: string): Promise<void> => {
    await ana.messages.create({ roomId, text });
  };
  const texts = (seen: readonly Envelope[]) => seen.map(({ data }) => data.text);
  const tokenOf = async ({ id }: CloudPerson): Promise<string> =>
    (await cloud.admin<{ accessToken: string }>('POST', 'tokens', { userId: id })).accessToken;

  it('go on when the token is replaced while listening: same socket, nothing lost or doubled (P4)', async () => {
    await ben.messages.listen();
    const received = collect<Envelope>(ben.messages, 'created');
    const offline = collect(ben.internal.mercury, 'offline');
    const device = ben.internal.device.url;
    await say('before');
    await received.next(({ data }) => data.text === 'before');
    const old = ben.credentials.supertoken?.access_token ?? '';
    const fresh = await tokenOf(await cloud.person('ben'));
    ben.credentials.set({ supertoken: fresh });
    for (const text of ['at once', 'later']) await say(text);
    await received.next(({ data }) => data.text === 'later');
    // the old one is not used any more, by requests and by the socket
    await cloud.admin('POST', 'tokens/revoke', { accessToken: old });
    await ben.messages.create({ roomId, text: 'mine' });
    await cloud.fault({ kind: 'drop-sockets', match: { userId: (await cloud.person('ben')).id }, times: 1 });
    await offline.next();
    await say('after the drop');
    await received.next(({ data }) => data.text === 'after the drop');
    expect(texts(received.seen)).to.deep.equal(['before', 'at once', 'later', 'mine', 'after the drop']);
    expect(ben.internal.device.url).to.equal(device);
  });

  it('go on for another person when another person signs in while listening', async () => {
    const cara = await cloud.person('cara');
    await ana.memberships.create({ roomId, personEmail: cara.email });
    await ben.messages.listen();
    const received = collect<Envelope>(ben.messages, 'created');
    const online = collect(ben.internal.mercury, 'online');
    ben.credentials.set({ supertoken: { access_token: cara.accessToken } });
    // requests are the new person's at once
    expect((await ben.people.get('me')).emails).to.deep.equal([cara.email]);
    await online.next();
    await say('hello cara');
    const { createdBy } = await received.next(({ data }) => data.text === 'hello cara');
    expect(createdBy).to.equal(encodeId('PEOPLE', cara.id));
    expect(ben.internal.device.userId).to.equal(cara.id);
    expect(texts(received.seen)).to.deep.equal(['hello cara']);
  });

  it('arrive, in order and once, although REST answers 503 meanwhile (P5)', async () => {
    await ben.messages.listen();
    const received = collect<Envelope>(ben.messages, 'created');
    const mend = await cloud.fault({
      kind: 'status',
      status: 503,
      match: { path: '/v1/messages', method: 'GET' },
    });
    for (const text of ['one', 'two', 'three']) await say(text);
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(received.seen).to.deep.equal([]);
    await mend();
    await received.next(({ data }) => data.text === 'three');
    expect(texts(received.seen)).to.deep.equal(['one', 'two', 'three']);
  });

  it('leave out what a bot may not read, without a word in the log (P11)', async () => {
    const account = await cloud.admin<CloudPerson>('POST', 'users', {
      email: 'helper@bots.example',
      displayName: 'Helper',
      roles: ['bot'],
    });
    await ana.memberships.create({ roomId, personEmail: account.email });
    const errors: unknown[] = [];
    const bot = await signIn(cloud, account);
    const log = (...what: unknown[]): void => void errors.push(what);
    Object.assign(bot.logger, { error: log, warn: log });
    try {
      await bot.messages.listen();
      await bot.attachmentActions.listen();
      const received = collect<Envelope>(bot.messages, 'created');
      await say('not for the bot');
      await ana.messages.create({ roomId, markdown: `<@personEmail:${account.email}> for the bot` });
      await received.next(({ data }) => data.text?.includes('for the bot') === true);
      expect(received.seen).to.have.length(1);
      expect(errors).to.deep.equal([]);
    } finally {
      await bot.close();
    }
  });

  it('do not begin when stopListening() comes while listen() is under way (P12)', async () => {
    const received = collect<Envelope>(ben.messages, 'created');
    const rooms = collect<Envelope>(ben.rooms, 'created');
    const listening = ben.messages.listen();
    ben.messages.stopListening();
    await listening;
    // in every phase: also when the socket is being opened
    const again = ben.messages.listen();
    await ben.people.get('me');
    ben.messages.stopListening();
    await again;
    await ben.rooms.listen();
    await say('unheard');
    const { id } = await ben.rooms.create({ title: 'The last event' });
    await rooms.next(({ data }) => data.id === id);
    expect(received.seen).to.deep.equal([]);
    // and it can begin afterwards, once however often it is asked to
    await Promise.all([ben.messages.listen(), ben.messages.listen()]);
    await say('received');
    await received.next();
    expect(texts(received.seen)).to.deep.equal(['received']);
  });
});
