import type { RequestOptions } from '@trunkline/core';
import type { LocalSource, MediaConnection, MediaConnectionOptions, SourceEvents } from '@trunkline/media';
import type { RoapMessage } from '@trunkline/wire';
import { expect } from 'chai';
import sinon from 'sinon';
import { deviceUrl, locusUrl } from '../test/locus.js';
import { createMediaPart } from './media-part.js';
import type { RequestContext } from './requests.js';

const context: RequestContext = {
  locusUrl,
  selfUrl: `${locusUrl}/participant/ana`,
  selfId: 'ana',
  deviceUrl,
  correlationId: 'c',
  sequence: undefined,
};
const offer: RoapMessage = { messageType: 'OFFER', seq: 1, sdps: ['v=0'] };
const answer: RoapMessage = { messageType: 'ANSWER', seq: 1, sdps: ['v=0'] };

function fakeSource() {
  const listeners = new Set<(event: SourceEvents['change']) => void>();
  let muted = false;
  const source = {
    kind: 'microphone',
    sending: true,
    get muted() {
      return muted;
    },
    on: (_type: string, listener: (event: SourceEvents['change']) => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    setRemoteMuted: sinon.spy(),
    setUnmuteAllowed: sinon.spy(),
  };
  const mute = (now: boolean): void => {
    muted = now;
    for (const listener of listeners) listener({ state: 'live', muted, sending: !muted });
  };
  return { source: source as unknown as LocalSource, spies: source, mute, listeners };
}

interface Sent {
  readonly mediaId: string;
  readonly audioMuted: boolean;
  readonly roap: string | undefined;
}
function setUp(answers: (roap: string | undefined) => RoapMessage | undefined = () => answer) {
  const sent: Sent[] = [];
  let held: Promise<void> = Promise.resolve();
  let options: MediaConnectionOptions | undefined;
  let state: MediaConnection['state'] = 'idle';
  const connection = {
    remote: {},
    get state() {
      return state;
    },
    setSource: sinon.stub().resolves(),
    setDirection: sinon.stub().resolves(),
    connect: sinon.spy(async () => {
      await options?.send(offer);
      state = 'connected';
    }),
    reconnect: sinon.stub().resolves(),
    receive: sinon.spy(),
    close: sinon.spy(),
  };
  const api = {
    connection: (given: MediaConnectionOptions) => {
      options = given;
      return connection;
    },
  };
  const ask = async (request: unknown): Promise<unknown> => {
    const { body } = (
      typeof request === 'function' ? (request as (now: RequestContext) => RequestOptions)(context) : request
    ) as RequestOptions;
    const [media] = (body as { localMedias: [{ mediaId: string; localSdp: string }] }).localMedias;
    const said = JSON.parse(media.localSdp) as { audioMuted: boolean; roapMessage?: RoapMessage };
    const roap = said.roapMessage?.messageType;
    sent.push({ mediaId: media.mediaId, audioMuted: said.audioMuted, roap });
    await held;
    const reply = answers(roap);
    return {
      mediaConnections: [
        {
          mediaId: media.mediaId,
          ...(reply && { remoteSdp: JSON.stringify({ roapMessage: reply }) }),
        },
      ],
    };
  };
  const part = createMediaPart(
    { peer: () => api as never, report: () => undefined, log: {} as never },
    { context: () => context, ask: ask as never, send: ask as never },
    { connection: () => undefined },
  );
  part.joined('m1');
  return {
    part,
    sent,
    connection,
    options: () => options,
    hold: () => {
      let release = (): void => undefined;
      held = new Promise((resolve) => {
        release = resolve;
      });
      return release;
    },
    state: (now: MediaConnection['state']) => {
      state = now;
    },
  };
}
const settle = async (): Promise<void> => {
  for (let n = 0; n < 20; n += 1) await Promise.resolve();
};

describe('media of a meeting', () => {
  it('asks for TURN servers, then offers, and returns the answer of the response', async () => {
    const { part, sent, options } = setUp();
    const { source } = fakeSource();
    await part.add({ microphone: source });
    expect(sent.map(({ roap }) => roap)).to.deep.equal(['TURN_DISCOVERY_REQUEST', 'OFFER']);
    expect(sent.every(({ mediaId }) => mediaId === 'm1')).to.equal(true);
    expect(await options()?.send(offer)).to.include({ messageType: 'ANSWER', seq: 1 });
    expect(options()?.directions).to.deep.equal({
      audio: { receive: true, send: true },
      video: { receive: true, send: false },
      slides: { receive: true, send: false },
    });
  });
  it('gives the TURN server of the answer to the connection', async () => {
    const { part, options } = setUp((roap) =>
      roap === 'TURN_DISCOVERY_REQUEST'
        ? {
            messageType: 'TURN_DISCOVERY_RESPONSE',
            seq: 0,
            headers: ['x-cisco-turn-url=turn:t', 'x-cisco-turn-username=u', 'x-cisco-turn-password=p'],
          }
        : answer,
    );
    await part.add({});
    expect(options()?.iceServers).to.deep.equal([{ urls: ['turn:t'], username: 'u', credential: 'p' }]);
  });
  it('sends mutes one request at a time, the newest last, and none that changes nothing', async () => {
    const { part, sent, hold } = setUp();
    const { source, mute } = fakeSource();
    await part.add({ microphone: source });
    const before = sent.length;
    const release = hold();
    mute(true);
    for (let n = 0; n < 20; n += 1) mute(n % 2 === 0);
    mute(true);
    await settle();
    expect(sent.length).to.equal(before + 1);
    release();
    await settle();
    expect(sent.slice(before).map(({ audioMuted }) => audioMuted)).to.deep.equal([true]);
    mute(false);
    await settle();
    expect(sent.at(-1)).to.include({ audioMuted: false, roap: undefined });
  });
  it('keeps what a host decided for a microphone that comes later', async () => {
    const { part } = setUp();
    part.applyMutes({ audioMuted: true, unmuteForbidden: true, videoMuted: false });
    const { source, spies } = fakeSource();
    await part.add({ microphone: source });
    sinon.assert.calledWithExactly(spies.setRemoteMuted.lastCall, true);
    sinon.assert.calledWithExactly(spies.setUnmuteAllowed.lastCall, false);
  });
  it('leaves nothing open when connecting fails, and can be added again', async () => {
    const { part, connection } = setUp();
    const failing = sinon.stub().rejects(new Error('no path'));
    const { connect } = connection;
    connection.connect = failing as never;
    const failed = await part.add({}).catch((error: unknown) => error);
    expect(failed).to.include({ message: 'no path' });
    sinon.assert.calledOnce(connection.close);
    expect(part.connection).to.equal(undefined);
    connection.connect = connect;
    await part.add({});
    expect(part.connection).not.to.equal(undefined);
  });
  it('rejects with the reason of an aborted signal', async () => {
    const { part } = setUp();
    const stop = new AbortController();
    stop.abort(new Error('enough'));
    const failed = await part.add({ signal: stop.signal }).catch((error: unknown) => error);
    expect(failed).to.include({ message: 'enough' });
    expect(part.connection).to.equal(undefined);
  });
  it('refuses a second addMedia, and publish before the first', async () => {
    const { part } = setUp();
    const early = await part.publish({}).catch((error: unknown) => error);
    expect(early).to.include({ code: 'ERR_MEETING_STATE' });
    await part.add({});
    const again = await part.add({}).catch((error: unknown) => error);
    expect(again).to.include({ code: 'ERR_MEETING_STATE' });
  });
  it('connects again once when the service says that media stopped, and not when it never flowed', async () => {
    const { part, connection, state } = setUp();
    await part.add({});
    part.flows(false);
    sinon.assert.notCalled(connection.reconnect);
    part.flows(true);
    part.flows(false);
    part.flows(false);
    sinon.assert.calledOnce(connection.reconnect);
    state('failed');
    part.resume();
    sinon.assert.calledTwice(connection.reconnect);
  });
  it('hands messages of the socket to the connection', async () => {
    const { part, connection } = setUp();
    await part.add({});
    part.receive(answer);
    sinon.assert.calledOnceWithExactly(connection.receive, answer);
  });
  it('lets go of sources and connection at the end', async () => {
    const { part, connection, sent } = setUp();
    const { source, mute, listeners } = fakeSource();
    await part.add({ microphone: source });
    part.close();
    sinon.assert.calledOnce(connection.close);
    expect(listeners.size).to.equal(0);
    const before = sent.length;
    mute(true);
    await settle();
    expect(sent.length).to.equal(before);
  });
});
