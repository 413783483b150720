import { expect } from 'chai';
import { isH264Keyframe, splitH264 } from './h264.js';
import { buildRtp, extensionText, isRtcp, parseRtp } from './packet.js';
import {
  buildNack,
  buildPli,
  buildReceiverReport,
  buildRemb,
  buildSenderReport,
  compactNtp,
  fromNtp,
  keyframeTargets,
  parseNack,
  parseRemb,
  parseReportBlocks,
  parseSenderReport,
  splitRtcp,
  toNtp,
} from './rtcp.js';
import { unwrapRtx, wrapRtx } from './rtx.js';
import { sequenceDifference, timestampDifference } from './sequence.js';
import { buildTelephoneEvent, parseTelephoneEvent } from './telephone-event.js';
import { buildTransportCc, parseTransportCc } from './transport-cc.js';
import { parseVp8, vp8Size } from './vp8.js';

const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');

describe('RTP packets', () => {
  // version 2, padding, extension, one CSRC; marker, type 96, sequence 258, timestamp 0x01020304, SSRC 5
  const full = hex('b1 e0 0102 01020304 00000005 00000009 bede 0001 1071 0000 aabbcc 00 00 03');

  it('reads a packet with CSRC, extension and padding', () => {
    const header = parseRtp(full);
    expect(header).to.include({
      marker: true,
      payloadType: 96,
      sequence: 258,
      timestamp: 0x01020304,
      ssrc: 5,
      payloadStart: 24,
      payloadEnd: 27,
    });
    expect(header && extensionText(full, header, 1)).to.equal('q');
  });

  it('skips extensions of the two-byte form by their length', () => {
    const header = parseRtp(hex('90 60 0001 00000001 00000002 1000 0001 03 02 4142 ff'));
    expect(header?.extensions?.get(3)).to.deep.equal({ offset: 18, length: 2 });
  });

  for (const [what, packet] of [
    ['too short', '80 60 0001'],
    ['version 1', '40 60 0001 00000001 00000002'],
    ['an extension that is longer than the packet', '90 60 0001 00000001 00000002 bede 00ff'],
    ['more padding than payload', 'a0 60 0001 00000001 00000002 ff'],
    ['more CSRCs than there are bytes', '8f 60 0001 00000001 00000002 bb'],
  ] as const)
    it(`refuses a packet with ${what}`, () => {
      const header = parseRtp(hex(packet));
      expect(header === undefined || header.payloadEnd >= header.payloadStart).to.equal(true);
      if (what !== 'an extension that is longer than the packet') expect(header).to.equal(undefined);
    });

  it('writes what it reads', () => {
    const packet = buildRtp(
      { marker: true, payloadType: 111, sequence: 65_535, timestamp: 2 ** 32 - 1, ssrc: 7 },
      Buffer.from('sound'),
      [
        [4, Buffer.from([1, 2])],
        [2, Buffer.from([3, 4, 5])],
      ],
    );
    const header = parseRtp(packet);
    expect(header).to.include({
      marker: true,
      payloadType: 111,
      sequence: 65_535,
      timestamp: 2 ** 32 - 1,
      ssrc: 7,
    });
    expect(packet.toString('latin1', header?.payloadStart, header?.payloadEnd)).to.equal('sound');
    expect([...(header?.extensions?.keys() ?? [])]).to.deep.equal([4, 2]);
  });

  it('distinguishes RTCP from RTP with the marker bit', () => {
    expect(isRtcp(buildPli(1, 2))).to.equal(true);
    expect(isRtcp(full)).to.equal(false);
  });

  it('compares numbers across their wrap', () => {
    expect(sequenceDifference(2, 65_534)).to.equal(4);
    expect(sequenceDifference(65_534, 2)).to.equal(-4);
    expect(timestampDifference(5, 2 ** 32 - 5)).to.equal(10);
  });
});

describe('retransmission', () => {
  const original = buildRtp(
    { marker: true, payloadType: 96, sequence: 40, timestamp: 9, ssrc: 1 },
    Buffer.from('abc'),
    [[3, Buffer.from([9])]],
  );
  it('carries the original number before the payload and restores the packet', () => {
    const wrapped = wrapRtx(original, { ssrc: 2, payloadType: 97, sequence: 7 });
    const header = wrapped && parseRtp(wrapped);
    expect(header).to.include({ ssrc: 2, payloadType: 97, sequence: 7, marker: true });
    expect(wrapped && header && unwrapRtx(wrapped, header, { ssrc: 1, payloadType: 96 })).to.deep.equal(
      original,
    );
  });
  it('takes a packet of padding for a probe', () => {
    const probe = buildRtp(
      { marker: false, payloadType: 97, sequence: 1, timestamp: 1, ssrc: 2 },
      Buffer.alloc(0),
    );
    const header = parseRtp(probe);
    expect(header && unwrapRtx(probe, header, { ssrc: 1, payloadType: 96 })).to.equal(undefined);
  });
});

describe('RTCP', () => {
  it('ends a compound at the first malformed packet', () => {
    const compound = Buffer.concat([buildPli(1, 2), hex('81 ce 0009 00')]);
    expect([...splitRtcp(compound)]).to.have.length(1);
  });
  it('packs lost packets into as few items as the mask allows', () => {
    const nack = buildNack(1, 2, [65_534, 65_535, 0, 14, 15, 100]);
    expect(nack.length).to.equal(12 + 3 * 4);
    expect(parseNack(nack)).to.deep.equal([65_534, 65_535, 0, 14, 15, 100]);
  });
  it('reads the targets of PLI and FIR', () => {
    const [pli] = splitRtcp(buildPli(1, 77));
    expect(pli && keyframeTargets(pli)).to.deep.equal([77]);
    const [fir] = splitRtcp(hex('84 ce 0004 00000001 00000000 0000004d 05000000'));
    expect(fir && keyframeTargets(fir)).to.deep.equal([77]);
  });
  it('carries a bandwidth estimate within its precision', () => {
    for (const bitsPerSecond of [0, 30_000, 262_143, 4_000_000, 3_000_000_000]) {
      const read = parseRemb(buildRemb(1, bitsPerSecond, [2, 3])) ?? -1;
      expect(Math.abs(read - bitsPerSecond)).to.be.at.most(bitsPerSecond * 1e-4);
    }
    expect(parseRemb(buildPli(1, 2))).to.equal(undefined);
  });
  it('carries report blocks', () => {
    const block = {
      ssrc: 5,
      fractionLost: 0.25,
      lost: 300,
      highest: 70_000,
      jitter: 12,
      lastSenderReport: 0xabcdef01,
      delaySinceLast: 65_536,
    };
    const [part] = splitRtcp(buildReceiverReport(1, [block, { ...block, ssrc: 6 }]));
    expect(part && parseReportBlocks(part)).to.deep.equal([block, { ...block, ssrc: 6 }]);
  });
  it('carries the capture time of a stream', () => {
    const ntp = toNtp(1_700_000_000_123);
    expect(fromNtp(ntp)).to.be.closeTo(1_700_000_000_123, 0.01);
    const report = buildSenderReport({ ssrc: 9, ntp, timestamp: 4242 }, { packets: 3, octets: 90 }, 'name');
    expect(report.length % 4).to.equal(0);
    const parts = [...splitRtcp(report)];
    expect(parts.map(({ type }) => type)).to.deep.equal([200, 202]);
    expect(parseSenderReport(report)).to.deep.equal({ ssrc: 9, ntp, timestamp: 4242 });
    expect(compactNtp(ntp)).to.equal(((ntp.seconds & 0xffff) * 65_536 + (ntp.fraction >>> 16)) >>> 0);
  });
});

describe('transport-wide feedback', () => {
  it('says which packets came and when, in steps of a quarter of a millisecond', () => {
    const arrivals = [
      [65_534, 1000],
      [65_535, undefined],
      [0, 1000.25],
      [1, 1500],
      [2, 1490],
    ] as const;
    expect(parseTransportCc(buildTransportCc(1, 2, 3, arrivals))).to.deep.equal(arrivals);
  });
  it('reads chunks of run lengths and of single bits', () => {
    // three received with small deltas as a run, then one bit vector chunk
    const message = hex('8fcd 0007 00000001 00000002 0005 0011 000002 00 2003 a000 04 04 04 04 00 000000');
    const read = parseTransportCc(message);
    expect(read.slice(0, 4)).to.deep.equal([
      [5, 129],
      [6, 130],
      [7, 131],
      [8, 132],
    ]);
    expect(read[4]).to.deep.equal([9, undefined]);
  });
  it('reads a truncated message without inventing arrivals', () => {
    const whole = buildTransportCc(
      1,
      2,
      3,
      Array.from({ length: 50 }, (_, index) => [index, index * 10] as const),
    );
    for (let length = 0; length < whole.length; length += 1)
      expect(parseTransportCc(whole.subarray(0, length)).length).to.be.at.most(50);
  });
});

describe('payloads', () => {
  it('reads the VP8 descriptor and where a keyframe begins', () => {
    const packet = hex('90 e0 8123 45 40 00 9d012a');
    expect(parseVp8(packet, 0, packet.length)).to.deep.equal({
      start: true,
      key: true,
      dataStart: 6,
      pictureId: { value: 0x123, offset: 2, bytes: 2 },
      tl0PicIdx: { value: 0x45, offset: 4 },
      temporalLayer: 1,
    });
    expect(parseVp8(hex('90 80 23 01'), 0, 4)).to.include({ key: false, start: true });
    expect(parseVp8(hex('90 80'), 0, 2)).to.equal(undefined);
  });
  it('reads the size of a VP8 keyframe', () => {
    expect(vp8Size(hex('500300 9d012a 8002 6801'))).to.deep.equal({ width: 640, height: 360 });
    expect(vp8Size(hex('510300'))).to.equal(undefined);
  });
  it('finds H.264 keyframes in single, aggregated and fragmented units', () => {
    const key = (text: string): boolean => isH264Keyframe(hex(text), 0, hex(text).length);
    expect(key('65 88')).to.equal(true);
    expect(key('78 0002 0910 0003 674200')).to.equal(true);
    expect(key('7c 85 00')).to.equal(true);
    expect(key('7c 05 00')).to.equal(false);
    expect(key('41 9a')).to.equal(false);
  });
  it('splits aggregated H.264 and restores the header of a fragment', () => {
    expect(splitH264(hex('78 0002 0910 0003 674200')).map(({ data }) => data.toString('hex'))).to.deep.equal([
      '0910',
      '674200',
    ]);
    expect(splitH264(hex('7c 85 aa'))[0]).to.deep.equal({ data: hex('65 aa'), begins: true, ends: false });
    expect(splitH264(hex('7c 45 bb'))[0]).to.deep.equal({ data: hex('bb'), begins: false, ends: true });
  });
  it('reads and writes tones', () => {
    const event = { digit: '#', end: true, volume: 10, duration: 4800 };
    expect(parseTelephoneEvent(buildTelephoneEvent(event))).to.deep.equal(event);
    expect(parseTelephoneEvent(hex('20 00 0000'))).to.equal(undefined);
  });
});
