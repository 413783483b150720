import { expect } from 'chai';
import { buildRtp } from '../rtp/packet.js';
import { parseVp8 } from '../rtp/vp8.js';
import { Inbound } from './inbound.js';
import type { Rewritten } from './rewriter.js';
import { Source } from './source.js';
import { StreamSwitch } from './stream-switch.js';

/** A source with layers, whose pictures are one packet each. */
function createSource(id: string, layers = 1) {
  const source = new Source(id);
  source.kind = 'video';
  const asked: number[] = [];
  source.onKeyframeNeeded = ({ index }) => asked.push(index);
  const sequences = Array.from({ length: layers }, (_, index) => 1000 * (index + 1));
  for (let index = 0; index < layers; index += 1)
    source.bind(source.layer(index), index + 1, new Inbound(index + 1, 90_000));
  const show = (layer: number, key: boolean, now: number) => {
    const sequence = (sequences[layer] = (sequences[layer] ?? 0) + 1);
    const payload = Buffer.from([
      0x90,
      0xc0,
      0x80 | (sequence >> 8),
      sequence & 255,
      sequence & 255,
      key ? 0 : 1,
      0,
    ]);
    const packet = buildRtp(
      { marker: true, payloadType: 96, sequence, timestamp: now * 90 + layer * 7777, ssrc: layer + 1 },
      payload,
    );
    source.emitLayer(layer, packet, 'vp8', 90_000, now);
  };
  return { source, asked, show };
}
function createReceiver(accepts: readonly string[] = ['vp8']) {
  const out: (Rewritten & { readonly from: string })[] = [];
  const stream = new StreamSwitch(
    (rewritten, { source, layer }) => out.push({ ...rewritten, from: `${source.id}${String(layer.index)}` }),
    (codec) => accepts.includes(codec),
  );
  return { out, stream, from: () => out.map(({ from }) => from).join(' ') };
}

describe('StreamSwitch', () => {
  it('keeps the picture before until the next one begins with a keyframe', () => {
    const ana = createSource('a');
    const ben = createSource('b');
    const { stream, from } = createReceiver();
    stream.watch(ana.source, 0, 0);
    ana.show(0, true, 0);
    stream.watch(ben.source, 0, 40);
    expect(ben.asked).to.deep.equal([0]);
    ana.show(0, false, 40);
    ben.show(0, false, 40);
    ana.show(0, false, 80);
    ben.show(0, true, 80);
    ana.show(0, false, 120);
    ben.show(0, false, 120);
    expect(from()).to.equal('a0 a0 a0 b0 b0');
    expect(ana.source.sinks.size).to.equal(0);
  });

  it('numbers sequence, picture id and tl0picidx without a gap across sources', () => {
    const ana = createSource('a');
    const ben = createSource('b');
    const { stream, out } = createReceiver();
    for (const [one, start] of [
      [ana, 0],
      [ben, 400],
    ] as const) {
      stream.watch(one.source, 0, start);
      for (let now = start; now < start + 200; now += 40) one.show(0, now === start, now);
    }
    const descriptors = out.map(({ payload }) => parseVp8(payload, 0, payload.length));
    out.slice(1).forEach(({ sequence, timestamp }, index) => {
      const before = out[index];
      expect((sequence - (before?.sequence ?? 0)) & 0xffff).to.equal(1);
      expect((timestamp - (before?.timestamp ?? 0)) | 0).to.be.greaterThan(0);
      const [a, b] = [descriptors[index], descriptors[index + 1]];
      expect(((b?.pictureId?.value ?? 0) - (a?.pictureId?.value ?? 0)) & 0x7fff).to.equal(1);
      expect(((b?.tl0PicIdx?.value ?? 0) - (a?.tl0PicIdx?.value ?? 0)) & 255).to.equal(1);
    });
    // 240 ms passed between the last picture of one and the first of the other
    expect(((out[5]?.timestamp ?? 0) - (out[4]?.timestamp ?? 0)) | 0).to.equal(240 * 90);
  });

  it('keeps the time of a picture when the layer changes and sender reports are known', () => {
    const ana = createSource('a', 2);
    for (const [index, { inbound }] of ana.source.layers.entries())
      if (inbound)
        inbound.report = {
          ssrc: index + 1,
          ntp: { seconds: 0, fraction: 0 },
          timestamp: index * 7777,
          atMs: 0,
          captureMs: 0,
        };
    const { stream, out, from } = createReceiver();
    stream.watch(ana.source, 0, 0);
    ana.show(0, true, 0);
    stream.want(1, 10);
    expect(ana.asked).to.deep.equal([0, 1]);
    ana.show(0, false, 40);
    // the keyframe arrives 300 ms late, and was captured at 80 ms
    const late = createReceiver();
    late.stream.close();
    ana.show(1, true, 80);
    expect(from()).to.equal('a0 a0 a1');
    expect(((out[2]?.timestamp ?? 0) - (out[1]?.timestamp ?? 0)) | 0).to.equal(40 * 90);
  });

  it('does not send what the receiver cannot decode', () => {
    const ana = createSource('a');
    const { stream, out } = createReceiver(['h264-high']);
    stream.watch(ana.source, 0, 0);
    ana.show(0, true, 0);
    expect(out).to.have.length(0);
  });

  it('waits for a keyframe after the client replaced its stream', () => {
    const ana = createSource('a');
    const { stream, from } = createReceiver();
    stream.watch(ana.source, 0, 0);
    ana.show(0, true, 0);
    ana.source.bind(ana.source.layer(0), 99, new Inbound(99, 90_000));
    ana.show(0, false, 40);
    ana.show(0, true, 80);
    expect(from()).to.equal('a0 a0');
  });

  it('takes the best layer that is sent when the wished one is not', () => {
    const ana = createSource('a', 2);
    const { stream, from } = createReceiver();
    stream.watch(ana.source, 99, 0);
    ana.show(0, true, 0);
    ana.show(1, true, 0);
    expect(from()).to.equal('a1');
  });

  it('asks for a keyframe at most every 400 ms', () => {
    const ana = createSource('a');
    const { stream } = createReceiver();
    stream.watch(ana.source, 0, 0);
    for (let now = 0; now < 1000; now += 10) ana.show(0, false, now);
    expect(ana.asked).to.have.length(3);
  });
});
