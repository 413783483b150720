import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeHost } from '@trunkline/testing/fakes';
import { encodeId } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createMessages } from './messages.js';
import type { MessageCreate } from './types.js';

const room = '00000000-0000-4000-8000-000000000001';
const roomId = encodeId('ROOM', room);
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('Messages by REST', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ items: [] });
    const messages = createMessages(fakeHost({ request }));
    await messages.create({ roomId, text: 'hi', encrypted: false, files: ['https://x/a.png'] });
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
  const sent = { id: 'sent' };
  function setUp() {
    const messages = { create: sinon.stub().resolves(sent), update: sinon.stub().resolves(sent) };
    const request = sinon.stub().resolves({});
    const host = fakeHost({ request, peers: { conversation: { messages } } });
    return { engine: messages, request, messages: createMessages(host) };
  }
  it('hands words on, and sends nothing by REST', async () => {
    const { engine, request, messages } = setUp();
    expect(await messages.create({ roomId, text: 'hi' })).to.equal(sent);
    expect(await messages.update({ id: 'm1', roomId, text: 'old' }, { text: 'new' })).to.equal(sent);
    const maxBytes = 100 * 1024 * 1024;
    sinon.assert.calledOnceWithExactly(engine.create, { roomId, text: 'hi' }, { maxBytes });
    sinon.assert.calledOnceWithExactly(engine.update, 'm1', { roomId, text: 'new' }, undefined);
    sinon.assert.notCalled(request);
  });
  it('passes failures on, and sends in clear only with encrypted: false', async () => {
    const { engine, request, messages } = setUp();
    const refused = sdkError('ERR_NO_ENCRYPTION', 'files cannot be encrypted yet');
    engine.create.rejects(refused);
    const files = ['https://x/a'];
    expect(await failure(messages.create({ roomId, files }))).to.equal(refused);
    sinon.assert.notCalled(request);
    await messages.create({ roomId, files, encrypted: false });
    await messages.update('m1', { roomId, text: 'new', encrypted: false });
    sinon.assert.calledTwice(request);
    sinon.assert.calledWithMatch(request, { path: 'messages', body: { roomId, files } });
    sinon.assert.notCalled(engine.update);
  });
});
