import { fakeClock } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import { failure, setUp } from '../../test/connection-kit.js';
import { FakePeerConnection, FakeTrack, domError, fakeEnvironment, settled } from '../../test/fakes.js';
import { createConnection } from './connection.js';

describe('a media connection', () => {
  describe('failures, with their phase and within their time (M-11)', () => {
    it('no answer within 35 s', async () => {
      const { connection, clock, states } = setUp({ silent: true });
      const connected = failure(connection.connect());
      await settled();
      clock.advance(34_999);
      expect(connection.state).to.equal('connecting');
      clock.advance(1);
      expect(await connected).to.include({ code: 'ERR_MEDIA_TIMEOUT', phase: 'answer', retryable: true });
      expect(states).to.deep.equal(['connecting', 'failed']);
      expect(FakePeerConnection.last.closed).to.equal(true);
      expect(clock.pending).to.equal(0);
    });
    it('an offer that cannot be delivered, at once', async () => {
      const { connection } = setUp({ send: () => Promise.reject(new Error('503')) });
      const error = await failure(connection.connect());
      expect(error).to.include({ code: 'ERR_MEDIA_REFUSED', phase: 'offer' });
      expect((error as Error).message).to.include('503');
    });
    it('a later offer that cannot be delivered: media goes on, the change is taken back, and works the next time', async () => {
      let down = false;
      const { connection, connect, states, serve } = setUp({
        silent: true,
        send: (message) => {
          if (down) return Promise.reject(new Error('503'));
          void Promise.resolve().then(() => {
            serve({ type: 'message', message });
          });
          return undefined;
        },
      });
      await connect();
      const pc = FakePeerConnection.last;
      const slides = () =>
        `${pc.transceivers[2]?.direction ?? ''} ${String(pc.transceivers[2]?.sender.track?.kind)}`;
      down = true;
      const screen = new FakeTrack('video');
      expect(await failure(connection.setSource('slides', screen.real))).to.include({
        code: 'ERR_MEDIA_REFUSED',
        phase: 'offer',
      });
      expect(slides()).to.equal('recvonly undefined');
      expect(await failure(connection.setDirection('audio', { send: false }))).to.include({
        code: 'ERR_MEDIA_REFUSED',
      });
      expect(pc.transceivers[0]?.direction).to.equal('sendrecv');
      expect(pc.signalingState).to.equal('stable');
      down = false;
      await connection.setSource('slides', screen.real);
      expect(slides()).to.equal('sendrecv video');
      expect(states).to.deep.equal(['connecting', 'connected']);
      expect(FakePeerConnection.made).to.have.length(1);
    });
    it('an offer that is refused, at once', async () => {
      const { connection, sent } = setUp({ silent: true });
      const connected = failure(connection.connect());
      await settled();
      connection.receive({ messageType: 'ERROR', seq: 1, errorType: 'REFUSED', errorCause: 'full' });
      const error = await connected;
      expect(error).to.include({ code: 'ERR_MEDIA_REFUSED', phase: 'answer' });
      expect((error as Error).message).to.include('REFUSED, full');
      expect(sent).to.have.length(1);
    });
    it('an offer refused for now is made again, twice at most', async () => {
      const { connection, types } = setUp({ silent: true });
      const connected = failure(connection.connect());
      for (const seq of [1, 2, 3]) {
        await settled();
        connection.receive({ messageType: 'ERROR', seq, errorType: 'RETRY' });
      }
      expect(await connected).to.include({ code: 'ERR_MEDIA_REFUSED' });
      expect(types()).to.deep.equal(['OFFER 1', 'OFFER 2', 'OFFER 3']);
    });
    it('an answer that the browser refuses; the other side gets an ERROR', async () => {
      const { connection, types } = setUp();
      const connected = failure(connection.connect());
      FakePeerConnection.last.remoteError = domError('OperationError');
      expect(await connected).to.include({ code: 'ERR_MEDIA_SDP', phase: 'answer' });
      expect(types()).to.deep.equal(['OFFER 1', 'ERROR 1']);
    });
    it('an answer that is not an SDP', async () => {
      const { connection } = setUp({ answer: 'hello' });
      expect(await failure(connection.connect())).to.include({ code: 'ERR_MEDIA_SDP', phase: 'answer' });
    });
    it('an own offer without candidates is not sent', async () => {
      const { connection, sent } = setUp();
      const connected = failure(connection.connect());
      const pc = FakePeerConnection.last;
      const createOffer = pc.createOffer.bind(pc);
      pc.createOffer = async () => {
        const made = await createOffer();
        return { ...made, sdp: made.sdp.replace(/a=candidate.*\r\n/g, '') };
      };
      expect(await connected).to.include({ code: 'ERR_MEDIA_SDP', phase: 'offer' });
      expect(sent.map(({ messageType }) => messageType)).to.deep.equal(['ERROR']);
    });
    it('no path for packets: a problem after 12 s, failed after 20 s', async () => {
      const { connection, clock, problems } = setUp();
      const connected = failure(connection.connect());
      await settled();
      FakePeerConnection.last.become('connecting', 'checking');
      clock.advance(12_000);
      expect(problems.map(({ error }) => error.code)).to.deep.equal(['ERR_MEDIA_PATH']);
      expect(connection.problems).to.have.length(1);
      clock.advance(8000);
      expect(await connected).to.include({ code: 'ERR_MEDIA_PATH', phase: 'ice' });
      expect(connection.error).to.include({ code: 'ERR_MEDIA_PATH' });
    });
    it('no WebRTC', async () => {
      const connection = createConnection(
        {
          environment: fakeEnvironment(undefined, { PeerConnection: undefined }),
          clock: fakeClock(),
          report: () => undefined,
        },
        { send: () => undefined },
      );
      expect(await failure(connection.connect())).to.include({ code: 'ERR_ENVIRONMENT' });
    });
    it('a peer connection that the browser refuses to make', async () => {
      const Refusing = function (): never {
        throw domError('UnknownError');
      };
      const connection = createConnection(
        {
          environment: fakeEnvironment(undefined, {
            PeerConnection: Refusing as unknown as typeof RTCPeerConnection,
          }),
          clock: fakeClock(),
          report: () => undefined,
        },
        { send: () => undefined },
      );
      expect(await failure(connection.connect())).to.include({ code: 'ERR_ENVIRONMENT' });
      expect(connection.state).to.equal('failed');
    });
    it('a message that is none is reported, and nothing else', async () => {
      const { connection, reports, connect } = setUp();
      await connect();
      for (const message of [null, 'x', {}, { messageType: 'OFFER', seq: 1 }]) connection.receive(message);
      expect(reports).to.have.length(4);
      expect(connection.state).to.equal('connected');
    });
  });
});
