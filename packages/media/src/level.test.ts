import { fakeClock } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import { FakeTrack, fakeEnvironment } from '../test/fakes.js';
import { createLevelMeter, levelOf } from './level.js';

class FakeContext {
  static readonly made: FakeContext[] = [];
  state = 'running';
  amplitude = 0.5;
  sources = 0;
  constructor() {
    FakeContext.made.push(this);
  }
  createAnalyser() {
    return {
      fftSize: 0,
      getFloatTimeDomainData: (samples: Float32Array) => samples.fill(this.amplitude),
    };
  }
  createMediaStreamSource() {
    this.sources += 1;
    return { connect: () => undefined, disconnect: () => (this.sources -= 1) };
  }
  resume() {
    this.state = 'running';
    return Promise.resolve();
  }
  close() {
    this.state = 'closed';
    return Promise.resolve();
  }
}
const setUp = () => {
  const clock = fakeClock();
  const environment = fakeEnvironment(undefined, {
    AudioContext: FakeContext as unknown as typeof AudioContext,
  });
  const meter = createLevelMeter(environment, clock, () => undefined);
  return { clock, meter, context: FakeContext.made.at(-1) ?? new FakeContext() };
};

describe('levelOf', () => {
  it('is 0 for silence, 1 for full scale, and grows in between', () => {
    const at = (value: number) => levelOf(new Float32Array(64).fill(value));
    expect([at(0), at(1), at(2), levelOf(new Float32Array())]).to.deep.equal([0, 1, 1, 0]);
    expect(at(0.0005)).to.equal(0);
    expect(at(0.1)).to.be.closeTo(0.667, 0.01);
    expect(at(0.01)).to.be.lessThan(at(0.1));
  });
});

describe('a level meter', () => {
  it('emits the level ten times a second, and 0 while the track is muted', () => {
    const { clock, meter } = setUp();
    const levels: number[] = [];
    meter.on('level', ({ level }) => levels.push(level));
    const track = new FakeTrack('audio');
    meter.setTrack(track.real);
    clock.advance(200);
    track.enabled = false;
    clock.advance(100);
    expect(levels.map((level) => level > 0)).to.deep.equal([true, true, false]);
  });
  it('shows 0 while the browser waits for a click, and goes on after resume', async () => {
    const { clock, meter, context } = setUp();
    meter.setTrack(new FakeTrack('audio').real);
    context.state = 'suspended';
    clock.advance(100);
    expect([meter.running, meter.level]).to.deep.equal([false, 0]);
    await meter.resume();
    clock.advance(100);
    expect(meter.running).to.equal(true);
    expect(meter.level).to.be.greaterThan(0);
  });
  it('leaves no timer and no source', () => {
    const { clock, meter, context } = setUp();
    meter.setTrack(new FakeTrack('audio').real);
    meter.setTrack(new FakeTrack('audio').real);
    expect(context.sources).to.equal(1);
    meter.close();
    meter.close();
    expect([clock.pending, context.sources, context.state]).to.deep.equal([0, 0, 'closed']);
  });
  it('says where sound cannot be processed', () => {
    expect(() => createLevelMeter(fakeEnvironment(), fakeClock(), () => undefined))
      .to.throw()
      .with.property('code', 'ERR_ENVIRONMENT');
  });
});
