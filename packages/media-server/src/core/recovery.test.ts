import { expect } from 'chai';
import { buildRtp, parseRtp, type RtpHeader } from '../rtp/packet.js';
import { ArrivalFeedback } from './arrival-feedback.js';
import { Downlink } from './downlink.js';
import { History } from './history.js';
import { Inbound } from './inbound.js';
import { parseTransportCc } from '../rtp/transport-cc.js';

const packet = (sequence: number, size = 100): Buffer =>
  buildRtp(
    { marker: false, payloadType: 96, sequence, timestamp: sequence * 10, ssrc: 1 },
    Buffer.alloc(size),
  );
const header = (sequence: number): RtpHeader => parseRtp(packet(sequence)) as RtpHeader;

interface Course {
  readonly from?: number;
  readonly ms?: number;
  readonly delay?: (now: number) => number;
  readonly drop?: (index: number) => boolean;
}

describe('Inbound', () => {
  it('asks for a gap, with longer and longer pauses, and gives up after a second', () => {
    const inbound = new Inbound(1, 90_000);
    inbound.add(header(65_534), 100, 0);
    inbound.add(header(1), 100, 0);
    const asked: number[] = [];
    for (let now = 0; now <= 1500; now += 20) if (inbound.due(now).includes(65_535)) asked.push(now);
    expect(asked.length).to.be.within(3, 6);
    const pauses = asked.slice(1).map((at, index) => at - (asked[index] ?? 0));
    expect([...pauses].sort((a, b) => a - b)).to.deep.equal(pauses);
    expect(inbound).to.include({ missing: 0, abandoned: 2, lost: 2 });
  });
  it('does not ask for a packet that is only late by 5 ms', () => {
    const inbound = new Inbound(1, 90_000);
    inbound.add(header(1), 100, 0);
    inbound.add(header(3), 100, 0);
    expect(inbound.due(2)).to.deep.equal([]);
    expect(inbound.add(header(2), 100, 3)).to.equal(true);
    expect(inbound.due(50)).to.deep.equal([]);
  });
  it('takes each packet once', () => {
    const inbound = new Inbound(1, 90_000);
    inbound.add(header(1), 100, 0);
    inbound.add(header(2), 100, 0);
    expect(inbound.add(header(2), 100, 1)).to.equal(false);
    expect(inbound.duplicates).to.equal(1);
  });
  it('reports loss since the previous report', () => {
    const inbound = new Inbound(1, 90_000);
    for (const sequence of [1, 2, 3, 5, 6, 7, 9, 10]) inbound.add(header(sequence), 100, 0);
    expect(inbound.takeReport(0)).to.include({ fractionLost: 0.2, lost: 2, highest: 10 });
    inbound.add(header(11), 100, 0);
    expect(inbound.takeReport(0)?.fractionLost).to.equal(0);
  });
  it('takes a jump of the numbers for a new stream and not for loss', () => {
    const inbound = new Inbound(1, 90_000);
    inbound.add(header(1), 100, 0);
    inbound.add(header(40_000), 100, 0);
    expect(inbound).to.include({ missing: 0, lost: 0 });
    expect(inbound.add(header(40_001), 100, 0)).to.equal(true);
  });
});

describe('History', () => {
  const rtx = { ssrc: 2, payloadType: 97 };
  it('sends a packet again at most four times, and not twice within a round trip', () => {
    const history = new History(64);
    for (let sequence = 0; sequence < 40; sequence += 1) history.put(sequence, packet(sequence, 1000));
    let sent = 0;
    for (let now = 0; now < 1000; now += 10) sent += history.answer([7], now, rtx, 50).length;
    expect(sent).to.equal(4);
  });
  it('keeps within a quarter of what was sent, whatever a receiver asks for', () => {
    const history = new History(512);
    for (let sequence = 0; sequence < 512; sequence += 1) history.put(sequence, packet(sequence, 1000));
    const all = Array.from({ length: 512 }, (_, sequence) => sequence);
    let bytes = 0;
    for (let now = 0; now < 1000; now += 100)
      for (const one of history.answer(all, now, rtx, 50)) bytes += one.length;
    expect(bytes).to.be.at.most(30_000);
    expect(history.refused).to.be.greaterThan(0);
  });
  it('does not send another packet that took the place of the wanted one', () => {
    const history = new History(16);
    for (let sequence = 0; sequence < 20; sequence += 1) history.put(sequence, packet(sequence));
    expect(history.answer([2], 0, rtx, 0)).to.deep.equal([]);
    expect(history.missed).to.equal(1);
  });
});

describe('Downlink', () => {
  const run = (
    downlink: Downlink,
    { from = 0, ms = 2000, delay = () => 20, drop = () => false }: Course = {},
  ) => {
    for (let now = from; now < from + ms; now += 50) {
      const sent = Array.from({ length: 5 }, () => downlink.stamp(1000, now));
      downlink.onTransportCc(
        sent.map((sequence, index) => [sequence, drop(index) ? undefined : now + delay(now)] as const),
        now + 50,
      );
    }
  };
  it('measures what arrives', () => {
    const downlink = new Downlink();
    run(downlink);
    // 5 kB each 50 ms
    expect(downlink.acknowledgedBps).to.be.within(700_000, 1_000_000);
    expect(downlink.overusedAtMs).to.equal(undefined);
  });
  it('falls when a queue grows, and does not take a drifting clock for one', () => {
    const queue = new Downlink();
    run(queue);
    run(queue, { from: 2000, delay: (now) => 20 + (now - 2000) / 4 });
    expect(queue.overusedAtMs).to.be.greaterThan(2000);
    const drift = new Downlink();
    run(drift, { ms: 200_000, delay: (now) => 20 + now * 0.0005 });
    expect(drift.overusedAtMs).to.equal(undefined);
  });
  it('falls when packets are lost', () => {
    const downlink = new Downlink();
    run(downlink, { drop: (index) => index === 0 });
    expect(downlink.overusedAtMs).to.be.a('number');
    expect(downlink.estimateBps).to.be.lessThan(900_000);
  });
  it('uses REMB where there is nothing better', () => {
    const downlink = new Downlink();
    downlink.onRemb(300_000, 0);
    expect(downlink.availableBps).to.equal(300_000);
    run(downlink, { from: 100 });
    downlink.onRemb(1, 5000);
    expect(downlink.source).to.equal('transport-cc');
    expect(downlink.availableBps).to.be.greaterThan(300_000);
  });
});

describe('ArrivalFeedback', () => {
  it('reports gaps also between two messages', () => {
    const feedback = new ArrivalFeedback();
    feedback.add(65_535, 1000);
    const first = feedback.take(1, 2);
    feedback.add(2, 1100);
    const second = feedback.take(1, 2);
    expect(first && parseTransportCc(first)).to.deep.equal([[65_535, 1000]]);
    expect(second && parseTransportCc(second)).to.deep.equal([
      [0, undefined],
      [1, undefined],
      [2, 1100],
    ]);
    expect(feedback.take(1, 2)).to.equal(undefined);
  });
});
