import { expect } from 'chai';
import { FakeStream, domError, settled } from '../test/fakes.js';
import { createPlayer, type PlayableElement } from './player.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

/** A page in which sound needs a click. */
function page() {
  const state = { clicked: false };
  const element = () => {
    const made = {
      srcObject: null as MediaStream | null,
      muted: false,
      playing: false,
      sink: '',
      play(): Promise<void> {
        if (!state.clicked) return Promise.reject(domError('NotAllowedError'));
        made.playing = true;
        return Promise.resolve();
      },
      pause() {
        made.playing = false;
      },
      setSinkId(deviceId: string) {
        if (deviceId === 'gone') return Promise.reject(domError('NotFoundError'));
        if (deviceId === 'secret') return Promise.reject(domError('NotAllowedError'));
        made.sink = deviceId;
        return Promise.resolve();
      },
    };
    return made satisfies PlayableElement;
  };
  const reports: unknown[] = [];
  const player = createPlayer(
    (error) => reports.push(error),
    () => true,
  );
  const notified: string[] = [];
  player.on('blocked', () => notified.push('blocked'));
  player.on('resumed', () => notified.push('resumed'));
  const stream = () => new FakeStream().real;
  return { state, element, player, notified, reports, stream };
}

describe('a player', () => {
  it('emits blocked once; one click starts everything, later streams too (M-05)', async () => {
    const { state, element, player, notified, stream, reports } = page();
    const elements = [element(), element()];
    for (const one of elements) player.attach(stream(), one);
    await settled();
    expect(player.blocked).to.equal(true);
    expect(notified).to.deep.equal(['blocked']);
    state.clicked = true;
    expect(await player.resume()).to.equal(true);
    const later = element();
    player.attach(stream(), later);
    await settled();
    expect([...elements, later].map(({ playing }) => playing)).to.deep.equal([true, true, true]);
    expect(notified).to.deep.equal(['blocked', 'resumed']);
    expect(reports).to.deep.equal([]);
  });
  it('plays everything inside the click, before anything is awaited', () => {
    const { player, element, stream } = page();
    const calls: number[] = [];
    for (const n of [1, 2, 3]) {
      const one = element();
      player.attach(stream(), Object.assign(one, { play: () => (calls.push(n), Promise.resolve()) }));
    }
    calls.length = 0;
    void player.resume();
    expect(calls).to.deep.equal([1, 2, 3]);
  });
  it('stays blocked, and emits nothing again, when resume was called outside a click', async () => {
    const { player, element, stream, notified } = page();
    player.attach(stream(), element());
    await settled();
    expect(await player.resume()).to.equal(false);
    expect(notified).to.deep.equal(['blocked']);
  });
  it('is not blocked any more when the blocked stream is detached', async () => {
    const { player, element, stream, notified } = page();
    const one = element();
    const detach = player.attach(stream(), one);
    await settled();
    detach();
    detach();
    expect(player.blocked).to.equal(false);
    expect(one.srcObject).to.equal(null);
    expect(notified).to.deep.equal(['blocked', 'resumed']);
  });
  it('shows the later of two streams of one element; the detach of the first changes nothing', async () => {
    const { state, player, element, stream } = page();
    state.clicked = true;
    const one = element();
    const detach = player.attach(stream(), one);
    const second = stream();
    player.attach(second, one);
    detach();
    await settled();
    expect(one.srcObject).to.equal(second);
    expect(one.playing).to.equal(true);
  });
  it('ignores a play that a new stream interrupted, and reports other failures', async () => {
    const { player, element, stream, reports } = page();
    player.attach(stream(), Object.assign(element(), { play: () => Promise.reject(domError('AbortError')) }));
    player.attach(
      stream(),
      Object.assign(element(), { play: () => Promise.reject(domError('NotSupportedError')) }),
    );
    await settled();
    expect(reports).to.have.length(1);
    expect(player.blocked).to.equal(false);
  });
  it('plays on the chosen loudspeaker, in present and later elements', async () => {
    const { player, element, stream, state } = page();
    state.clicked = true;
    const [first, second] = [element(), element()];
    player.attach(stream(), first);
    await player.setOutput('headset');
    player.attach(stream(), second);
    await settled();
    expect([first.sink, second.sink, player.outputDeviceId]).to.deep.equal(['headset', 'headset', 'headset']);
    expect(await failure(player.setOutput('gone'))).to.include({ code: 'ERR_MEDIA_NO_DEVICE' });
    expect(await failure(player.setOutput('secret'))).to.include({ code: 'ERR_MEDIA_DENIED' });
    expect(player.outputDeviceId).to.equal('headset');
  });
  it('says where loudspeakers cannot be chosen', async () => {
    const player = createPlayer(() => undefined);
    expect(player.canChooseOutput).to.equal(false);
    expect(await failure(player.setOutput('x'))).to.include({ code: 'ERR_ENVIRONMENT' });
  });
  it('detaches everything when it is closed', async () => {
    const { player, element, stream } = page();
    const one = element();
    player.attach(stream(), one);
    await settled();
    player.close();
    expect(one.srcObject).to.equal(null);
  });
});
