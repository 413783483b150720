import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost } from '@trunkline/testing/fakes';
import { encodeId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createMessages } from './messages.js';

const room = '00000000-0000-4000-8000-000000000001';
const ana = '00000000-0000-4000-8000-0000000000aa';
const post = '00000000-0000-4000-8000-0000000000cc';
const roomId = encodeId('ROOM', room);
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const stored = (more: object = {}) => ({
  id: post,
  objectType: 'activity',
  verb: 'post',
  url: 'https://cloud.test/conversation/activities/1',
  published: '2030-01-01T00:00:00.000Z',
  actor: { id: ana, entryUUID: ana, objectType: 'person', emailAddress: 'ana@x' },
  object: { objectType: 'comment', displayName: 'hi' },
  target: { id: room, objectType: 'conversation', url: 'https://cloud.test/c', tags: [] },
  ...more,
});

describe('Messages by way of the engine', () => {
  function setUp(more: object = {}, request: (options: RequestOptions) => unknown = () => ({})) {
    const peer = {
      post: sinon.stub().resolves(stored()),
      edit: sinon.stub().resolves(stored({ parent: { id: post, type: 'edit' } })),
      direct: sinon.stub(),
      share: sinon.stub().resolves(stored({ verb: 'share' })),
      download: sinon.stub(),
      ...more,
    };
    const spied = sinon.spy(request);
    return {
      peer,
      request: spied,
      messages: createMessages(fakeHost({ request: spied }), peer, () => undefined),
    };
  }
  it('posts words, sends nothing by REST, and answers a message', async () => {
    const { peer, request, messages } = setUp();
    const message = await messages.create({ roomId, text: 'hi', parentId: encodeId('MESSAGE', post) });
    sinon.assert.calledOnceWithMatch(peer.post, room, { text: 'hi' }, { parentId: post });
    sinon.assert.notCalled(request);
    expect(message).to.include({
      id: encodeId('MESSAGE', post),
      roomId,
      roomType: 'group',
      text: 'hi',
      personEmail: 'ana@x',
    });
  });
  it('renders markdown here and names who is mentioned', async () => {
    const { peer, messages } = setUp();
    await messages.create({ roomId, markdown: `**hi** <@personId:${encodeId('PEOPLE', ana)}|Ana> <@all>` });
    sinon.assert.calledOnceWithMatch(peer.post, room, {
      html: sinon.match('<strong>hi</strong>'),
      mentionedPeople: [ana],
      mentionsAll: true,
    });
  });
  it('shows the name of whom it mentions without a label, and words where there is no HTML', async () => {
    const { peer, request, messages } = setUp({}, () => ({
      id: encodeId('PEOPLE', ana),
      displayName: 'Ana',
    }));
    await messages.create({ roomId, markdown: `**hi** <@personId:${ana}>` });
    sinon.assert.calledOnceWithMatch(request, { path: `people/${ana}` });
    sinon.assert.calledOnceWithMatch(peer.post, room, {
      text: 'hi Ana',
      html: sinon.match('>Ana</spark-mention>'),
    });
  });
  it('edits through the engine: same id, new words', async () => {
    const { peer, messages } = setUp();
    const message = await messages.update(encodeId('MESSAGE', post), { roomId, text: 'new' });
    sinon.assert.calledOnceWithMatch(peer.edit, room, post, { text: 'new' });
    expect(message).to.include({ id: encodeId('MESSAGE', post), updated: '2030-01-01T00:00:00.000Z' });
  });
  it('never sends in clear what it cannot encrypt', async () => {
    const direct = sinon.stub().rejects(sdkError('ERR_KMS', 'no key'));
    const { peer, request, messages } = setUp({ direct });
    const files = ['https://x/a'];
    const share = sinon.stub().rejects(sdkError('ERR_KMS', 'no key'));
    Object.assign(peer, { share });
    expect(await failure(messages.create({ roomId, text: 'look', files }))).to.include({ code: 'ERR_KMS' });
    sinon.assert.calledOnceWithMatch(share, room, { text: 'look', files });
    expect(await failure(messages.create({ toPersonId: ana, text: 'hi' }))).to.include({ code: 'ERR_KMS' });
    sinon.assert.notCalled(request);
    sinon.assert.notCalled(peer.post);
  });
  it('finds the room for two through the engine', async () => {
    const direct = sinon.stub().resolves(room);
    const { peer, messages } = setUp({ direct }, () => ({ items: [{ id: encodeId('PEOPLE', ana) }] }));
    await messages.create({ toPersonEmail: 'ana@x', text: 'hi' });
    sinon.assert.calledOnceWithMatch(direct, ana);
    sinon.assert.calledOnceWithMatch(peer.post, room, { text: 'hi' });
  });
  it('hands failures of the engine through', async () => {
    const refused = sdkError('ERR_KMS', 'no key');
    const { messages } = setUp({ post: sinon.stub().rejects(refused) });
    expect(await failure(messages.create({ roomId, text: 'hi' }))).to.equal(refused);
  });
});

describe('Reading activities', () => {
  const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
  const activity = (more: object = {}) =>
    stored({ id: uuid(2), ...more }) as unknown as WireActivity & { readonly decryptionFailed?: boolean };
  const engine = {
    ...{ post: sinon.stub(), edit: sinon.stub(), direct: sinon.stub() },
    ...{ share: sinon.stub(), download: sinon.stub() },
  };
  const files = { objectType: 'content', files: { items: [{}, {}] } };

  it('answers the message, with public ids and the addresses of its files', async () => {
    const messages = createMessages(fakeHost({}), engine, () => undefined);
    messages.prepare();
    await Promise.resolve(); // the hydra URL
    const content = `<spark-mention data-object-id="${ana}">Ana</spark-mention>`;
    const mentions = { items: [{ id: ana, objectType: 'person' }] };
    const object = { ...files, displayName: 'Ana', content, mentions };
    const target = {
      id: room,
      objectType: 'conversation',
      url: 'https://cloud.test/c',
      tags: ['ONE_ON_ONE'],
    };
    const message = messages.read(
      activity({ verb: 'share', object, target, parent: { id: uuid(1), type: 'reply' } }),
    );
    const file = (index: number) =>
      `https://cloud.test/hydra/contents/${encodeId('CONTENT', `${uuid(2)}/${String(index)}`)}`;
    expect(message).to.deep.equal({
      id: encodeId('MESSAGE', uuid(2)),
      roomId,
      roomType: 'direct',
      personId: encodeId('PEOPLE', ana),
      personEmail: 'ana@x',
      created: '2030-01-01T00:00:00.000Z',
      text: 'Ana',
      html: content.replace(ana, encodeId('PEOPLE', ana)),
      parentId: encodeId('MESSAGE', uuid(1)),
      mentionedPeople: [encodeId('PEOPLE', ana)],
      files: [file(0), file(1)],
    });
  });
  it('answers an edit as the message it edits', () => {
    const messages = createMessages(fakeHost({}), engine, () => undefined);
    expect(messages.read(activity({ parent: { id: post, type: 'edit' } }))).to.include({
      id: encodeId('MESSAGE', post),
      text: 'hi',
      updated: '2030-01-01T00:00:00.000Z',
    });
  });
  it('leaves to be fetched what is not all there', () => {
    const messages = createMessages(fakeHost({}), engine, () => undefined);
    expect(messages.read(activity({ decryptionFailed: true }))).to.equal(undefined);
    expect(messages.read(activity({ object: files }))).to.equal(undefined);
  });
});
