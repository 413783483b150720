import { sdkError } from '@trunkline/core';
import { fakeHost, type FakeHost } from '@trunkline/testing/fakes';
import { encodeId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createAttachmentActions } from './attachment-actions.js';

const room = '00000000-0000-4000-8000-000000000001';
const message = '00000000-0000-4000-8000-000000000002';
const action = '00000000-0000-4000-8000-000000000003';
const person = '00000000-0000-4000-8000-0000000000aa';
const messageId = encodeId('MESSAGE', message);
const roomId = encodeId('ROOM', room);
const url = `https://cloud.test/conversation/activities/${action}`;
const activity = (object: object = { inputs: '{"a":1}' }, more: object = {}) =>
  ({
    id: action,
    objectType: 'activity',
    verb: 'cardAction',
    url,
    published: '2030-01-01T00:00:00.000Z',
    actor: { id: person, entryUUID: person, objectType: 'person' },
    object: { objectType: 'submit', ...object },
    target: {
      id: room,
      url: `https://cloud.test/conversations/${room}`,
      objectType: 'conversation',
      tags: [],
    },
    parent: { id: message, type: 'cardAction' },
    ...more,
  }) as WireActivity;
const head = {
  id: encodeId('ATTACHMENT_ACTION', action),
  type: 'submit',
  messageId,
  roomId,
  personId: encodeId('PEOPLE', person),
  created: '2030-01-01T00:00:00.000Z',
};
/** Hands it to the listeners of the wire, and waits until they are done. */
async function hand(host: FakeHost, one: WireActivity): Promise<void> {
  const eventType = 'conversation.activity';
  for (const done of host.fire(eventType, { eventType, activity: one })) await done;
}
const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('AttachmentActions', () => {
  it('sends the documented request for each call', async () => {
    const request = sinon.stub().resolves({ id: 'a1' });
    const actions = createAttachmentActions(fakeHost({ request }));
    await actions.create({ type: 'submit', messageId, inputs: { a: 1 } });
    await actions.get('a/1');
    await actions.get({ id: 'a1' });
    const body = { type: 'submit', messageId, inputs: { a: 1 } };
    expect(request.args.flat()).to.deep.equal([
      { method: 'POST', service: 'hydra', path: 'attachment/actions', body },
      { service: 'hydra', path: 'attachment/actions/a%2F1' },
      { service: 'hydra', path: 'attachment/actions/a1' },
    ]);
  });

  it('rejects bad arguments before any request', async () => {
    const request = sinon.stub();
    const actions = createAttachmentActions(fakeHost({ request }));
    for (const call of [actions.create({ type: 'submit', messageId: '' }), actions.get('')])
      expect(await failure(call)).to.include({ code: 'ERR_ARGUMENT' });
    sinon.assert.notCalled(request);
  });

  describe('with the conversation engine', () => {
    it('sends inputs through it, into the room of the message', async () => {
      const request = sinon.stub().resolves({ roomId });
      const cardAction = sinon.stub().resolves(activity());
      const actions = createAttachmentActions(fakeHost({ request, peers: { conversation: { cardAction } } }));
      const made = await actions.create({ type: 'submit', messageId, inputs: { a: 1 } });
      expect(made).to.deep.equal({ ...head, inputs: { a: 1 } });
      sinon.assert.calledOnceWithExactly(cardAction, room, message, { a: 1 }, undefined);
      sinon.assert.calledOnceWithMatch(request, { path: `messages/${messageId}` });

      await actions.create({ type: 'submit', messageId, roomId });
      sinon.assert.calledWithExactly(cardAction.secondCall, room, message, {}, undefined);
      sinon.assert.calledOnce(request); // the room was named
    });

    it('sends by REST what may be clear', async () => {
      const request = sinon.stub().resolves(head);
      const cardAction = sinon.stub();
      const actions = createAttachmentActions(fakeHost({ request, peers: { conversation: { cardAction } } }));
      await actions.create({ type: 'submit', messageId, roomId, encrypted: false });
      sinon.assert.notCalled(cardAction);
      expect(request.args[0]?.[0]).to.deep.include({ body: { type: 'submit', messageId } });
    });

    it('sends and fetches by REST when the plugin has encrypted: false', async () => {
      let hear: (one: WireActivity) => unknown = () => undefined;
      const cardAction = sinon.stub();
      const conversation = { cardAction, onActivity: (fn: typeof hear) => ((hear = fn), () => undefined) };
      const request = sinon.stub().resolves({ ...head, inputs: { fetched: true } });
      const host = fakeHost({ request, peers: { conversation } });
      const actions = createAttachmentActions(host, { encrypted: false });
      const seen: unknown[] = [];
      actions.on('created', (event) => seen.push(event));
      await actions.create({ type: 'submit', messageId, roomId });
      await hear(activity());
      request.rejects(sdkError('ERR_FORBIDDEN', 'a card of another bot'));
      await hear(activity());
      sinon.assert.notCalled(cardAction);
      expect(seen).to.deep.equal([{ ...head, inputs: { fetched: true } }]);
      expect(host.reports).to.deep.equal([]);
    });

    it('refuses ids of another kind, and an answer that is none', async () => {
      const cardAction = sinon.stub().resolves(activity({}, { verb: 'post' }));
      const actions = createAttachmentActions(fakeHost({ peers: { conversation: { cardAction } } }));
      for (const wrong of [
        { messageId: roomId, roomId },
        { messageId, roomId: messageId },
      ])
        expect(await failure(actions.create({ type: 'submit', ...wrong }))).to.include({
          code: 'ERR_ARGUMENT',
        });
      sinon.assert.notCalled(cardAction);
      const odd = actions.create({ type: 'submit', messageId, roomId });
      expect(await failure(odd)).to.include({ code: 'ERR_BAD_RESPONSE' });
    });

    it('emits what the engine decrypted, without asking; what it could not is fetched', async () => {
      let hear: (one: WireActivity) => unknown = () => undefined;
      const conversation = { onActivity: (fn: typeof hear) => ((hear = fn), () => undefined) };
      const request = sinon.stub().resolves({ ...head, inputs: { fetched: true } });
      const actions = createAttachmentActions(fakeHost({ request, peers: { conversation } }));
      const seen: unknown[] = [];
      actions.on('created', (event) => seen.push(event));
      await hear(activity());
      sinon.assert.notCalled(request);
      await hear(activity({ inputs: '' }));
      sinon.assert.calledOnce(request);
      expect(seen).to.deep.equal([
        { ...head, inputs: { a: 1 } },
        { ...head, inputs: { fetched: true } },
      ]);
    });
  });

  describe('without it', () => {
    it('fetches each action, in order within its room, before the frame is done', async () => {
      const request = sinon.stub().callsFake(({ path }: { path: string }) => ({ ...head, id: path }));
      const host = fakeHost({ request });
      const actions = createAttachmentActions(host);
      const seen: unknown[] = [];
      actions.on('created', (event) => seen.push(event));
      await hand(host, activity({ inputs: 'eyJ.a.b.c.d' }));
      expect(seen).to.deep.equal([{ ...head, id: `attachment/actions/${head.id}` }]);
      await hand(host, activity({}, { verb: 'post' }));
      expect(seen).to.have.length(1);
      expect(host.connects).to.equal(1);
    });

    it('fetches nothing for no one', async () => {
      const request = sinon.stub();
      const host = fakeHost({ request });
      const actions = createAttachmentActions(host);
      await actions.listen();
      await hand(host, activity());
      sinon.assert.notCalled(request);
      actions.stopListening();
      expect(host.wireListeners).to.equal(0);
    });

    const cases: readonly (readonly [string, Error, unknown[], number])[] = [
      ['says nothing of what is gone', sdkError('ERR_NOT_FOUND', 'gone'), [], 0],
      ['reports a refusal, with who and where', sdkError('ERR_FORBIDDEN', 'no'), [head], 1],
    ];
    for (const [title, error, expected, reports] of cases)
      it(title, async () => {
        const host = fakeHost({ request: () => Promise.reject(error) });
        const actions = createAttachmentActions(host);
        const seen: unknown[] = [];
        actions.on('created', (event) => seen.push(event));
        await hand(host, activity({}));
        expect(seen).to.deep.equal(expected);
        expect(host.reports).to.have.length(reports);
      });
  });
});
