import { expect } from 'chai';
import { createCounters } from './counters.js';
import { createNormaliser } from './normalise.js';
import { createQualityMonitor, qualityOf } from './quality.js';
import { createSpeakingDetector } from './speaking.js';
import type { MediaStats, OutboundStats } from './types.js';

const report = (...entries: readonly object[]) => ({
  forEach: (each: (entry: Readonly<Record<string, unknown>>) => void) => {
    for (const entry of entries) each(entry as Readonly<Record<string, unknown>>);
  },
});
const slotOf = (mid: string | undefined, trackId: string | undefined) =>
  mid === undefined ? (trackId === 'the-track' ? 'audio' : undefined) : { '0': 'audio', '1': 'video' }[mid];

const chrome = (more: object = {}, remote: object = {}) =>
  report(
    {
      id: 'O',
      type: 'outbound-rtp',
      kind: 'audio',
      mid: '0',
      ssrc: 7,
      codecId: 'C',
      remoteId: 'R',
      mediaSourceId: 'M',
      bytesSent: 1000,
      packetsSent: 10,
      ...more,
    },
    { id: 'C', type: 'codec', mimeType: 'audio/opus' },
    { id: 'M', type: 'media-source', audioLevel: 0.25, trackIdentifier: 'x' },
    {
      id: 'R',
      type: 'remote-inbound-rtp',
      localId: 'O',
      packetsLost: 1,
      fractionLost: 0.1,
      roundTripTime: 0.0205,
      jitter: 0.003,
      timestamp: 5,
      ...remote,
    },
    { id: 'T', type: 'transport', selectedCandidatePairId: 'P', bytesSent: 2000, bytesReceived: 3000 },
    {
      id: 'P',
      type: 'candidate-pair',
      localCandidateId: 'L',
      remoteCandidateId: 'Q',
      currentRoundTripTime: 0.01,
      availableOutgoingBitrate: 300_000,
    },
    { id: 'L', type: 'local-candidate', candidateType: 'relay', protocol: 'udp', relayProtocol: 'tcp' },
    { id: 'Q', type: 'remote-candidate', candidateType: 'host' },
  );

/** Every number in a measurement is finite and not negative. */
function expectSane(value: unknown, path = ''): void {
  if (typeof value === 'number') {
    expect(Number.isFinite(value), path).to.equal(true);
    expect(value, path).to.be.at.least(0);
  } else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) expectSane(inner, `${path}.${key}`);
}

describe('the normaliser', () => {
  it('gives units, levels and the path', () => {
    const stats = createNormaliser().read(chrome(), 1000, 'one', slotOf);
    expect(stats.outbound[0]).to.include({
      slot: 'audio',
      kind: 'audio',
      codec: 'opus',
      bytesSent: 1000,
      packetsLost: 1,
      lossPercent: 10,
      rttMs: 20.5,
      jitterMs: 3,
      audioLevel: 0.25,
      reportedAtMs: 5,
    });
    expect(stats.transport).to.deep.equal({
      bytesSent: 2000,
      bytesReceived: 3000,
      checksReceived: undefined,
      checkResponsesReceived: undefined,
      rttMs: 10,
      availableOutgoingBps: 300_000,
      localCandidateType: 'relay',
      remoteCandidateType: 'host',
      protocol: 'tcp',
      relayed: true,
    });
    expect(stats.intervalMs).to.equal(0);
    expect(stats.outbound[0]?.bitrateBps).to.equal(0);
  });
  it('computes rates from the time that really passed', () => {
    const normaliser = createNormaliser();
    normaliser.read(chrome(), 1000, 'one', slotOf);
    const { outbound } = normaliser.read(chrome({ bytesSent: 3000 }), 3000, 'one', slotOf);
    expect(outbound[0]?.bitrateBps).to.equal(8000);
  });
  it('goes on counting over a reconnect, without a jump and without a negative number (G-01)', () => {
    const normaliser = createNormaliser();
    normaliser.read(chrome({ bytesSent: 5000, packetsSent: 50 }), 1000, 'one', slotOf);
    const { outbound } = normaliser.read(
      chrome({ bytesSent: 200, packetsSent: 2 }, { packetsLost: 0 }),
      2000,
      'two',
      slotOf,
    );
    expect(outbound[0]).to.include({ bytesSent: 5200, packetsSent: 52, packetsLost: 1, bitrateBps: 1600 });
  });
  it('goes on counting when the SSRC changes, also upwards', () => {
    const normaliser = createNormaliser();
    normaliser.read(chrome({ bytesSent: 100 }), 1000, 'one', slotOf);
    const { outbound } = normaliser.read(chrome({ bytesSent: 300, ssrc: 8 }), 2000, 'one', slotOf);
    expect(outbound[0]?.bytesSent).to.equal(400);
  });
  it('gives 0 or undefined for what is missing, negative, NaN or of another type', () => {
    const odd = {
      bytesSent: NaN,
      packetsSent: -5,
      framesPerSecond: '12',
      frameWidth: null,
      qualityLimitationReason: 3,
    };
    const normaliser = createNormaliser();
    for (let n = 0; n < 3; n += 1) {
      const stats = normaliser.read(
        chrome(odd, { packetsLost: -2, roundTripTime: NaN, fractionLost: undefined, jitter: -1 }),
        n === 2 ? 500 : 1000, // the clock was set back
        'one',
        slotOf,
      );
      expectSane(stats);
      expect(stats.outbound[0]).to.include({ bytesSent: 0, rttMs: undefined, lossPercent: 0, widthPx: 0 });
    }
    expectSane(normaliser.read(report(), 2000, 'one', slotOf));
  });
  it('reads what is received: loss, buffer, concealment, freezes', () => {
    const inbound = (more: object) =>
      report({
        id: 'I',
        type: 'inbound-rtp',
        kind: 'audio',
        mid: '0',
        ssrc: 9,
        packetsReceived: 100,
        packetsLost: 0,
        jitter: 0.004,
        jitterBufferDelay: 10,
        jitterBufferEmittedCount: 1000,
        totalSamplesReceived: 1000,
        concealedSamples: 0,
        totalFreezesDuration: 0.5,
        audioLevel: 0.5,
        ...more,
      });
    const normaliser = createNormaliser();
    normaliser.read(inbound({}), 0, 'one', slotOf);
    const stats = normaliser.read(
      inbound({
        packetsReceived: 190,
        packetsLost: 10,
        jitterBufferDelay: 30,
        jitterBufferEmittedCount: 2000,
        totalSamplesReceived: 2000,
        concealedSamples: 50,
      }),
      1000,
      'one',
      slotOf,
    );
    expect(stats.inbound[0]).to.include({
      lossPercent: 10,
      jitterMs: 4,
      jitterBufferMs: 20,
      concealedPercent: 5,
      freezeMs: 500,
      audioLevel: 0.5,
    });
  });
  it('knows Firefox: pairs marked as selected, slots by track, no transport entries', () => {
    const stats = createNormaliser().read(
      report(
        {
          id: 'I',
          type: 'inbound-rtp',
          kind: 'audio',
          trackIdentifier: 'the-track',
          ssrc: 1,
          packetsReceived: 3,
        },
        { id: 'X', type: 'inbound-rtp', kind: 'video', trackIdentifier: 'another', ssrc: 2 },
        {
          id: 'P',
          type: 'candidate-pair',
          selected: true,
          nominated: true,
          localCandidateId: 'L',
          bytesSent: 5,
          bytesReceived: 6,
        },
        { id: 'L', type: 'local-candidate', candidateType: 'host', protocol: 'udp' },
      ),
      0,
      'one',
      slotOf,
    );
    expect(stats.inbound.map(({ slot }) => slot)).to.deep.equal(['audio']);
    expect(stats.transport).to.include({
      bytesSent: 5,
      bytesReceived: 6,
      localCandidateType: 'host',
      relayed: false,
    });
  });
});

describe('counters', () => {
  it('never decrease, whatever comes', () => {
    const counters = createCounters();
    let last = 0;
    for (const [source, value] of [
      ['a', 5],
      ['a', 9],
      ['a', 2],
      ['b', 1],
      ['b', 1],
      ['a', 0],
    ] as const) {
      const { total, delta } = counters.read('x', source, value);
      expect(total).to.be.at.least(last);
      expect(delta).to.be.at.least(0);
      last = total;
    }
    expect(last).to.equal(12);
  });
});

const sent = (more: Partial<OutboundStats>): OutboundStats =>
  ({
    slot: 'audio',
    kind: 'audio',
    lossPercent: 0,
    rttMs: 20,
    jitterMs: 5,
    reportedAtMs: 1,
    ...more,
  }) as OutboundStats;
const measured = (...outbound: readonly OutboundStats[]): MediaStats =>
  ({ outbound }) as unknown as MediaStats;

describe('network quality', () => {
  for (const [more, score, reasons] of [
    [{}, 1, []],
    [{ lossPercent: 9, rttMs: 500, jitterMs: 500 }, 1, []],
    [{ lossPercent: 9.1 }, 0, ['loss']],
    [{ rttMs: 501 }, 0, ['rtt']],
    [{ jitterMs: 501 }, 0, ['jitter']],
    [{ lossPercent: 50, rttMs: 900, jitterMs: 900 }, 0, ['loss', 'rtt', 'jitter']],
    [{ rttMs: undefined, jitterMs: undefined }, 1, []],
  ] as const)
    it(`of ${JSON.stringify(more)} is ${String(score)}`, () => {
      expect(qualityOf(sent(more))).to.deep.include({ score, reasons });
    });
  it('is reported when it changes, by kind; bad at once, good after three good intervals', () => {
    const monitor = createQualityMonitor();
    const scores = (...outbound: readonly OutboundStats[]) =>
      monitor.add(measured(...outbound)).map(({ kind, score }) => `${kind} ${String(score)}`);
    const video = (more: Partial<OutboundStats> = {}) => sent({ slot: 'video', kind: 'video', ...more });
    expect(scores(sent({}), video())).to.deep.equal(['audio 1', 'video 1']);
    expect(scores(sent({}), video())).to.deep.equal([]);
    expect(scores(sent({}), video({ lossPercent: 30 }))).to.deep.equal(['video 0']);
    expect(scores(video())).to.deep.equal([]);
    expect(scores(video())).to.deep.equal([]);
    expect(scores(video())).to.deep.equal(['video 1']);
    expect(monitor.now.video?.score).to.equal(1);
  });
  it('says nothing before a receiver reported, and leaves slides out', () => {
    const monitor = createQualityMonitor();
    expect(
      monitor.add(measured(sent({ reportedAtMs: undefined }), sent({ slot: 'slides', kind: 'video' }))),
    ).to.deep.equal([]);
  });
});

describe('the speaking detector', () => {
  it('detects the beginning, bridges pauses, and detects the end within a second (M-12)', () => {
    const detector = createSpeakingDetector();
    expect(detector.add(0.3, 0)).to.equal(true);
    expect(detector.add(0.005, 500)).to.equal(false);
    expect(detector.add(0.3, 600)).to.equal(false);
    expect(detector.add(0.005, 1000)).to.equal(false);
    expect(detector.add(0.005, 1250)).to.equal(true);
    expect(detector.speaking).to.equal(false);
  });
  it('ends at once when the microphone is muted', () => {
    const detector = createSpeakingDetector();
    detector.add(0.3, 0);
    expect(detector.add(0, 10)).to.equal(false); // a pause
    expect(detector.add(0.3, 20, true)).to.equal(true);
    expect(detector.add(0, 30)).to.equal(false);
  });
});
