import { expect } from 'chai';
import type { MediaStats } from '../stats/types.js';
import { createFlow, hasFlowed } from './flow.js';

const report = (...entries: readonly Readonly<Record<string, unknown>>[]) => ({
  forEach: (each: (entry: Readonly<Record<string, unknown>>) => void) => {
    entries.forEach(each);
  },
});

describe('hasFlowed', () => {
  it('is true when something arrived, when the other side reported, and when nothing is to be sent', () => {
    expect(hasFlowed(report({ type: 'inbound-rtp', packetsReceived: 1 }), true)).to.equal(true);
    expect(hasFlowed(report({ type: 'remote-inbound-rtp' }), true)).to.equal(true);
    expect(hasFlowed(report(), false)).to.equal(true);
    expect(hasFlowed(report({ type: 'inbound-rtp', packetsReceived: 0 }), true)).to.equal(false);
  });
});

describe('one-way loss (M-11)', () => {
  /** Measures once a second. */
  const run = (
    seconds: number,
    at: (second: number) => {
      readonly receives: boolean;
      readonly reports: boolean;
      readonly lost?: boolean;
      readonly intact?: boolean;
      /** a check gets a response; default: as receives */
      readonly responds?: boolean;
    },
    sending = true,
    countsChecks = true,
  ) => {
    const flow = createFlow(6000);
    let [bytes, reported, checks] = [0, 0, 0];
    const found: (string | undefined)[] = [];
    for (let second = 0; second <= seconds; second += 1) {
      const { receives, reports, lost = false, intact = true, responds = receives } = at(second);
      if (receives) bytes += 100;
      if (responds) checks += 1;
      if (reports) reported = 1000 + second;
      const stats = {
        atMs: second * 1000,
        outbound: [{ bitrateBps: 1000, lossPercent: lost ? 100 : 0, reportedAtMs: reported || undefined }],
        transport: {
          bytesReceived: bytes,
          checksReceived: countsChecks ? 0 : undefined,
          checkResponsesReceived: countsChecks ? checks : undefined,
        },
      } as unknown as MediaStats;
      found.push(flow.add(stats, sending, intact));
    }
    return found;
  };
  const first = (found: readonly (string | undefined)[]): readonly [number, string | undefined] => {
    const at = found.findIndex((one) => one !== undefined);
    return [at, found[at]];
  };

  it('finds nothing while media flows both ways', () => {
    expect(first(run(30, () => ({ receives: true, reports: true })))[0]).to.equal(-1);
  });
  it('finds nothing while reports come every five seconds only', () => {
    expect(first(run(30, (second) => ({ receives: true, reports: second % 5 === 0 })))[0]).to.equal(-1);
  });
  it('is reported for sending within 10 s when reports stop', () => {
    const [at, way] = first(run(20, (second) => ({ receives: true, reports: second < 5 })));
    expect(way).to.equal('sending');
    expect(at - 5).to.be.lessThan(10);
  });
  it('is reported for sending when reports say that everything is lost', () => {
    expect(first(run(20, (second) => ({ receives: true, reports: true, lost: second >= 5 })))).to.deep.equal([
      10,
      'sending',
    ]);
  });
  it('is reported for sending as soon as checks get no response while packets arrive', () => {
    expect(
      first(run(20, (second) => ({ receives: true, reports: second < 3, intact: second < 7 }))),
    ).to.deep.equal([7, 'sending']);
  });
  it('is reported for sending when checks get no response, before ICE and reports know', () => {
    const [at, way] = first(run(20, (second) => ({ receives: true, reports: true, responds: second < 5 })));
    expect(way).to.equal('sending');
    expect(at - 5).to.be.lessThan(7);
  });
  it('is reported for receiving within 5 s when nothing arrives, before ICE knows (G-01)', () => {
    const [at, way] = first(run(20, (second) => ({ receives: second < 5, reports: second < 5 })));
    expect(way).to.equal('receiving');
    expect(at - 5).to.be.lessThan(5);
  });
  it('is reported for receiving when the path is doubted, in browsers that count no checks', () => {
    const dead = (second: number) => ({ receives: second < 5, reports: second < 5, intact: second < 12 });
    expect(first(run(20, dead, true, false))).to.deep.equal([12, 'receiving']);
  });
  it('is not reported when no one sends anything', () => {
    const alone = (second: number) => ({ receives: second < 2, reports: false, responds: second % 3 === 0 });
    expect(first(run(30, alone, false))[0]).to.equal(-1);
    expect(first(run(30, (second) => ({ receives: second < 2, reports: false }), false, false))[0]).to.equal(
      -1,
    );
  });
  it('is over when reports come again', () => {
    const found = run(30, (second) => ({ receives: true, reports: second < 5 || second > 15 }));
    expect(found.at(-1)).to.equal(undefined);
  });
});
