import { expect } from 'chai';
import { spy, stage, turn, until } from '../../test/kit.js';
import { createEventSource } from '../kit/event-source.js';
import type { AnyEvent } from './host.js';
import { definePlugin } from './plugin.js';

const things = definePlugin({
  name: 'things',
  setup: (host) =>
    createEventSource<{ came: { readonly n: number } }>(host, 'things', ({ emit }) =>
      host.onWire('test.event', ({ n = 0 }) => {
        emit('came', { n });
      }),
    ),
});

describe('client.onAny', () => {
  const open = async () => {
    const s = stage();
    const client = s.client().use(things()).use(spy());
    const connecting = client.connect();
    await until(() => s.sockets.length === 1);
    s.socket.welcome();
    await connecting;
    return { s, client };
  };
  const names = (events: readonly AnyEvent[]) => events.map(({ source, type }) => `${source} ${type}`);

  it('receives the events of client and socket, each frame once, and those of plugins, each before its own listeners', async () => {
    const { s, client } = await open();
    const order: unknown[] = [];
    client.things.on('came', () => order.push('own listener'));
    const off = client.onAny((event) => order.push(event));
    s.socket.event('1', { n: 7 });
    s.socket.event('1', { n: 7 }); // again: known
    s.socket.receive({ id: '2', data: { eventType: 'unknown.type' } });
    client.spy.emit('rateLimited', { route: '/v1', retryAfterMs: 1 });
    s.socket.receive({ id: '3', type: 'shutdown', reason: 'upgrade' });
    const url = 'ws://cloud.test/socket/1?kept=1';
    expect(order).to.deep.equal([
      { source: 'wire', type: 'test.event', event: { eventType: 'test.event', n: 7 } },
      { source: 'things', type: 'came', event: { n: 7 } },
      'own listener',
      { source: 'wire', type: 'unknown.type', event: { eventType: 'unknown.type' } },
      { source: 'client', type: 'rateLimited', event: { route: '/v1', retryAfterMs: 1 } },
      { source: 'socket', type: 'maintenance', event: { url, reason: 'upgrade' } },
      { source: 'client', type: 'maintenance', event: { url, reason: 'upgrade' } },
    ]);
    off();
    s.socket.event('4', { n: 8 });
    expect(order.slice(7)).to.deep.equal(['own listener']);
    await client.close();
  });

  it('makes nothing listen by itself', async () => {
    const { s, client } = await open();
    const heard: AnyEvent[] = [];
    client.onAny((event) => heard.push(event));
    s.socket.event('1');
    expect(names(heard)).to.deep.equal(['wire test.event']);
    await client.close();
  });

  it('isolates a listener that fails, at once or later: reported, and the rest go on', async () => {
    const { s, client } = await open();
    const errors: unknown[] = [];
    const heard: AnyEvent[] = [];
    client.on('error', ({ error, context }) => errors.push([error, context]));
    const [now, later] = [new Error('at once'), new Error('later')];
    client.onAny(() => {
      throw now;
    });
    // eslint-disable-next-line @typescript-eslint/no-misused-promises -- what an app may well do
    client.onAny(() => Promise.reject(later));
    client.onAny((event) => heard.push(event));
    s.socket.event('1');
    await turn();
    expect(errors).to.deep.equal([
      [now, 'a listener of client.onAny'],
      [later, 'a listener of client.onAny'],
    ]);
    expect(names(heard)).to.deep.equal(['wire test.event']);
    await client.close();
  });

  it('leaves with its signal, and says nothing after close()', async () => {
    const { client } = await open();
    const left = new AbortController();
    const heard: AnyEvent[] = [];
    const few: AnyEvent[] = [];
    client.onAny((event) => few.push(event), { signal: left.signal });
    client.onAny((event) => heard.push(event));
    left.abort();
    await client.close();
    expect(names(heard)).to.deep.equal(['socket state']);
    client.spy.report(new Error('late'), 'after the end');
    client.spy.emit('tokenRefreshed', {});
    expect([heard.length, few.length]).to.deep.equal([1, 0]);
  });
});
