import { expect } from 'chai';
import {
  isMuted,
  unmuted,
  withRemoteMuted,
  withUnmuteAllowed,
  withUserMuted,
  type MuteState,
} from './mute.js';

type Step = 'user mutes' | 'user unmutes' | 'host mutes' | 'host unmutes';
const run = (steps: readonly Step[]): MuteState =>
  steps.reduce<MuteState>((state, step) => {
    switch (step) {
      case 'user mutes':
        return withUserMuted(state, true);
      case 'user unmutes':
        return withUserMuted(state, false);
      case 'host mutes':
        return withRemoteMuted(state, true);
      case 'host unmutes':
        return withRemoteMuted(state, false);
    }
  }, unmuted);

describe('mute', () => {
  for (const [steps, muted] of [
    [[], false],
    [['user mutes'], true],
    [['user mutes', 'user unmutes'], false],
    [['host mutes'], true],
    [['host mutes', 'host unmutes'], true],
    [['host mutes', 'host unmutes', 'user unmutes'], false],
    [['host mutes', 'user unmutes'], true],
    [['host mutes', 'user unmutes', 'host unmutes'], false],
    [['host mutes', 'user unmutes', 'host mutes', 'host unmutes'], true],
    [['user mutes', 'host mutes', 'host unmutes'], true],
    [['user mutes', 'host unmutes'], true],
  ] as const satisfies readonly (readonly [readonly Step[], boolean])[])
    it(`${steps.join(', ') || 'at first'}: ${muted ? 'muted' : 'open'}`, () => {
      expect(isMuted(run(steps))).to.equal(muted);
    });

  it('is opened by no sequence of messages of a service (G-07)', () => {
    const messages = [true, false] as const;
    for (let bits = 0; bits < 2 ** 6; bits += 1) {
      let state = withUserMuted(unmuted, true);
      for (let at = 0; at < 6; at += 1) {
        state = withRemoteMuted(state, messages[(bits >> at) & 1] ?? true);
        expect(isMuted(state)).to.equal(true);
      }
    }
  });
  it('keeps what the user wants apart from what others did', () => {
    expect(run(['host mutes'])).to.include({ userMuted: false, remoteMuted: true });
    expect(run(['user mutes', 'host mutes', 'host unmutes'])).to.include({
      userMuted: true,
      remoteMuted: false,
    });
  });
  it('refuses to unmute under hard mute, and not when nothing is muted', () => {
    const hard = withUnmuteAllowed(run(['host mutes']), false);
    expect(() => withUserMuted(hard, false))
      .to.throw()
      .with.property('code', 'ERR_MEDIA_UNMUTE_REFUSED');
    expect(isMuted(withUserMuted(withUnmuteAllowed(unmuted, false), false))).to.equal(false);
    expect(isMuted(withUserMuted(withUnmuteAllowed(hard, true), false))).to.equal(true); // the host still mutes
  });
});
