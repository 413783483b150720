import { fakeHost } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import {
  FakeMediaDevices,
  FakePeerConnection,
  FakeTrack,
  domError,
  fakeEnvironment,
  settled,
} from '../test/fakes.js';
import { createMedia } from './media.js';
import { media } from './plugin.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

describe('media', () => {
  it('releases everything it opened, at any moment, and nothing of the app (M-04)', async () => {
    const fake = new FakeMediaDevices();
    const made = createMedia({ environment: fakeEnvironment(fake) });
    const own = new FakeTrack('audio');
    made.own(own.real).setUserMuted(true);
    await made.camera().start();
    await made.screen().start();
    let release: () => void = () => undefined;
    fake.held = new Promise<void>((resolve) => (release = resolve));
    const late = failure(made.microphone().start()); // the user is being asked
    await settled();
    made.close();
    made.close();
    release();
    expect(await late).to.include({ code: 'ERR_MEDIA_ENDED' });
    await settled();
    expect(fake.tracks.map(({ readyState }) => readyState)).to.deep.equal(Array(4).fill('ended'));
    expect(own).to.include({ readyState: 'live', enabled: true });
  });
  it('makes nothing after it was closed', () => {
    const made = createMedia({ environment: fakeEnvironment() });
    made.close();
    for (const make of [
      () => made.camera(),
      () => made.screen(),
      () => made.connection({ send: () => undefined }),
    ])
      expect(make).to.throw().with.property('code', 'ERR_MEDIA_ENDED');
  });
  it('opens a device of each kind with a call of its own: revoking one permission leaves the other (M-03)', async () => {
    const fake = new FakeMediaDevices();
    const made = createMedia({ environment: fakeEnvironment(fake) });
    const [camera, microphone] = [made.camera(), made.microphone()];
    await Promise.all([camera.start(), microphone.start()]);
    expect(fake.calls).to.deep.equal([{ video: {} }, { audio: {} }]);
    fake.refuse = (kind) => {
      if (kind === 'video') throw domError('NotAllowedError');
    };
    fake.tracks.find(({ kind }) => kind === 'video')?.end();
    await settled();
    expect([camera.state, microphone.state]).to.deep.equal(['off', 'live']);
    made.close();
  });
  it('loads and is made in Node, and says what is missing when it is used', async () => {
    const made = createMedia();
    expect(await failure(made.camera().start())).to.include({ code: 'ERR_ENVIRONMENT' });
    expect(await failure(made.microphone().start())).to.include({ code: 'ERR_ENVIRONMENT' });
    expect(await failure(made.screen().start())).to.include({ code: 'ERR_ENVIRONMENT' });
    expect(await failure(made.devices.list())).to.include({ code: 'ERR_ENVIRONMENT' });
    expect(() => made.level())
      .to.throw()
      .with.property('code', 'ERR_ENVIRONMENT');
    expect(await failure(made.connection({ send: () => undefined }).connect())).to.include({
      code: 'ERR_ENVIRONMENT',
    });
    expect((await made.check()).canJoin).to.equal(false);
    made.close();
  });
  it('leaves no timer, connection or listener after fifty rounds (M-13)', async () => {
    FakePeerConnection.reset();
    const fake = new FakeMediaDevices();
    const host = fakeHost();
    const made = createMedia({ environment: fakeEnvironment(fake), clock: host.clock });
    const round = async (cut: boolean): Promise<void> => {
      const [camera, connection] = [made.camera(), made.connection({ send: () => undefined })];
      const started = camera.start();
      const connected = failure(connection.connect());
      await connection.setSource('video', camera);
      if (!cut) await started;
      connection.close();
      camera.close();
      await Promise.all([connected, failure(started)]);
    };
    await round(false);
    const first = fake.listeners;
    for (let n = 0; n < 50; n += 1) await round(n % 5 === 0);
    await settled();
    expect(fake.listeners).to.equal(first);
    expect(FakePeerConnection.made.every(({ closed }) => closed)).to.equal(true);
    expect(fake.live).to.deep.equal([]);
    expect((host.clock as unknown as { pending: number }).pending).to.equal(0);
    made.close();
    expect(fake.listeners).to.equal(0);
  });
});

describe('the plugin', () => {
  it('closes with the client, and reports what listeners throw', async () => {
    const fake = new FakeMediaDevices();
    const host = fakeHost();
    const api = media({ environment: fakeEnvironment(fake) }).setup(host);
    const camera = api.camera();
    camera.on('change', () => {
      throw new Error('mine');
    });
    await camera.start();
    expect(host.reports.length).to.be.greaterThan(0);
    await host.close();
    expect(fake.live).to.deep.equal([]);
  });
});
