import { expect } from 'chai';
import { openStage, type Stage } from './kit.js';

interface Notified {
  readonly ms: number;
  readonly what: string;
}
interface Survived {
  readonly notified: readonly Notified[];
  readonly backMs: number;
  readonly state: string;
  readonly same: boolean;
  readonly firstState: string;
  readonly problems: number;
  readonly frames: number;
}
const states = (notified: readonly Notified[]): readonly string[] =>
  notified
    .map(({ what }) => what)
    .filter((what) => !what.startsWith('problem') && !what.startsWith('recovered'));

describe('media whose packets do not get through, in Chromium', function () {
  this.timeout(180_000);
  let stage: Stage;
  let run: NonNullable<Stage['chromium']>;
  before(async function () {
    stage = await openStage({ flags: ['--js-flags=--expose-gc', '--enable-precise-memory-info'] });
    if (stage.chromium === undefined) this.skip();
    run = stage.chromium;
  });
  after(() => stage.close());

  it('gives a reason within 15 s when all UDP is blocked, and is never connected (M-11)', async () => {
    const { notified, code } = await run<{ readonly notified: readonly Notified[]; readonly code: string }>(
      'findsNoWay',
    );
    expect(code).to.equal('ERR_MEDIA_PATH ice');
    const [first] = notified.filter(({ what }) => what.includes('ERR_MEDIA_PATH'));
    expect(first?.ms).to.be.lessThan(15_000);
    expect(notified.map(({ what }) => what)).not.to.include('connected');
  });
  it('reports a cut of 8 s, and recovers by itself (G-01)', async () => {
    const survived = await run<Survived>('survivesACut', { ms: 8000, drop: 'both' });
    expect(states(survived.notified)).to.deep.equal(['reconnecting', 'connected']);
    expect(survived.notified.find(({ what }) => what === 'reconnecting')?.ms).to.be.lessThan(5200);
    expect(survived.frames).to.be.greaterThan(0);
    expect(survived.problems).to.equal(0);
  });
  it('replaces the peer connection when the path does not come back in time (G-01)', async () => {
    const survived = await run<Survived>('survivesACut', { ms: 12_000, drop: 'both', graceMs: 3000 });
    expect(states(survived.notified)).to.deep.equal(['reconnecting', 'connected']);
    expect(survived).to.include({ same: false, firstState: 'closed', state: 'connected' });
    expect(survived.frames).to.be.greaterThan(0);
  });
  it('reports two cuts with two seconds between them (G-01)', async () => {
    const survived = await run<Survived>('survivesACut', { ms: 7000, drop: 'both', twice: true });
    const notified = states(survived.notified);
    // the second cut may come before the first one is over
    expect(notified).to.satisfy((list: readonly string[]) =>
      list.every((state, at) => state === (at % 2 === 0 ? 'reconnecting' : 'connected')),
    );
    expect(notified.at(-1)).to.equal('connected');
    expect(survived.frames).to.be.greaterThan(0);
  });
  for (const [drop, direction] of [
    ['up', 'sending'],
    ['down', 'receiving'],
  ] as const)
    it(`reports the loss of what is in ${drop}ward direction within 10 s as ${direction} (M-11)`, async () => {
      const { notified } = await run<{ readonly notified: readonly Notified[] }>('losesOneWay', { drop });
      const found = notified.find(({ what }) => what.startsWith('problem'));
      expect(found?.what).to.equal(`problem ${direction} ERR_MEDIA_PATH ice`);
      expect(found?.ms).to.be.lessThan(10_000);
    });
  it('reports a bad uplink while a third of it is lost, and a good one after', async () => {
    const { scores, state } = await run<{ readonly scores: readonly string[]; readonly state: string }>(
      'tellsBadQuality',
    );
    expect(scores.slice(-2)).to.deep.equal(['video 0 loss', 'video 1']);
    expect(state).to.equal('connected');
  });
  it('leaves nothing behind after forty rounds, some of them cut off (M-13)', async () => {
    const left = await run<{
      readonly opened: number;
      readonly closed: number;
      readonly alive: number;
      readonly slopeBytes: number;
      readonly track: string;
    }>('comesAndGoes', { rounds: 40 });
    expect(left.closed).to.equal(left.opened);
    expect(left.alive).to.be.lessThan(10);
    expect(left.slopeBytes).to.be.lessThan(2048);
    expect(left.track).to.equal('live');
  });
});
