import { type AttachmentAction, encodeId, type Message, type Room } from '@trunkline/wire';
import { expect } from 'chai';
import { type ContentCloud, type Person, startContent } from '../../modules/harness.test.js';

const contentType = 'application/vnd.microsoft.card.adaptive';
const submit = { type: 'Action.Submit', title: 'Send' };
const card = (more: object = {}) => ({
  contentType,
  content: { type: 'AdaptiveCard', version: '1.3', body: [{ type: 'Input.Text', id: 'name' }], ...more },
});

describe('cards and attachment actions', () => {
  let cloud: ContentCloud;
  let ana: Person;
  let ben: Person;
  let cleo: Person;
  let room: Room;
  beforeEach(async () => {
    cloud = await startContent();
    [ana, ben, cleo] = [await cloud.person('ana'), await cloud.person('ben'), await cloud.person('cleo')];
    room = await cloud.ok<Room>(ana, 'POST', '/v1/rooms', { title: 'Lunch' });
    await cloud.ok(ana, 'POST', '/v1/memberships', { roomId: room.id, personId: ben.id });
  });
  afterEach(() => cloud.close());
  const send = (attachment: unknown) =>
    cloud.call<Message>(ana, 'POST', '/v1/messages', {
      roomId: room.id,
      text: 'Lunch?',
      attachments: [attachment],
    });
  const sent = async (attachment: unknown): Promise<string> => (await send(attachment)).body.id;
  const press = (who: Person, messageId: string, more: object = {}) =>
    cloud.call<AttachmentAction>(who, 'POST', '/v1/attachment/actions', {
      type: 'submit',
      messageId,
      inputs: { name: 'Ben', 'n/1': [1, null] },
      ...more,
    });

  it('carry what was filled in to who is in the room', async () => {
    const messageId = await sent(card({ actions: [submit] }));
    const { status, body } = await press(ben, messageId);
    expect(status).to.equal(200);
    expect(body).to.include({ type: 'submit', messageId, roomId: room.id });
    expect(body).to.deep.include({ inputs: { name: 'Ben', 'n/1': [1, null] } });
    expect(await cloud.ok(ana, 'GET', `/v1/attachment/actions/${body.id}`)).to.deep.equal(body);
    const activity = cloud.activities().at(-1);
    expect(activity).to.deep.include({ verb: 'cardAction' });
    expect(activity?.parent).to.include({ type: 'cardAction' });
    expect(encodeId('ATTACHMENT_ACTION', activity?.id ?? '')).to.equal(body.id);
    expect(activity?.object.objectType).to.equal('submit');
    expect(activity?.object.inputs?.split('.')).to.have.length(5);
    const { items } = await cloud.ok<{ items: Message[] }>(ben, 'GET', `/v1/messages?roomId=${room.id}`);
    expect(items.map(({ id }) => id)).to.deep.equal([messageId]);
  });

  it('are as missing to a stranger as those that are not there', async () => {
    const messageId = await sent(card({ actions: [submit] }));
    const { body } = await press(ben, messageId);
    const nowhere = '00000000-0000-4000-8000-000000000000';
    const refusals = [
      await press(cleo, messageId),
      await press(cleo, encodeId('MESSAGE', nowhere)),
      await cloud.call(cleo, 'GET', `/v1/attachment/actions/${body.id}`),
      await cloud.call(cleo, 'GET', `/v1/attachment/actions/${encodeId('ATTACHMENT_ACTION', nowhere)}`),
      await cloud.call(cleo, 'GET', `/v1/attachment/actions/noise`),
      // of another kind
      await cloud.call(ben, 'GET', `/v1/attachment/actions/${messageId}`),
    ];
    expect(refusals.map(({ status }) => status)).to.deep.equal(refusals.map(() => 404));
    const told = refusals.map((refusal) => (refusal.body as { message?: unknown }).message);
    expect(told[0]).to.equal(told[1]);
    expect(told[2]).to.equal(told[3]);
  });

  it('need a card and known inputs; which buttons it offers is up to clients (A2)', async () => {
    const plain = await cloud.ok<Message>(ana, 'POST', '/v1/messages', { roomId: room.id, text: 'x' });
    expect((await press(ben, plain.id)).status).to.equal(400);
    const messageId = await sent(card({ actions: [{ type: 'Action.OpenUrl', url: 'https://e.com' }] }));
    expect((await press(ben, messageId)).status).to.equal(200);
    let deep: object = {};
    for (let level = 0; level < 70; level += 1) deep = { deep };
    for (const more of [
      { type: 'execute' },
      { type: undefined },
      { messageId: undefined },
      { messageId: 'noise' },
      { inputs: 'text' },
      { inputs: [1] },
      { inputs: { long: 'x'.repeat(33 * 1024) } },
      { inputs: deep },
    ])
      expect((await press(ben, messageId, more)).status, JSON.stringify(more).slice(0, 60)).to.equal(400);
    expect((await press(ben, messageId, { inputs: undefined })).body.inputs).to.deep.equal({});
  });

  it('end with the message', async () => {
    const messageId = await sent(card({ actions: [submit] }));
    const { body } = await press(ben, messageId);
    await cloud.ok(ana, 'DELETE', `/v1/messages/${messageId}`);
    expect((await press(ben, messageId)).status).to.equal(404);
    expect((await cloud.call(ben, 'GET', `/v1/attachment/actions/${body.id}`)).status).to.equal(404);
  });

  it('keep unknown elements as they are, and refuse an invalid card', async () => {
    const odd = card({ body: [{ type: 'Chart.Pie', data: [{ x: 1 }] }], 'x-own': { a: null }, actions: [] });
    expect((await send(odd)).body.attachments).to.deep.equal([odd]);
    const deep: unknown = JSON.parse('{"type":"a","items":['.repeat(70) + ']}'.repeat(70));
    for (const broken of [
      { contentType, content: 'text' },
      { contentType: 'text/html', content: {} },
      { contentType, content: { body: [] } },
      card({ type: 'HeroCard' }),
      card({ version: 1 }),
      card({ body: {} }),
      card({ body: ['text'] }),
      card({ actions: [{ title: 'no type' }] }),
      card({ body: [deep] }),
      card({ body: [{ type: 'TextBlock', text: 'x'.repeat(70_000) }] }),
      null,
    ])
      expect((await send(broken)).status, JSON.stringify(broken).slice(0, 80)).to.equal(400);
  });

  it('reach a client of the conversation service, too', async () => {
    const messageId = await sent(card({ actions: [submit] }));
    const uuidOf = (id: string): string => Buffer.from(id, 'base64url').toString().split('/').pop() ?? '';
    const url = `/conversation/api/v1/conversations/${uuidOf(room.id)}/activities`;
    const parent = { id: uuidOf(messageId), type: 'cardAction' };
    const body = { verb: 'cardAction', object: { objectType: 'submit', inputs: { a: 1 } }, parent };
    const { id } = await cloud.ok<{ id: string }>(ben, 'POST', url, body);
    const shown = await cloud.ok(ana, 'GET', `/v1/attachment/actions/${encodeId('ATTACHMENT_ACTION', id)}`);
    expect(shown).to.deep.include({ inputs: { a: 1 }, messageId });
    const plain = await cloud.ok<Message>(ana, 'POST', '/v1/messages', { roomId: room.id, text: 'x' });
    for (const wrong of [
      { ...body, parent: undefined },
      { ...body, parent: { id: uuidOf(plain.id), type: 'cardAction' } },
      { ...body, object: { objectType: 'comment' } },
      { ...body, object: { objectType: 'submit', inputs: 'x'.repeat(50_000) } },
    ])
      expect((await cloud.call(ben, 'POST', url, wrong)).status).to.equal(400);
  });
});
