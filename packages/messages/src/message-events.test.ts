import { sdkError, type RequestOptions } from '@trunkline/core';
import { fakeClock, fakeHost } from '@trunkline/testing/fakes';
import { decodeId, encodeId, type WireActivity } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { createMessages } from './messages.js';
import type { MessagesOptions } from './types.js';

const uuid = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const ana = uuid(100);
const idOf = (n: number) => encodeId('MESSAGE', uuid(n));
const activity = (n: number, more: object = {}, room = 1) =>
  ({
    id: uuid(n),
    objectType: 'activity',
    verb: 'post',
    url: 'https://cloud.test/conversation/activities/1',
    published: '2030-01-01T00:00:00.000Z',
    actor: { id: ana, entryUUID: ana, objectType: 'person', emailAddress: 'ana@x' },
    object: { objectType: 'comment', displayName: `text ${String(n)}` },
    target: { id: uuid(room), objectType: 'conversation', url: 'https://cloud.test/c', tags: ['ONE_ON_ONE'] },
    ...more,
  }) as WireActivity;
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** Requests stay open until the test answers them. */
function byRest() {
  const open: {
    readonly n: number;
    readonly resolve: (body: unknown) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  const clock = fakeClock();
  const host = fakeHost({
    clock,
    request: ({ path = '' }: RequestOptions) => {
      const n = Number(decodeId(path.split('/')[1] ?? '')?.local.slice(-12));
      return new Promise((resolve, reject) => open.push({ n, resolve, reject }));
    },
  });
  const messages = createMessages(host);
  const seen: string[] = [];
  const fire = (one: WireActivity) =>
    host.fire('conversation.activity', { eventType: 'conversation.activity', activity: one })[0];
  return { host, clock, messages, seen, open, fire };
}
function byEngine(request: (options: RequestOptions) => unknown = () => ({}), options?: MessagesOptions) {
  let hear: (one: WireActivity) => unknown = () => undefined;
  const onActivity = (listener: typeof hear) => {
    hear = listener;
    return () => (hear = () => undefined);
  };
  const asked = sinon.spy(request);
  /** as the engine does it, in short */
  const read = ({ id, object, parent, published, ...more }: WireActivity) =>
    'decryptionFailed' in more
      ? undefined
      : {
          id: encodeId('MESSAGE', parent?.id ?? id),
          ...(object.displayName !== undefined && { text: object.displayName }),
          ...(parent && { updated: published }),
        };
  const host = fakeHost({ request: asked, peers: { conversation: { onActivity, messages: { read } } } });
  return { host, asked, messages: createMessages(host, options), fire: (one: WireActivity) => hear(one) };
}

describe('message events by REST', () => {
  it('keeps the order of a room while fetches are slow, and lets other rooms pass', async () => {
    const { messages, seen, open, fire } = byRest();
    messages.on('created', ({ id }) => seen.push(id));
    messages.on('deleted', ({ id }) => seen.push(`-${id}`));
    void fire(activity(1));
    const last = fire(activity(2));
    void fire(activity(3, { verb: 'delete', object: { objectType: 'activity', id: uuid(1) } }));
    void fire(activity(4, {}, 2));
    expect(open.map(({ n }) => n)).to.deep.equal([1, 4]);
    open[1]?.resolve({ id: idOf(4) });
    open[0]?.resolve({ id: idOf(1) });
    await settle();
    open[2]?.resolve({ id: idOf(2) });
    await last;
    await settle();
    expect(seen).to.deep.equal([idOf(4), idOf(1), idOf(2), `-${idOf(1)}`]);
  });
  it('fetches the edited message for updated', async () => {
    const { messages, seen, open, fire } = byRest();
    messages.on('updated', ({ id }) => seen.push(id));
    const done = fire(activity(2, { parent: { id: uuid(1), type: 'edit' } }));
    expect(open.map(({ n }) => n)).to.deep.equal([1]);
    open[0]?.resolve({ id: idOf(1) });
    await done;
    expect(seen).to.deep.equal([idOf(1)]);
  });
  it('skips what is gone, reports what fails, and goes on', async () => {
    const { host, messages, seen, open, fire } = byRest();
    messages.on('created', ({ id }) => seen.push(id));
    for (const n of [1, 2, 3, 4]) void fire(activity(n));
    open[0]?.reject(sdkError('ERR_NOT_FOUND', 'gone'));
    await settle();
    open[1]?.reject(sdkError('ERR_BAD_RESPONSE', 'broken'));
    await settle();
    open[2]?.reject(sdkError('ERR_FORBIDDEN', 'a bot that was not mentioned'));
    await settle();
    open[3]?.resolve({ id: idOf(4) });
    await settle();
    expect(seen).to.deep.equal([idOf(4)]);
    expect(host.reports.map(({ context }) => context)).to.deep.equal([
      `messages 'created': the message of activity ${uuid(2)} could not be fetched`,
    ]);
  });
  it('retries transient failures, however often, and acknowledges only then', async () => {
    const { host, clock, messages, seen, open, fire } = byRest();
    messages.on('created', ({ id }) => seen.push(id));
    let acknowledged = false;
    void Promise.resolve(fire(activity(1))).then(() => (acknowledged = true));
    for (let n = 0; n < 20; n += 1) {
      open[n]?.reject(sdkError('ERR_UNAVAILABLE', 'restarting', { retryable: true }));
      await settle();
      clock.advance(30_000);
      await settle();
    }
    expect([seen, acknowledged, open.length]).to.deep.equal([[], false, 21]);
    open[20]?.resolve({ id: idOf(1) });
    await settle();
    expect([seen, acknowledged, host.reports]).to.deep.equal([[idOf(1)], true, []]);
  });
  it('gives up on a message that breaks the service, so that the room goes on', async () => {
    const { host, clock, messages, seen, open, fire } = byRest();
    messages.on('created', ({ id }) => seen.push(id));
    for (const n of [1, 2]) void fire(activity(n));
    for (let n = 0; n < 6; n += 1) {
      open[n]?.reject(sdkError('ERR_SERVER', 'broken', { retryable: true }));
      await settle();
      clock.advance(30_000);
      await settle();
    }
    open[6]?.resolve({ id: idOf(2) });
    await settle();
    expect([seen, host.reports.length]).to.deep.equal([[idOf(2)], 1]);
  });
  it('fetches nothing for no one, and emits nothing after stopListening', async () => {
    const { host, messages, seen, open, fire } = byRest();
    messages.on('deleted', () => undefined);
    void fire(activity(1));
    expect(open).to.have.length(0);
    messages.on('created', ({ id }) => seen.push(id));
    void fire(activity(2));
    messages.stopListening();
    open[0]?.resolve({ id: idOf(2) });
    await settle();
    expect([seen, host.reports, host.wireListeners]).to.deep.equal([[], [], 0]);
  });
});

describe('message events from the engine', () => {
  it('emits at once, without a promise or a request', () => {
    const { asked, messages, fire } = byEngine();
    const seen: unknown[] = [];
    messages.on('created', ({ id, text }) => seen.push([id, text]));
    expect(fire(activity(2))).to.equal(undefined);
    expect(seen).to.deep.equal([[idOf(2), 'text 2']]);
    sinon.assert.notCalled(asked);
  });
  it('emits edits and removals', () => {
    const { messages, fire } = byEngine();
    const seen: unknown[] = [];
    messages.on('updated', ({ id, text, updated }) => seen.push([id, text, updated]));
    messages.on('deleted', ({ id }) => seen.push(id));
    fire(activity(2, { parent: { id: uuid(1), type: 'edit' } }));
    fire(activity(3, { verb: 'delete', object: { objectType: 'activity', id: uuid(1) } }));
    expect(seen).to.deep.equal([[idOf(1), 'text 2', '2030-01-01T00:00:00.000Z'], idOf(1)]);
  });
  it('fetches what could not be decrypted', async () => {
    const { messages, fire } = byEngine(() => ({ id: idOf(1), text: 'readable' }));
    const seen: unknown[] = [];
    messages.on('created', ({ text }) => seen.push(text));
    await fire(activity(1, { decryptionFailed: true }));
    expect(seen).to.deep.equal(['readable']);
  });
  it('emits a message that could not be decrypted, without its content, and reports it', async () => {
    const { host, messages, fire } = byEngine(() => Promise.reject(sdkError('ERR_BAD_RESPONSE', 'broken')));
    const seen: object[] = [];
    messages.on('created', (message) => seen.push(message));
    await fire(activity(1, { decryptionFailed: true }));
    expect(seen).to.have.length(1);
    expect(seen[0])
      .to.include({ id: idOf(1) })
      .and.not.have.property('text');
    expect(host.reports).to.have.length(1);
  });
  it('fetches every message when the plugin has encrypted: false', async () => {
    const { asked, messages, fire } = byEngine(({ path }) => ({ id: path, text: 'by REST' }), {
      encrypted: false,
    });
    const seen: unknown[] = [];
    messages.on('created', ({ text }) => seen.push(text));
    messages.on('updated', ({ id }) => seen.push(id));
    await fire(activity(1));
    await fire(activity(2, { parent: { id: uuid(1), type: 'edit' } }));
    expect(seen).to.deep.equal(['by REST', `messages/${idOf(1)}`]);
    sinon.assert.calledTwice(asked);
  });
  it('isolates listeners', () => {
    const { host, messages, fire } = byEngine();
    const seen: unknown[] = [];
    messages.on('created', () => {
      throw new Error('mine');
    });
    messages.on('created', ({ text }) => seen.push(text));
    fire(activity(1));
    expect([seen, host.reports.length]).to.deep.equal([['text 1'], 1]);
  });
});
