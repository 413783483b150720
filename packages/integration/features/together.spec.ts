// Rows of the list of capabilities (docs/guides/capabilities.md): cards, files, services, people and devices.
import { nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { verifyWebhook } from '@trunkline/webhooks';
import { cardContentType, decodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { all, refusal } from '../kit/members.js';
import { until } from '../kit/until.js';
import { startTarget } from '../webhooks/target.js';
import { leave, meet, roomOf, type Somebody } from './kit.js';

describe('capabilities: working together', () => {
  let cloud: Cloud;
  let ana: Somebody;
  let ben: Somebody;
  let roomId: string;
  before(async () => {
    cloud = await startCloud({ allowPrivateTargets: true });
    [ana, ben] = await meet(cloud, 'ana', 'ben');
    roomId = (await roomOf(ana, 'Together', 'ben')).id;
  });
  after(() => leave(cloud, ana, ben));

  it('row 30: a card is sent, filled in by another, and its sender receives the inputs', async () => {
    const content = {
      type: 'AdaptiveCard',
      version: '1.3',
      body: [{ type: 'Input.Text', id: 'dish' }],
      actions: [{ type: 'Action.Submit', title: 'Order' }],
    };
    const shown = nextEvent(ben.messages, 'created');
    const sent = await ana.messages.create({
      roomId,
      text: 'Lunch?',
      attachments: [{ contentType: cardContentType, content }],
    });
    expect((await shown).attachments?.[0]?.content).to.deep.equal(content);
    const received = nextEvent(ana.attachmentActions, 'created');
    const made = await ben.attachmentActions.create({
      type: 'submit',
      messageId: sent.id,
      inputs: { dish: 'soup' },
    });
    const { id: personId } = await ben.people.me();
    expect(await received).to.deep.include({
      messageId: sent.id,
      roomId,
      personId,
      inputs: { dish: 'soup' },
    });
    expect((await ana.attachmentActions.get(made)).inputs).to.deep.equal({ dish: 'soup' });
  });

  it('row 31: a file goes along with a message, and its bytes arrive', async () => {
    const bytes = new Uint8Array(100_000).map((_, at) => at % 251);
    for (const clear of [{}, { encrypted: false } as const]) {
      const received = nextEvent(ben.messages, 'created');
      const file = { data: bytes, filename: 'figures.bin', contentType: 'application/x-figures' };
      await ana.messages.create({ roomId, text: 'look', files: [file], ...clear });
      const message = await received;
      expect(message.files).to.have.length(1);
      expect(await ben.messages.fileInfo(message)).to.deep.equal({
        name: 'figures.bin',
        mimeType: 'application/x-figures',
        size: bytes.length,
      });
      const got = await (await ben.messages.download(message)).bytes();
      expect(Buffer.compare(got, bytes)).to.equal(0);
    }
  });

  it('row 35: a service of one’s own is notified by a signed webhook', async () => {
    const target = await startTarget();
    const secret = 'pepper';
    try {
      const hook = await ana.webhooks.create({
        name: 'bot',
        targetUrl: target.url,
        resource: 'messages',
        event: 'created',
        filter: `roomId=${roomId}`,
        secret,
      });
      const { id } = await ben.messages.create({ roomId, text: 'for the bot' });
      const { raw, body, headers } = await target.next();
      expect(body).to.include({ id: hook.id, resource: 'messages', event: 'created' });
      expect(body.data.id).to.equal(id);
      expect(await verifyWebhook(raw, headers['x-spark-signature']?.toString(), secret)).to.equal(true);
      expect((await all(ana.webhooks.list())).map(({ name }) => name)).to.deep.equal(['bot']);
      expect((await refusal(ben.webhooks.get(hook))).code).to.equal('ERR_NOT_FOUND');
      await ana.webhooks.update({ ...hook, name: 'renamed' });
      expect((await ana.webhooks.get(hook)).name).to.equal('renamed');
      await ana.webhooks.remove(hook);
      expect(await all(ana.webhooks.list())).to.deep.equal([]);
    } finally {
      await target.close();
    }
  });

  it('row 36: what one does is seen by others, at once, and hidden when one likes', async () => {
    const { id: benId } = await ben.people.me();
    expect((await ana.presence.get(benId)).status).to.equal('active');
    const model = ana.presence.watch(benId);
    const becomes = (status: string) =>
      until(
        () => model.status === status,
        () => `Ben is ${model.status}, not ${status}`,
      );
    await becomes('active');
    await ben.presence.setStatus('dnd', 60);
    await becomes('dnd');
    await ben.presence.setStatus('clear');
    await becomes('active');
    model.close();
    await ben.presence.disable();
    expect((await ana.presence.list([benId]))[0]?.status).to.equal('unknown');
    await ben.presence.enable();
    expect((await ana.presence.get(benId)).status).to.equal('active');
  });

  it('row 38: that someone is writing is seen by the others', async () => {
    const room = decodeId(roomId)?.local ?? '';
    const seen: string[] = [];
    const off = ben.conversation.onTyping(({ conversationId, displayName, isTyping }) => {
      if (conversationId === room) seen.push(`${displayName ?? ''} ${isTyping ? 'writes' : 'stopped'}`);
    });
    const has = (count: number) =>
      until(
        () => seen.length === count,
        () => `seen: ${seen.join(', ')}`,
      );
    await ana.conversation.typing(room, true);
    await has(1);
    await ana.conversation.typing(room, false);
    await has(2);
    expect(seen).to.deep.equal(['Ana writes', 'Ana stopped']);
    off();
  });

  it('row 40: people are found by name and address, and looked up by id', async () => {
    const me = await ben.people.me();
    const [byName] = await all(ana.people.list({ displayName: 'Be' }));
    const [byAddress] = await all(ana.people.list({ email: 'ben@example.com' }));
    expect([byName?.id, byAddress?.id]).to.deep.equal([me.id, me.id]);
    const { id: anaId } = await ana.people.me();
    const both = await ana.people.list([me.id, anaId]);
    expect(both.map(({ displayName }) => displayName)).to.deep.equal(['Ben', 'Ana']);
    expect((await ana.people.get(me)).emails).to.deep.equal(['ben@example.com']);
    expect((await refusal(ana.people.get('00000000-0000-4000-8000-000000000000'))).code).to.equal(
      'ERR_NOT_FOUND',
    );
  });

  it('row 44: a room device is found, paired by its PIN, listened to, and left', async () => {
    const { id, pin } = await cloud.admin<{ id: string; pin: string }>('POST', 'devices', {
      displayName: 'Board Room North',
    });
    const [found] = await ana.devices.search({ searchQuery: 'board' });
    expect(found?.id).to.equal(id);
    expect((await ana.devices.requestPin(id)).occupants).to.include({ pinChallenge: true });
    expect((await ana.devices.pair({ pin })).displayName).to.equal('Board Room North');
    expect((await ana.devices.setVolume(30)).volume.level).to.equal(30);

    // the device is in the room, as the others see
    const came = nextEvent(ben.memberships, 'created', {
      where: ({ personDisplayName }) => personDisplayName === 'Board Room North',
    });
    await ana.devices.bindSpace({ conversationId: roomId });
    expect((await came).roomId).to.equal(roomId);
    const went = nextEvent(ben.memberships, 'deleted');
    await ana.devices.unbindSpace();
    await went;
    expect((await ana.devices.refresh()).map((device) => device.id)).to.deep.equal([id]);
    await ana.devices.unpair();
    expect(ana.devices.getPairedDevice()).to.equal(undefined);
    await ana.devices.remove({ id });
    expect(await ana.devices.refresh()).to.deep.equal([]);

    // and the clients that one is signed in with
    const here = ana.device?.url;
    expect(here).to.be.a('string');
    await ana.unregister();
    expect(ana.device).to.equal(undefined);
    await ana.connect();
    expect(ana.device?.url).to.be.a('string').and.not.equal(here);
  });
});
