import { expect } from 'chai';
import { failure, setUp, three } from '../../test/connection-kit.js';
import { FakePeerConnection, FakeTrack, fakeSdp, fakeSource, settled } from '../../test/fakes.js';

describe('a media connection', () => {
  it('offers three transceivers in order, transcoded, with the official headers', async () => {
    const { connect, sent, connection } = setUp({ iceServers: [{ urls: 'turn:a' }] });
    await connection.setSource('audio', new FakeTrack('audio').real);
    await connect();
    const pc = FakePeerConnection.last;
    expect(pc.transceivers.map(({ kind, direction }) => `${kind} ${direction}`)).to.deep.equal([
      'audio sendrecv',
      'video sendrecv',
      'video recvonly',
    ]);
    expect(pc.configuration).to.deep.equal({ bundlePolicy: 'max-compat', iceServers: [{ urls: 'turn:a' }] });
    expect(sent[0]).to.deep.include({ messageType: 'OFFER', seq: 1, tieBreaker: 0xfffffffe });
    expect(sent[0]?.headers).to.deep.equal(['includeAnswerInHttpResponse', 'noOkInTransaction']);
    expect(sent[0]?.sdps?.[0]).to.include('a=content:slides').and.to.include('b=TIAS:64000');
  });
  it('is connecting, then connected; connect resolves', async () => {
    const { connect, states, connection, clock } = setUp();
    await connect();
    expect(states).to.deep.equal(['connecting', 'connected']);
    expect(connection.state).to.equal('connected');
    await connection.connect();
    expect(FakePeerConnection.made).to.have.length(1);
    expect(clock.pending).to.equal(0);
  });
  it('takes the answer from the response of send', async () => {
    const { connection } = setUp({
      send: ({ messageType, seq }) =>
        messageType === 'OFFER'
          ? Promise.resolve({
              messageType: 'ANSWER',
              seq,
              sdps: [fakeSdp(three)],
              headers: ['noOkInTransaction'],
            })
          : undefined,
    });
    const connected = connection.connect();
    await settled();
    FakePeerConnection.last.become('connected');
    await connected;
  });
  it('answers an offer of the service, with OK expected', async () => {
    const { connect, types, serve } = setUp();
    await connect();
    serve({ type: 'negotiate' });
    await settled();
    expect(types()).to.deep.equal(['OFFER 1', 'ANSWER 2']);
  });
  it('shows remote tracks by slot, and keeps the streams over a reconnect', async () => {
    const { connect, connection } = setUp();
    const lives: string[] = [];
    connection.on('remote', ({ slot, live }) => lives.push(`${slot} ${String(live)}`));
    await connect();
    const streams = { ...connection.remote };
    const tracks = (name: string) => connection.remote[name]?.getTracks() as unknown as readonly FakeTrack[];
    const [first] = tracks('slides');
    expect(first?.kind).to.equal('video');
    first?.setMuted(true);
    first?.setMuted(false);
    const again = connection.reconnect();
    await settled();
    FakePeerConnection.last.become('connected');
    await again;
    expect(connection.remote).to.deep.equal(streams);
    expect(tracks('slides')).to.have.length(1);
    expect(tracks('slides')[0]).not.to.equal(first);
    expect(lives.slice(0, 5)).to.deep.equal([
      'audio true',
      'video true',
      'slides true',
      'slides false',
      'slides true',
    ]);
  });

  describe('sources', () => {
    it('replace their track without a new offer, in order', async () => {
      const { connect, connection, types } = setUp();
      const source = fakeSource(new FakeTrack('video'));
      await connection.setSource('video', source);
      await connect();
      const next = [new FakeTrack('video'), undefined, new FakeTrack('video')];
      for (const track of next) source.change(track);
      await settled();
      const { sender } = FakePeerConnection.last.transceivers[1] ?? {};
      expect(sender?.replaced).to.deep.equal([next[0], null, next[2]]);
      expect(types()).to.deep.equal(['OFFER 1']);
    });
    it('open the slides with an offer, and close them with another', async () => {
      const { connect, connection, types } = setUp();
      await connect();
      await connection.setSource('slides', new FakeTrack('video').real);
      const slides = () => FakePeerConnection.last.transceivers[2]?.direction;
      expect(slides()).to.equal('sendrecv');
      await connection.setSource('slides', undefined);
      expect(slides()).to.equal('recvonly');
      expect(types()).to.deep.equal(['OFFER 1', 'OFFER 2', 'OFFER 3']);
    });
    it('merge changes that come while an offer is under way', async () => {
      const { connection, types } = setUp();
      const connected = connection.connect();
      await settled();
      const changes = Promise.all([
        connection.setDirection('video', { receive: false }),
        connection.setSource('slides', new FakeTrack('video').real),
        connection.setDirection('audio', { send: false }),
      ]);
      FakePeerConnection.last.become('connected');
      await connected;
      await changes;
      expect(types().length).to.be.lessThan(4);
      expect(FakePeerConnection.last.transceivers.map(({ direction }) => direction)).to.deep.equal([
        'recvonly',
        'sendonly',
        'sendrecv',
      ]);
    });
    it('are not listened to any more after they were replaced, and after close', async () => {
      const { connection } = setUp();
      const [first, second] = [fakeSource(), fakeSource()];
      await connection.setSource('audio', first);
      await connection.setSource('audio', second);
      expect([first.listeners.size, second.listeners.size]).to.deep.equal([0, 1]);
      connection.close();
      expect(second.listeners.size).to.equal(0);
    });
    it('reject a track that has ended, and keep what was there', async () => {
      const { connection } = setUp();
      const [good, ended] = [new FakeTrack('audio'), new FakeTrack('audio')];
      ended.stop();
      await connection.setSource('audio', good.real);
      expect(await failure(connection.setSource('audio', ended.real))).to.include({
        code: 'ERR_MEDIA_ENDED',
      });
      const connected = connection.connect();
      await settled();
      FakePeerConnection.last.become('connected');
      await connected;
      expect(FakePeerConnection.last.transceivers[0]?.sender.track).to.equal(good);
    });
    it('name the slots when one is asked for that is not there', async () => {
      const { connection } = setUp();
      const error = await failure(connection.setSource('whiteboard', undefined));
      expect((error as Error).message).to.include('audio, video, slides');
    });
  });

  describe('no common video codec (M-10)', () => {
    it('is a problem of the slot that names both sides; audio connects', async () => {
      const answer = fakeSdp(three).replace(/a=rtpmap:96 VP8/g, 'a=rtpmap:96 AV1');
      const { connect, problems, connection } = setUp({ answer });
      await connect();
      expect(problems.map(({ slot, error }) => `${slot ?? ''} ${error.code}`)).to.deep.equal([
        'video ERR_MEDIA_CODEC',
        'slides ERR_MEDIA_CODEC',
      ]);
      expect(problems[0]?.error.message).to.include('VP8').and.to.include('AV1');
      expect(connection.state).to.equal('connected');
      expect(FakePeerConnection.last.remoteDescription?.sdp).to.match(/m=video 0 /);
    });
    it('is over when a later answer has one', async () => {
      let codec = 'AV1';
      const { connect, connection } = setUp({
        answer: () => fakeSdp(three).replace(/a=rtpmap:96 VP8/g, `a=rtpmap:96 ${codec}`),
      });
      await connect();
      expect(connection.problems).to.have.length(2);
      codec = 'VP8';
      await connection.negotiate();
      expect(connection.problems).to.deep.equal([]);
    });
  });

  describe('reconnecting (G-01)', () => {
    it('changes to reconnecting when the path is lost, and once back when it recovers', async () => {
      const { connect, states } = setUp();
      await connect();
      FakePeerConnection.last.become('disconnected');
      FakePeerConnection.last.become('connected');
      expect(states).to.deep.equal(['connecting', 'connected', 'reconnecting', 'connected']);
      expect(FakePeerConnection.made).to.have.length(1);
    });
    it('makes a new peer connection after 10 s, closes the old one, and goes on counting', async () => {
      const { connect, states, types, clock, restart } = setUp();
      await connect();
      const old = FakePeerConnection.last;
      old.become('disconnected');
      restart();
      clock.advance(10_000);
      await settled();
      expect(old.closed).to.equal(true);
      // the old one wakes up while the new one is made
      old.become('connected');
      FakePeerConnection.last.become('connected');
      expect(states).to.deep.equal(['connecting', 'connected', 'reconnecting', 'connected']);
      expect(types()).to.deep.equal(['OFFER 1', 'OFFER 2']);
      expect(FakePeerConnection.made.map(({ closed }) => closed)).to.deep.equal([true, false]);
    });
    it('carries over sources, directions and what was changed meanwhile (G-02)', async () => {
      const { connect, connection, restart } = setUp();
      const microphone = fakeSource(new FakeTrack('audio'));
      await connection.setSource('audio', microphone);
      await connection.setSource('slides', new FakeTrack('video').real);
      await connect();
      restart();
      const again = connection.reconnect();
      const camera = new FakeTrack('video');
      void connection.setSource('video', camera.real);
      const other = new FakeTrack('audio');
      microphone.change(other);
      await settled();
      FakePeerConnection.last.become('connected');
      await again;
      await settled();
      const { transceivers } = FakePeerConnection.last;
      expect(transceivers.map(({ sender }) => sender.track)).to.deep.equal([
        other,
        camera,
        transceivers[2]?.sender.track,
      ]);
      expect(transceivers[2]?.direction).to.equal('sendrecv');
      expect(transceivers).to.have.length(3);
    });
    it('gives up after three attempts in a row, with the reason', async () => {
      const { connect, states, connection } = setUp();
      await connect();
      for (let n = 0; n < 4; n += 1) {
        FakePeerConnection.last.become('failed');
        await settled();
      }
      expect(states).to.deep.equal(['connecting', 'connected', 'reconnecting', 'failed']);
      expect(connection.error).to.include({ code: 'ERR_MEDIA_PATH' });
      expect(FakePeerConnection.made).to.have.length(4);
      expect(FakePeerConnection.made.every(({ closed }) => closed)).to.equal(true);
    });
    it('resets the count of attempts after each one that succeeded', async () => {
      const { connect, states, restart } = setUp();
      await connect();
      for (let n = 0; n < 6; n += 1) {
        restart();
        FakePeerConnection.last.become('failed');
        await settled();
        FakePeerConnection.last.become('connected');
      }
      expect(states.slice(-2)).to.deep.equal(['reconnecting', 'connected']);
      expect(FakePeerConnection.made).to.have.length(7);
    });
    it('ignores tracks of the previous peer connection', async () => {
      const { connect, connection, restart } = setUp();
      await connect();
      const [old] = connection.remote['video']?.getTracks() as unknown as readonly FakeTrack[];
      restart();
      const again = connection.reconnect();
      await settled();
      FakePeerConnection.last.become('connected');
      await again;
      const lives: boolean[] = [];
      connection.on('remote', ({ live }) => lives.push(live));
      old?.setMuted(true);
      expect(lives).to.deep.equal([]);
    });
    it('leaves it to the app where it asked for that', async () => {
      const { connect, states } = setUp({ autoReconnect: false });
      await connect();
      FakePeerConnection.last.become('failed');
      expect(states.at(-1)).to.equal('failed');
    });
    it('can be started again after it failed', async () => {
      const { connect, connection, restart } = setUp({ autoReconnect: false });
      await connect();
      FakePeerConnection.last.become('failed');
      restart();
      const again = connection.reconnect({ iceServers: [{ urls: 'turn:new' }] });
      await settled();
      FakePeerConnection.last.become('connected');
      await again;
      expect(FakePeerConnection.last.configuration.iceServers).to.deep.equal([{ urls: 'turn:new' }]);
    });
  });

  describe('glare', () => {
    it('the service gives up its own offer, answers, and offers again', async () => {
      const sent: string[] = [];
      const { connection } = setUp({
        role: 'service',
        silent: true,
        send: ({ messageType, seq }) => {
          sent.push(`${messageType} ${String(seq)}`);
        },
      });
      void connection.connect();
      await settled();
      const pc = FakePeerConnection.last;
      expect(pc.signalingState).to.equal('have-local-offer');
      connection.receive({ messageType: 'OFFER', seq: 1, sdps: [fakeSdp(three)], tieBreaker: 0xfffffffe });
      await settled();
      expect(sent).to.deep.equal(['OFFER 1', 'ANSWER 1']);
      connection.receive({ messageType: 'OK', seq: 1 });
      await settled();
      expect(sent).to.deep.equal(['OFFER 1', 'ANSWER 1', 'OFFER 2']);
      expect(pc.rollbacks).to.equal(1);
      connection.close();
    });
  });

  describe('close', () => {
    for (const [moment, during] of [
      ['before anything', () => Promise.resolve()],
      ['while the offer is made', () => Promise.resolve()],
      ['while the answer is awaited', settled],
    ] as const)
      it(`${moment}: rejects what waits, closes the peer connection, leaves no timer (M-13)`, async () => {
        const { connection, clock, states } = setUp({ silent: true });
        const connected = moment === 'before anything' ? undefined : failure(connection.connect());
        await during();
        connection.close();
        connection.close();
        if (connected) expect(await connected).to.include({ code: 'ERR_MEDIA_ENDED' });
        await settled();
        expect(clock.pending).to.equal(0);
        expect(FakePeerConnection.made.every(({ closed }) => closed)).to.equal(true);
        expect(states.at(-1)).to.equal('closed');
        expect(await failure(connection.connect())).to.include({ code: 'ERR_MEDIA_ENDED' });
        expect(await failure(connection.setSource('audio', undefined))).to.include({
          code: 'ERR_MEDIA_ENDED',
        });
        connection.receive({ messageType: 'OK', seq: 1 });
      });
    it('while reconnecting', async () => {
      const { connect, connection, clock, states } = setUp();
      await connect();
      const again = failure(connection.reconnect());
      connection.close();
      expect(await again).to.include({ code: 'ERR_MEDIA_ENDED' });
      await settled();
      expect(states.slice(-2)).to.deep.equal(['reconnecting', 'closed']);
      expect(clock.pending).to.equal(0);
    });
  });

  describe('the first media', () => {
    it('has to flow before it is connected', async () => {
      const { connection, clock, states } = setUp({ statsIntervalMs: 1000 });
      await connection.setSource('audio', new FakeTrack('audio').real);
      const connected = connection.connect();
      await settled();
      FakePeerConnection.last.become('connected');
      clock.advance(500);
      await settled();
      expect(states).to.deep.equal(['connecting']);
      FakePeerConnection.report = [{ id: 'R', type: 'remote-inbound-rtp' }];
      clock.advance(100);
      await settled();
      await connected;
      expect(states).to.deep.equal(['connecting', 'connected']);
      connection.close();
      expect(clock.pending).to.equal(0);
    });
    it('has 10 s to come', async () => {
      const { connection, clock } = setUp({ statsIntervalMs: 1000 });
      await connection.setSource('audio', new FakeTrack('audio').real);
      const connected = failure(connection.connect());
      await settled();
      FakePeerConnection.last.become('connected');
      for (let n = 0; n < 100; n += 1) {
        clock.advance(100);
        await settled();
      }
      expect(await connected).to.include({ code: 'ERR_MEDIA_PATH', phase: 'first-media' });
      expect(clock.pending).to.equal(0);
    });
  });
});
