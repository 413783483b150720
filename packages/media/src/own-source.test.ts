import { expect } from 'chai';
import { FakeTrack } from '../test/fakes.js';
import { createOwnSource } from './own-source.js';

describe("a source of the app's own track", () => {
  it('mutes it, and leaves it as it was, never stopped (M-04)', () => {
    for (const enabled of [true, false]) {
      const track = new FakeTrack('audio');
      track.enabled = enabled;
      const source = createOwnSource(track.real, () => undefined);
      source.setUserMuted(true);
      expect([track.enabled, source.sending, source.muted]).to.deep.equal([false, false, true]);
      source.setRemoteMuted(true);
      source.setUserMuted(false);
      expect(track.enabled).to.equal(false);
      source.close();
      source.setUserMuted(true);
      expect([track.enabled, track.readyState]).to.deep.equal([enabled, 'live']);
    }
  });
  it('emits a change when the track ends', () => {
    const track = new FakeTrack('audio');
    const source = createOwnSource(track.real, () => undefined);
    const states: string[] = [];
    source.on('change', ({ state, sending }) => states.push(`${state} ${String(sending)}`));
    track.end();
    expect(states).to.deep.equal(['off false']);
  });
});
