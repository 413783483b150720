import { expect } from 'chai';
import { EventEmitter, once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import pino from 'pino';
import sinon from 'sinon';
import { WebSocket, WebSocketServer } from 'ws';
import { noCounts } from '../../kernel/metrics.js';
import type { Caller } from '../identity/api.js';
import { Connection, type ConnectionHooks } from './connection.js';
import { FrameText } from './frames.js';

class FakeSocket extends EventEmitter {
  readonly OPEN = 1;
  readyState = 1;
  bufferedAmount = 0;
  readonly sent: string[] = [];
  closedWith: number | undefined;
  /** takes whole frames, small ones */
  readonly stream = new Writable({
    write: (frame: Buffer, _, done) => {
      expect(frame[1]).to.equal(126);
      this.sent.push(frame.toString('utf8', 4));
      done();
    },
  });
  send(text: string): void {
    this.sent.push(text);
  }
  close(code: number): void {
    this.closedWith = code;
    this.readyState = 2;
  }
}

const stubbedHooks = () => ({
  counts: noCounts(),
  authorizationMs: 30_000,
  now: sinon.stub<[], number>().callsFake(() => Date.now()),
  expiryNow: sinon.stub<[], number>().callsFake(() => Date.now()),
  authorize: sinon.stub<Parameters<ConnectionHooks['authorize']>, Promise<undefined>>().resolves(),
  buffered: sinon.stub<Parameters<ConnectionHooks['buffered']>, undefined>(),
  acknowledged: sinon.stub<Parameters<ConnectionHooks['acknowledged']>, undefined>(),
  bufferStateSeen: sinon.stub<[Connection], undefined>(),
  closed: sinon.stub<[Connection], undefined>(),
});

describe('Connection', () => {
  const log = pino({ level: 'silent' });
  let clock: sinon.SinonFakeTimers;
  let socket: FakeSocket;
  let hooks: ReturnType<typeof stubbedHooks>;
  let connection: Connection;
  beforeEach(() => {
    clock = sinon.useFakeTimers();
    socket = new FakeSocket();
    hooks = stubbedHooks();
    const webSocket = socket as unknown as WebSocket;
    connection = new Connection(webSocket, socket.stream, 'd', 'http://x', false, log, hooks);
  });
  afterEach(() => {
    clock.restore();
  });
  const caller = (expiresMs: number): Caller => ({ expiresMs }) as Caller;
  const row = (pos: number) => ({
    id: `e${String(pos)}`,
    pos,
    type: 't',
    payload: '{"eventType":"t"}',
    created_ms: 0,
  });
  const deliver = (pos: number): void => {
    connection.deliver(new FrameText(row(pos)), row(pos), { ownTags: [], nowMs: 0 });
  };
  const ack = (pos: number): void => {
    socket.emit('message', Buffer.from(JSON.stringify({ type: 'ack', messageId: `e${String(pos)}` })), false);
  };

  it('closes 1008 when no authorization comes within 30 s', async () => {
    await clock.tickAsync(29_999);
    expect(socket.closedWith).to.equal(undefined);
    await clock.tickAsync(1);
    expect(socket.closedWith).to.equal(1008);
  });

  it('closes 1001 in the moment the token expires, also when that is months away: 4401 would end it permanently', async () => {
    const ninetyDays = 90 * 86_400_000;
    connection.authorized(caller(ninetyDays));
    await clock.tickAsync(ninetyDays - 1);
    expect(socket.closedWith).to.equal(undefined);
    await clock.tickAsync(1);
    expect(socket.closedWith).to.equal(1001);
  });

  it('lives on when a fresh token came in time', async () => {
    connection.authorized(caller(1000));
    connection.authorized(caller(5000));
    await clock.tickAsync(4999);
    expect(socket.closedWith).to.equal(undefined);
    await clock.tickAsync(1);
    expect(socket.closedWith).to.equal(1001);
  });

  it('leaves no timer behind when it is closed', () => {
    connection.authorized(caller(5000));
    socket.emit('close');
    expect(clock.countTimers()).to.equal(0);
    expect(hooks.closed.callCount).to.equal(1);
  });

  it('sends a position up to which nothing is missing', () => {
    connection.begin({ replayed: 0, lost: 0 }, 10);
    for (const pos of [12, 15, 20]) deliver(pos);
    expect(connection.position()).to.equal(11);
    ack(15);
    expect(connection.position()).to.equal(11);
    ack(12);
    expect(connection.position()).to.equal(19);
    ack(20);
    expect(connection.position()).to.equal(20);
    expect(hooks.acknowledged.args.map(([, pos]) => pos)).to.deep.equal([19, 20]);
  });

  it('says where the cluster is to a client that shares its registration (A19)', () => {
    connection.wantsRegistrationStatus = true;
    connection.begin({ replayed: 2, lost: 0 }, 0);
    const [first] = socket.sent.map((frame) => JSON.parse(frame) as { data: object });
    expect(first?.data).to.deep.include({
      eventType: 'mercury.registration_status',
      bufferState: 'REPLAYED',
    });
    expect(first?.data).to.have.property('localClusterServiceUrls').that.is.an('object');
  });

  it('sends no event twice', () => {
    connection.begin({ replayed: 0, lost: 0 }, 0);
    deliver(1);
    deliver(1);
    expect(socket.sent).to.have.length(2);
  });

  it('cuts a reader that is too slow, with a code that lets it come back', () => {
    connection.begin({ replayed: 0, lost: 0 }, 0);
    socket.bufferedAmount = 9 * 1024 * 1024;
    deliver(1);
    expect(socket.closedWith).to.equal(1001);
    expect(connection.position()).to.equal(0);
  });

  it('makes a replay wait for a reader that falls behind', async () => {
    connection.begin({ replayed: 0, lost: 0 }, 0);
    socket.bufferedAmount = 2 * 1024 * 1024;
    const room = connection.room();
    await clock.tickAsync(500);
    socket.bufferedAmount = 0;
    await clock.tickAsync(50);
    expect(await room).to.equal(true);
  });

  it('closes 1011 when authorization fails for no fault of the client', async () => {
    hooks.authorize.rejects(new Error('the disk is gone'));
    socket.emit('message', Buffer.from('{"type":"authorization","data":{"token":"t"}}'), false);
    await clock.tickAsync(0);
    expect(socket.closedWith).to.equal(1011);
  });
});

describe('FrameText', () => {
  const to = { base: 'http://h', ownTags: [], sequenceNumber: 3, nowMs: 7, redelivered: true };
  it('puts the client’s base where it was left open, and nowhere else', () => {
    const payload = '{"eventType":"t","url":"\u0001/a","text":"\\u0001/b"}';
    const text = new FrameText({ id: 'i', type: 't', payload, created_ms: 5 }).text(to);
    expect(JSON.parse(text)).to.deep.include({
      id: 'i',
      data: { eventType: 't', url: 'http://h/a', text: '\u0001/b' },
      timestamp: 5,
      sequenceNumber: 3,
      wsWriteTimestamp: 7,
      redelivered: true,
    });
  });

  it('is a frame that is read as such, of each length, with the tags of that person', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    await once(server, 'listening');
    const texts = ['', 'ä', 'ä'.repeat(200), 'ä'.repeat(40_000)];
    const frames = texts.flatMap((text) => {
      const payload = JSON.stringify({ text, activity: { target: { tags: ['LOCKED'] } } });
      const made = new FrameText({ id: 'i', type: 'conversation.activity', payload, created_ms: 5 });
      return [made.bytes(to), made.bytes({ ...to, ownTags: ['MUTED'] }), made.bytes(to)];
    });
    server.on('connection', (socket, { socket: stream }) => {
      for (const frame of frames) stream.write(frame);
      socket.close();
    });
    const { port } = server.address() as AddressInfo;
    const client = new WebSocket(`ws://127.0.0.1:${String(port)}`);
    const received: { data: { text: string; headers?: object } }[] = [];
    client.on('message', (data: Buffer, isBinary) => {
      expect(isBinary).to.equal(false);
      received.push(JSON.parse(data.toString()) as (typeof received)[number]);
    });
    await once(client, 'close');
    server.close();
    expect(received.map(({ data }) => data.text)).to.deep.equal(texts.flatMap((text) => [text, text, text]));
    const headers = [undefined, { 'activity.target.tags': ['LOCKED', 'MUTED'] }, undefined];
    expect(received.map(({ data }) => data.headers)).to.deep.equal(texts.flatMap(() => headers));
  });
});
