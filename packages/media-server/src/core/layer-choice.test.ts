import { expect } from 'chai';
import { Downlink } from './downlink.js';
import { Inbound } from './inbound.js';
import { LayerChoice } from './layer-choice.js';
import { Sender } from './sender.js';
import { Source } from './source.js';

function createScene() {
  const source = new Source('ana');
  source.kind = 'video';
  [150_000, 500_000, 1_500_000].forEach((bitrateBps, index) => {
    const layer = source.layer(index);
    source.bind(layer, index + 1, new Inbound(index + 1, 90_000));
    layer.bitrateBps = bitrateBps;
  });
  const downlink = new Downlink();
  downlink.source = 'transport-cc';
  const sender = new Sender(
    { id: 's', kind: 'video', ssrc: 9, rtxSsrc: 10, mid: '1' },
    { downlink, send: () => true, epochMs: () => 0 },
  );
  sender.maxLayer = 2;
  sender.stream.watch(source, 2, 0);
  const choice = new LayerChoice();
  const adapt = (availableBps: number, now: number, overused = false): number => {
    downlink.estimateBps = availableBps;
    if (overused) downlink.overusedAtMs = now;
    choice.adapt([sender], downlink, now);
    return sender.stream.target;
  };
  return { source, sender, downlink, adapt };
}

describe('LayerChoice', () => {
  it('falls at once to what fits an overused link', () => {
    const { adapt } = createScene();
    expect(adapt(3_000_000, 0)).to.equal(2);
    expect(adapt(250_000, 1000, true)).to.equal(0);
  });
  it('does not fall for an estimate alone: the sender may have had little to send', () => {
    const { adapt } = createScene();
    expect(adapt(250_000, 0)).to.equal(2);
  });
  it('rises one layer at a time, three seconds after it fell', () => {
    const { adapt } = createScene();
    adapt(250_000, 1000, true);
    expect(adapt(3_000_000, 2000)).to.equal(0);
    expect(adapt(3_000_000, 4500)).to.equal(1);
    expect(adapt(3_000_000, 5500)).to.equal(2);
  });
  it('does not rise above what the receiver wishes', () => {
    const { adapt, sender } = createScene();
    sender.maxLayer = 1;
    expect(adapt(9_000_000, 0)).to.equal(1);
    expect(adapt(9_000_000, 9000)).to.equal(1);
  });
  it('follows a client that stops its upper layers', () => {
    const { adapt, source } = createScene();
    source.layer(2).bitrateBps = 0;
    source.layer(1).bitrateBps = 0;
    expect(adapt(3_000_000, 0)).to.equal(0);
  });
  it('stops the picture when not even the smallest fits, and starts it again', () => {
    const { adapt, sender, downlink } = createScene();
    downlink.loss = 0.5;
    adapt(30_000, 1000, true);
    expect(sender.stream.paused).to.equal(true);
    downlink.loss = 0;
    adapt(30_000, 5000);
    expect(sender.stream.paused).to.equal(true);
    adapt(30_000, 10_000);
    expect(sender.stream.paused).to.equal(false);
  });
});
