import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost } from '@trunkline/testing/fakes';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createMessages } from './messages.js';
import type { MessageCreate } from './types.js';

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

describe('Messages by REST', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ items: [] });
    const messages = createMessages(fakeHost({ request }));
    await messages.create({ roomId, text: 'hi', clear: true, files: ['https://x/a.png'] });
    await messages.get({ id: 'm1' });
    await messages.list({ roomId, max: 2 }).page();
    await messages.listDirect({ personEmail: 'ben@x' }).page();
    await messages.update({ id: 'm1', roomId, text: 'old', html: '<b>old</b>' }, { text: 'new' });
    await messages.update({ id: 'm1', roomId, text: 'changed', html: '<b>old</b>' });
    await messages.remove('m1');
    const hydra = { service: 'hydra' };
    expect(request.args.flat()).to.deep.equal([
      {
        ...hydra,
        method: 'POST',
        path: 'messages',
        body: { roomId, text: 'hi', files: ['https://x/a.png'] },
      },
      { ...hydra, path: 'messages/m1' },
      { ...hydra, path: 'messages', query: { roomId, max: 2 } },
      { ...hydra, path: 'messages/direct', query: { personEmail: 'ben@x' } },
      { ...hydra, method: 'PUT', path: 'messages/m1', body: { text: 'new', roomId } },
      { ...hydra, method: 'PUT', path: 'messages/m1', body: { text: 'changed', roomId } },
      { ...hydra, method: 'DELETE', path: 'messages/m1' },
    ]);
  });
  it('rejects bad arguments before any request', async () => {
    const request = sinon.stub();
    const messages = createMessages(fakeHost({ request }));
    const wrong: MessageCreate[] = [{ text: 'x' }, { roomId, toPersonId: 'p', text: 'x' }, { roomId }];
    for (const message of wrong)
      expect(await failure(messages.create(message))).to.include({ code: 'ERR_ARGUMENT' });
    for (const call of [
      messages.get(''),
      messages.update('m1', { text: 'x' }),
      messages.update('m1', { roomId }),
    ])
      expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    expect(() => messages.list({ roomId: '' }))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
    expect(() => messages.listDirect({}))
      .to.throw()
      .with.property('code', 'ERR_ARGUMENT');
    sinon.assert.notCalled(request);
  });

  describe('files', () => {
    async function formOf(file: NonNullable<MessageCreate['files']>[number]) {
      const request = sinon.stub<[RequestOptions], unknown>().resolves({});
      await createMessages(fakeHost({ request })).create({ roomId, text: 'hi', files: [file] });
      const form = request.firstCall.args[0].body as FormData;
      const sent = form.get('files') as File;
      expect([form.get('roomId'), form.get('text')]).to.deep.equal([roomId, 'hi']);
      return [sent.name, sent.type, await sent.text()];
    }
    const bytes = new TextEncoder().encode('abc');
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream that has everything at hand
    async function* chunks() {
      yield bytes;
      yield 'def';
    }
    it('leave as a form, whatever they are', async () => {
      const plain = 'application/octet-stream';
      expect(await formOf(bytes)).to.deep.equal(['file', plain, 'abc']);
      expect(await formOf(new File(['abc'], 'a.txt', { type: 'text/plain' }))).to.deep.equal([
        'a.txt',
        'text/plain',
        'abc',
      ]);
      expect(await formOf({ data: bytes, filename: 'b.csv', contentType: 'text/csv' })).to.deep.equal([
        'b.csv',
        'text/csv',
        'abc',
      ]);
      expect(await formOf(new Blob(['abc']).stream())).to.deep.equal(['file', plain, 'abc']);
      expect(await formOf(Object.assign(chunks(), { path: '/home/ana/c.bin' }))).to.deep.equal([
        'c.bin',
        plain,
        'abcdef',
      ]);
    });
    it('from streams have a maximum', async () => {
      const messages = createMessages(fakeHost({ request: () => ({}) }), { maxFileBytes: 4 });
      expect(await failure(messages.create({ roomId, files: [chunks()] }))).to.include({
        code: 'ERR_TOO_LARGE',
      });
    });
  });
});

describe('Messages with the conversation engine', () => {
  function setUp(more: object = {}, request: (options: RequestOptions) => unknown = () => ({})) {
    const peer = {
      post: sinon.stub().resolves(stored()),
      edit: sinon.stub().resolves(stored({ parent: { id: post, type: 'edit' } })),
      ...more,
    };
    const spied = sinon.spy(request);
    return {
      peer,
      request: spied,
      messages: createMessages(fakeHost({ request: spied, peers: { conversation: peer } })),
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
  it('never sends in clear what it cannot encrypt, unless told to', async () => {
    const direct = sinon.stub().rejects(sdkError('ERR_KMS', 'no key'));
    const { peer, request, messages } = setUp({ direct });
    const files = ['https://x/a'];
    expect(await failure(messages.create({ roomId, files }))).to.include({ code: 'ERR_NO_ENCRYPTION' });
    expect(await failure(messages.create({ toPersonId: ana, text: 'hi' }))).to.include({ code: 'ERR_KMS' });
    sinon.assert.notCalled(request);
    await messages.create({ roomId, files, clear: true });
    sinon.assert.calledOnceWithMatch(request, { path: 'messages', body: { roomId, files } });
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
