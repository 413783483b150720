import { expect } from 'chai';
import { FakeMediaDevices, device, fakeEnvironment } from '../test/fakes.js';
import { checkMedia, type CheckOptions } from './check.js';
import { browserEnvironment, type MediaEnvironment } from './environment.js';

const permissions = (states: Readonly<Record<string, string>>) =>
  ({
    query: ({ name }: { readonly name: string }) => Promise.resolve({ state: states[name] ?? 'granted' }),
  }) as unknown as Permissions;
/** A connection that finds a candidate, or none. */
const connection = (candidate: string | null) =>
  class {
    onicecandidate: (event: object) => void = () => undefined;
    addTransceiver() {}
    createOffer() {
      return Promise.resolve({});
    }
    setLocalDescription() {
      this.onicecandidate({ candidate: candidate === null ? null : { candidate } });
      return Promise.resolve();
    }
    close() {}
  } as unknown as typeof RTCPeerConnection;
const devices = (...kinds: readonly MediaDeviceKind[]) => {
  const fake = new FakeMediaDevices();
  fake.devices = kinds.map((kind) => device(kind, kind));
  return fake;
};
const all = devices('videoinput', 'audioinput');
const good: Partial<MediaEnvironment> = {
  PeerConnection: connection('candidate:1'),
  permissions: permissions({}),
};

describe('checkMedia', () => {
  const rows: readonly (readonly [
    string,
    FakeMediaDevices,
    Partial<MediaEnvironment>,
    readonly string[],
    boolean,
    CheckOptions?,
  ])[] = [
    ['finds nothing where all is well', all, {}, [], true],
    ['an insecure page', all, { mediaDevices: undefined, isSecure: false }, ['insecure-page'], true],
    ['no devices API', all, { mediaDevices: undefined }, ['no-devices-api'], true],
    ['no camera', devices('audioinput'), {}, ['no-camera'], true],
    ['no device at all', devices(), {}, ['no-camera', 'no-microphone'], true],
    ['permission denied', all, { permissions: permissions({ camera: 'denied' }) }, ['camera-denied'], true],
    ['WebRTC missing', all, { PeerConnection: undefined }, ['webrtc-blocked'], false],
    ['WebRTC without a network', all, { PeerConnection: connection(null) }, ['no-network-candidates'], false],
    ['no common codec', all, { codecs: () => ['VP9'] }, ['no-common-codec'], true],
    [
      'a codec that can only be received',
      all,
      { codecs: (way) => (way === 'send' ? ['AV1'] : ['AV1', 'VP8']) },
      ['no-common-codec'],
      true,
    ],
    ['codecs unknown', all, { codecs: () => undefined }, [], true],
    [
      'a codec asked for',
      all,
      { codecs: () => ['VP8'] },
      ['no-common-codec'],
      true,
      { videoCodecs: ['H264'] },
    ],
  ];
  for (const [what, fake, parts, problems, canJoin, options] of rows)
    it(`${what}: ${problems.join(', ') || 'nothing'}`, async () => {
      const check = await checkMedia(options, { environment: fakeEnvironment(fake, { ...good, ...parts }) });
      expect(check.findings.map(({ problem }) => problem)).to.deep.equal(problems);
      expect([check.ok, check.canJoin]).to.deep.equal([problems.length === 0, canJoin]);
      for (const { message } of check.findings) expect(message).to.match(/^[A-Z].*\.$/);
    });
  it('opens no device', async () => {
    const fake = new FakeMediaDevices();
    await checkMedia({}, { environment: fakeEnvironment(fake, good) });
    expect(fake.calls).to.deep.equal([]);
  });
  it('counts devices and names codecs', async () => {
    expect(await checkMedia({}, { environment: fakeEnvironment(undefined, good) })).to.deep.include({
      cameras: 3,
      microphones: 3,
      videoCodecs: ['VP8', 'H264'],
    });
  });
  it('survives browsers that know no such permission', async () => {
    const rejecting = { query: () => Promise.reject(new TypeError('no')) } as unknown as Permissions;
    const check = await checkMedia(
      {},
      { environment: fakeEnvironment(undefined, { ...good, permissions: rejecting }) },
    );
    expect(check.ok).to.equal(true);
  });
});

describe('checkMedia in Node', () => {
  it('says what is missing', async () => {
    const { findings } = await checkMedia();
    expect(findings.map(({ problem }) => problem)).to.deep.equal(['insecure-page', 'webrtc-blocked']);
  });
});

describe('browserEnvironment', () => {
  it('reads codecs once each, by name', () => {
    const getCapabilities = () => ({
      codecs: [{ mimeType: 'video/VP8' }, { mimeType: 'video/H264' }, { mimeType: 'video/H264' }],
    });
    const environment = browserEnvironment({ RTCRtpSender: { getCapabilities }, RTCRtpReceiver: {} });
    expect(environment.codecs('send', 'video')).to.deep.equal(['VP8', 'H264']);
    expect(environment.codecs('receive', 'video')).to.equal(undefined);
    expect(browserEnvironment({}).codecs('send', 'audio')).to.equal(undefined);
    expect(browserEnvironment({}).isSecure).to.equal(false);
  });
});
