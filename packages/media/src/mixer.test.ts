import { expect } from 'chai';
import { FakeStream, FakeTrack, fakeEnvironment, fakeSource } from '../test/fakes.js';
import { createMixer } from './mixer.js';

/** Counts what is connected. */
class FakeContext {
  static open = 0;
  static readonly inputs = new Set<FakeTrack>();
  readonly mixed = new FakeTrack('audio');
  constructor() {
    FakeContext.open += 1;
  }
  createMediaStreamDestination() {
    return { stream: new FakeStream([this.mixed]) };
  }
  createMediaStreamSource(stream: FakeStream) {
    const [track] = stream.getTracks();
    return {
      connect: () => track && FakeContext.inputs.add(track),
      disconnect: () => track && FakeContext.inputs.delete(track),
    };
  }
  resume() {
    return Promise.resolve();
  }
  close() {
    FakeContext.open -= 1;
    return Promise.resolve();
  }
}
const environment = fakeEnvironment(undefined, {
  AudioContext: FakeContext as unknown as typeof AudioContext,
});

describe('a mixer', () => {
  it('passes a single track on, mixes two, and goes back to one (M-07)', () => {
    const [microphone, tab] = [new FakeTrack('audio'), new FakeTrack('audio')];
    const [first, second] = [fakeSource(microphone), fakeSource()];
    const mixer = createMixer(environment, [first, second]);
    const seen: unknown[] = [];
    mixer.onTrack((track) => seen.push(track));
    expect(mixer.track).to.equal(microphone);
    second.change(tab);
    expect(mixer.track).not.to.be.oneOf([microphone, tab]);
    expect([...FakeContext.inputs]).to.deep.equal([microphone, tab]);
    const mixed = mixer.track as unknown as FakeTrack;
    second.change(undefined);
    expect(mixer.track).to.equal(microphone);
    expect(mixed.readyState).to.equal('ended');
    expect([microphone.readyState, tab.readyState]).to.deep.equal(['live', 'live']);
    expect(seen).to.deep.equal([mixed, microphone]);
    expect([FakeContext.open, FakeContext.inputs.size]).to.deep.equal([0, 0]);
  });
  it('keeps its track while one of two sources is replaced', () => {
    const [first, second] = [fakeSource(new FakeTrack('audio')), fakeSource(new FakeTrack('audio'))];
    const mixer = createMixer(environment, [first, second]);
    const { track } = mixer;
    const next = new FakeTrack('audio');
    first.change(next);
    expect(mixer.track).to.equal(track);
    expect(FakeContext.inputs.has(next)).to.equal(true);
    expect(FakeContext.inputs.size).to.equal(2);
    mixer.close();
    mixer.close();
    expect([FakeContext.open, FakeContext.inputs.size, first.listeners.size]).to.deep.equal([0, 0, 0]);
    first.change(undefined);
    expect(mixer.track).to.equal(undefined);
  });
  it('sends the first one where there is no Web Audio', () => {
    const [microphone, tab] = [new FakeTrack('audio'), new FakeTrack('audio')];
    const mixer = createMixer(fakeEnvironment(), [fakeSource(microphone), fakeSource(tab)]);
    expect(mixer.track).to.equal(microphone);
  });
});
