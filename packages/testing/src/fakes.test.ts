import { createEmitter } from '@trunkline/core/kit';
import { expect } from 'chai';
import { answer, fakeClock, fakeHost, fakeSockets, nextEvent } from './fakes.js';

describe('fakeClock', () => {
  it('runs what is due in order of time, also what is set up meanwhile', () => {
    const clock = fakeClock(0);
    const ran: string[] = [];
    clock.after(20, () => ran.push(`b at ${String(clock.now())}`));
    clock.after(10, () => {
      ran.push('a');
      clock.after(5, () => ran.push(`c at ${String(clock.now())}`));
    });
    clock.after(12, () => ran.push('never'))();
    clock.advance(20);
    expect([ran, clock.now(), clock.pending]).to.deep.equal([['a', 'c at 15', 'b at 20'], 20, 0]);
  });
});

describe('fakeHost', () => {
  it('answers with a bare body, or with headers', async () => {
    const bodies: unknown[] = [{ id: 'r1' }, answer({ id: 'r2' }, { status: 202, headers: { link: '<x>' } })];
    const host = fakeHost({ request: () => bodies.shift() });
    expect(await host.request({ path: 'a' })).to.deep.include({ status: 200, body: { id: 'r1' } });
    const second = await host.request({ path: 'b' });
    expect([second.status, second.body, second.headers.get('link')]).to.deep.equal([
      202,
      { id: 'r2' },
      '<x>',
    ]);
  });
  it('names the request no one answers', async () => {
    const error: unknown = await fakeHost()
      .request({ service: 'hydra', path: 'rooms' })
      .catch((caught: unknown) => caught);
    expect(error).to.include({ code: 'ERR_NETWORK' });
    expect(String(error)).to.contain('GET hydra/rooms');
  });
  it('fires wire events and gives back what listeners returned', () => {
    const host = fakeHost();
    const waiting = Promise.resolve();
    host.onWire('mercury.buffer_state', () => waiting);
    const off = host.onWire('mercury.buffer_state', () => undefined);
    expect(host.fire('mercury.buffer_state', { eventType: 'mercury.buffer_state' })).to.deep.equal([
      waiting,
      undefined,
    ]);
    off();
    expect(host.wireListeners).to.equal(1);
  });
  it('closes last come first', async () => {
    const host = fakeHost();
    const ran: number[] = [];
    host.onClose(() => void ran.push(1));
    host.onClose(() => void ran.push(2));
    await host.close();
    expect(ran).to.deep.equal([2, 1]);
  });
});

describe('nextEvent', () => {
  const emitter = () => createEmitter<{ came: number }>(() => undefined);
  it('resolves with the next payload that fits', async () => {
    const events = emitter();
    const seen = nextEvent(events, 'came', { where: (n) => n > 1 });
    events.emit('came', 1);
    events.emit('came', 2);
    expect(await seen).to.equal(2);
    expect(events.listenerCount('came')).to.equal(0);
  });
  it('rejects when none comes', async () => {
    const error: unknown = await nextEvent(emitter(), 'came', { timeoutMs: 1 }).catch(
      (caught: unknown) => caught,
    );
    expect(String(error)).to.contain("no 'came' event");
  });
});

describe('FakeSocket', () => {
  it('plays both ends', () => {
    const sockets = fakeSockets();
    const socket = new sockets.WebSocket('wss://x');
    const heard: unknown[] = [];
    socket.onmessage = ({ data }: { readonly data: string }) => heard.push(JSON.parse(data));
    socket.onclose = ({ code }: { readonly code: number }) => heard.push(code);
    const { last } = sockets;
    last.open();
    socket.send('{"a":1}');
    last.receive({ b: 2 });
    socket.close(1000, 'done');
    last.end();
    expect([last.url, last.frames, heard]).to.deep.equal(['wss://x', [{ a: 1 }], [{ b: 2 }, 1000]]);
  });
});
