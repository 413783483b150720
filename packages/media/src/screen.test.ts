import { expect } from 'chai';
import {
  FakeMediaDevices,
  type FakeStream,
  FakeTrack,
  domError,
  fakeEnvironment,
  settled,
} from '../test/fakes.js';
import { createCapture } from './capture.js';
import { createScreen } from './screen.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

function setUp() {
  const fake = new FakeMediaDevices();
  const capture = createCapture(fakeEnvironment(fake));
  const screen = createScreen(capture, () => undefined);
  const notified: string[] = [];
  screen.on('change', ({ state }) => notified.push(state));
  screen.on('ended', ({ by }) => notified.push(`ended by ${by}`));
  return { fake, capture, screen, notified };
}

describe('a screen share', () => {
  it('passes options to the browser as they are (M-07)', async () => {
    const { fake, screen } = setUp();
    const options = {
      video: { displaySurface: 'browser' },
      audio: true,
      systemAudio: 'exclude',
      odd: { a: 1 },
    };
    await screen.start(options);
    expect(fake.displayCalls[0]).to.equal(options);
  });
  it('calls the picker in the same turn, so that the click still counts', () => {
    const { fake, screen } = setUp();
    void screen.start();
    expect(fake.displayCalls).to.have.length(1);
  });
  it('opens one picker for two quick starts (M-06)', async () => {
    const { fake, screen, notified } = setUp();
    await Promise.all([screen.start(), screen.start()]);
    await screen.start();
    expect(fake.displayCalls).to.have.length(1);
    expect(notified).to.deep.equal(['choosing', 'live']);
  });
  it('rejects as cancelled when the picker is closed, and opens again', async () => {
    const { fake, screen, notified } = setUp();
    const { display } = fake;
    fake.display = () => {
      throw domError('NotAllowedError');
    };
    expect(await failure(screen.start())).to.include({ code: 'ERR_MEDIA_CANCELLED' });
    expect(screen.state).to.equal('off');
    fake.display = display;
    await screen.start();
    expect(notified).to.deep.equal(['choosing', 'off', 'choosing', 'live']);
  });
  for (const [name, message, code] of [
    ['NotAllowedError', 'Permission denied by system', 'ERR_MEDIA_DENIED'],
    ['InvalidStateError', 'a user gesture is needed', 'ERR_MEDIA_DENIED'],
    ['NotReadableError', 'hardware', 'ERR_MEDIA_BUSY'],
    ['NotFoundError', 'none', 'ERR_MEDIA_NO_DEVICE'],
  ] as const)
    it(`maps ${name} (${message}) to ${code}`, async () => {
      const { fake, screen } = setUp();
      fake.display = () => {
        throw domError(name, { message });
      };
      expect(await failure(screen.start())).to.include({ code });
    });
  it('says when the browser cannot share at all', async () => {
    const { fake, screen } = setUp();
    (fake as { getDisplayMedia?: unknown }).getDisplayMedia = undefined;
    expect(await failure(screen.start())).to.include({ code: 'ERR_ENVIRONMENT' });
  });
  it('ends once by the browser, with picture and sound, and starts again (M-06)', async () => {
    const { fake, screen, notified } = setUp();
    await screen.start();
    const [video, audio] = fake.tracks;
    const tracks: unknown[] = [];
    screen.on('tracks', (event) => tracks.push(event));
    audio?.end();
    video?.end();
    await settled();
    expect(notified).to.deep.equal(['choosing', 'live', 'off', 'ended by browser']);
    expect(tracks.at(-1)).to.deep.equal({ video: undefined, audio: undefined });
    await screen.start();
    expect(screen.state).to.equal('live');
    expect(fake.live).to.have.length(2);
  });
  it('ends the sound with the picture (M-07)', async () => {
    const { fake, screen } = setUp();
    await screen.start();
    fake.tracks[0]?.end();
    expect(fake.live).to.deep.equal([]);
    expect(screen.audio.track).to.equal(undefined);
  });
  it('goes on without sound when only the sound ends', async () => {
    const { fake, screen } = setUp();
    await screen.start();
    fake.tracks[1]?.end();
    expect(screen.state).to.equal('live');
    expect(screen.audio.track).to.equal(undefined);
    expect(screen.video.track).to.equal(fake.tracks[0]);
  });
  it('notifies its sources which track changed', async () => {
    const { fake, screen } = setUp();
    const videos: unknown[] = [];
    const sounds: unknown[] = [];
    screen.video.onTrack((track) => videos.push(track));
    screen.audio.onTrack((track) => sounds.push(track));
    fake.display = () => fake.give([new FakeTrack('video')]);
    await screen.start();
    expect(videos).to.deep.equal([fake.tracks[0]]);
    expect(sounds).to.deep.equal([]);
    screen.stop();
    expect(videos).to.have.length(2);
  });
  it('releases what is chosen after stop or close (M-04)', async () => {
    for (const end of ['stop', 'close'] as const) {
      const { fake, screen, capture } = setUp();
      let choose: (stream: FakeStream) => void = () => undefined;
      fake.display = () => new Promise<FakeStream>((resolve) => (choose = resolve));
      const started = failure(screen.start());
      await settled();
      screen[end]();
      choose(fake.give([new FakeTrack('video')]));
      expect(await started).to.include({ code: 'ERR_MEDIA_ENDED' });
      await settled();
      expect(fake.live).to.deep.equal([]);
      expect(capture.tracks.size).to.equal(0);
      expect(screen.state).to.equal('off');
    }
  });
  it('gives up a stream without a picture', async () => {
    const { fake, screen } = setUp();
    fake.display = () => fake.give([new FakeTrack('audio')]);
    expect(await failure(screen.start())).to.include({ code: 'ERR_MEDIA_CANCELLED' });
    expect(fake.live).to.deep.equal([]);
  });
  it('rejects after close', async () => {
    const { screen } = setUp();
    screen.close();
    expect(await failure(screen.start())).to.include({ code: 'ERR_MEDIA_ENDED' });
  });
});
