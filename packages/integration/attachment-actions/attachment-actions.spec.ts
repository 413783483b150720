import { attachmentActions, type AttachmentAction } from '@trunkline/attachment-actions';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { people } from '@trunkline/people';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { cardContentType, encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import { modes, refusal } from '../kit/members.js';

const nowhere = '00000000-0000-4000-8000-000000000000';
const plain = () => [rooms(), messages(), memberships(), people(), attachmentActions()] as const;
const clear = (cloud: Cloud, name: string) => cloud.client(name, plain());
type Member = Awaited<ReturnType<typeof clear>>;
const card = (content: object = {}) => ({
  contentType: cardContentType,
  content: {
    type: 'AdaptiveCard',
    version: '1.3',
    body: [{ type: 'Input.Text', id: 'dish' }],
    actions: [{ type: 'Action.Submit', title: 'Order' }],
    ...content,
  },
});

for (const mode of modes)
  describe(`attachment actions, ${mode}`, () => {
    let cloud: Cloud;
    let ana: Member;
    let ben: Member;
    let cleo: Member;
    let roomId: string;
    const join = (name: string): Promise<Member> =>
      mode === 'rest' ? clear(cloud, name) : cloud.client(name, [...plain(), e2ee()] as const);
    before(async () => {
      cloud = await startCloud();
      [ana, ben, cleo] = [await join('ana'), await join('ben'), await join('cleo')];
      await Promise.all([ana, ben, cleo].map((client) => client.connect()));
      roomId = (await ana.rooms.create({ title: 'Lunch' })).id;
      await ana.memberships.create({ roomId, personEmail: 'ben@example.com' });
    });
    after(async () => {
      for (const client of [ana, ben, cleo]) {
        await client.close();
        await expectQuiet(client);
      }
      await cloud.close();
    });
    const send = (attachment: { readonly contentType: string; readonly content: unknown }) =>
      ana.messages.create({ roomId, text: 'Lunch?', attachments: [attachment], encrypted: false });
    const press = (who: Member, messageId: string, more: object = {}): Promise<AttachmentAction> =>
      who.attachmentActions.create({ type: 'submit', messageId, inputs: { dish: 'soup' }, ...more });

    it('carry what was filled in to everybody in the room', async () => {
      const { id: messageId } = await send(card());
      const received = Promise.all(
        [ana, ben].map((client) => nextEvent(client.attachmentActions, 'created')),
      );
      const made = await press(ben, messageId);
      const { id: personId } = await ben.people.me();
      expect(made).to.deep.include({
        type: 'submit',
        messageId,
        roomId,
        personId,
        inputs: { dish: 'soup' },
      });
      for (const event of await received) expect(event).to.deep.equal(made);
      expect(await ana.attachmentActions.get(made)).to.deep.equal(made);
      expect(await ana.attachmentActions.get(made.id)).to.deep.equal(made);
    });

    it('arrive by REST or by the engine, whichever the receiver uses', async () => {
      const { id: messageId } = await send(card());
      const other =
        mode === 'rest'
          ? await cloud.client('ben', [...plain(), e2ee()] as const)
          : await clear(cloud, 'ben');
      await other.connect();
      const received = nextEvent(ana.attachmentActions, 'created');
      const made = await press(other, messageId, { inputs: { dish: 'rice', n: 2 } });
      expect(await received).to.deep.equal(made);
      expect(await ana.attachmentActions.get(made)).to.deep.include({ inputs: { dish: 'rice', n: 2 } });
      await other.close();
      await expectQuiet(other);
    });

    it('belong to cards that keep elements no one knows', async () => {
      const odd = card({ body: [{ type: 'Chart.Pie', slices: [1, { a: null }] }], 'x-own': true });
      const message = await send(odd);
      expect((await ben.messages.get(message)).attachments).to.deep.equal([odd]);
      await press(ben, message.id);
      for (const broken of [
        { contentType: cardContentType, content: 'text' },
        { contentType: 'text/html', content: odd.content },
        card({ type: 'Card' }),
        card({ body: 'text' }),
        card({ actions: [{}] }),
      ])
        expect((await refusal(send(broken))).code).to.equal('ERR_BAD_REQUEST');
    });

    it('are refused without a card, to strangers, and to who has left', async () => {
      const bare = await ana.messages.create({ roomId, text: 'no card' });
      expect((await refusal(press(ben, bare.id))).code).to.equal('ERR_BAD_REQUEST');
      const message = await send(card());
      const made = await press(ana, message.id);
      for (const work of [
        () => press(cleo, message.id),
        () => cleo.attachmentActions.get(made),
        () => press(ana, encodeId('MESSAGE', nowhere)),
        () => ana.attachmentActions.get(encodeId('ATTACHMENT_ACTION', nowhere)),
      ])
        expect((await refusal(work())).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(press(ana, ''))).code).to.equal('ERR_ARGUMENT');

      const theirs = await ana.memberships.create({ roomId, personEmail: 'cleo@example.com' });
      await press(cleo, message.id);
      await ana.memberships.remove(theirs);
      expect((await refusal(press(cleo, message.id))).code).to.equal('ERR_NOT_FOUND');
      expect((await refusal(cleo.attachmentActions.get(made))).code).to.equal('ERR_NOT_FOUND');
    });
  });
