import { expect } from 'chai';
import {
  applyLocusDelta,
  compareSequences,
  locusActionFor,
  type Locus,
  type LocusDelta,
  type LocusParticipant,
  type LocusSequence,
} from './index.js';

const sequence = (entries: number[], rangeStart = 0, rangeEnd = 0): LocusSequence => ({
  entries,
  rangeStart,
  rangeEnd,
});
const participant = (id: string, state = 'JOINED'): LocusParticipant => ({
  id,
  url: `http://x/participant/${id}`,
  type: 'USER',
  state,
  person: { id, name: id },
  devices: [],
  status: { audioStatus: 'SENDRECV', videoStatus: 'SENDRECV' },
  controls: {},
});
const locus = (entries: number[], url = 'http://x/loci/1'): Locus => ({
  url,
  created: '2026-01-01T00:00:00.000Z',
  sequence: sequence(entries),
  fullState: {
    active: true,
    state: 'ACTIVE',
    type: 'MEETING',
    locked: false,
    count: 2,
    lastActive: '2026-01-01T00:00:00.000Z',
    sessionId: 's',
  },
  info: { displayHints: { joined: [], moderator: [], coHost: [] } },
  controls: {},
  participants: [participant('a'), participant('b')],
  mediaShares: [],
});
const delta = (base: number[], entries: number[], more: Partial<LocusDelta> = {}): LocusDelta => ({
  url: 'http://x/loci/1',
  baseSequence: sequence(base),
  sequence: sequence(entries),
  ...more,
});

describe('Locus sequences', () => {
  const rows: readonly [string, LocusSequence, LocusSequence, string][] = [
    ['starts after the other ends', sequence([7]), sequence([3]), 'greater'],
    ['ends before the other starts', sequence([3]), sequence([7]), 'less'],
    ['is the same entry', sequence([7]), sequence([7]), 'equal'],
    ['is the same range', sequence([], 1, 9), sequence([], 1, 9), 'equal'],
    ['has the longer range and nothing else differs', sequence([5], 1, 9), sequence([5], 1, 7), 'greater'],
    ['has the shorter range and nothing else differs', sequence([5], 1, 7), sequence([5], 1, 9), 'less'],
    ['has one entry more', sequence([4, 5, 6]), sequence([4, 5]), 'greater'],
    ['lacks an entry', sequence([4, 5]), sequence([4, 5, 6]), 'less'],
    ['has entries that the other’s range includes', sequence([4]), sequence([9], 1, 5), 'less'],
    [
      'has one that the other lacks, and the reverse, without ranges',
      sequence([4, 6]),
      sequence([4, 5, 7]),
      'desync',
    ],
    ['has a unique entry inside the other', sequence([5, 20], 1, 3), sequence([4, 9], 1, 3), 'desync'],
    ['has the larger smallest unique entry', sequence([5, 9], 1, 4), sequence([6], 1, 4), 'desync'],
    ['has a unique entry at the other’s edge', sequence([12], 5, 10), sequence([11], 5, 10), 'desync'],
  ];
  for (const [title, current, incoming, expected] of rows)
    it(`${expected} when the current one ${title}`, () => {
      expect(compareSequences(current, incoming)).to.equal(expected);
    });
  it('mirrors its answer when the two change places', () => {
    const mirror = { greater: 'less', less: 'greater', equal: 'equal', desync: 'desync' };
    for (const [, current, incoming] of rows)
      expect(compareSequences(incoming, current)).to.equal(mirror[compareSequences(current, incoming)]);
  });
});

describe('What to do with a Locus', () => {
  it('takes the first whole one, and newer ones, and no older one', () => {
    expect(locusActionFor(undefined, locus([4]))).to.equal('take');
    expect(locusActionFor(locus([4]), locus([5]))).to.equal('take');
    expect(locusActionFor(locus([4]), locus([4]))).to.equal('keep');
    expect(locusActionFor(locus([5]), locus([4]))).to.equal('keep');
    expect(locusActionFor(locus([4, 6]), locus([4, 5, 7]))).to.equal('sync');
    expect(locusActionFor(locus([]), locus([4]))).to.equal('take');
    expect(locusActionFor(locus([4]), locus([]))).to.equal('take');
  });
  it('applies a delta that follows, ignores one that is old, waits for one that is missing', () => {
    expect(locusActionFor(locus([4]), delta([4], [5]))).to.equal('apply');
    expect(locusActionFor(locus([5]), delta([4], [5]))).to.equal('keep');
    expect(locusActionFor(locus([6]), delta([4], [5]))).to.equal('keep');
    expect(locusActionFor(locus([4]), delta([5], [6]))).to.equal('wait');
    expect(locusActionFor(locus([5]), delta([4], [6]))).to.equal('apply');
  });
  it('syncs without a working copy, on a delta too large for the socket, and when the two went apart', () => {
    expect(locusActionFor(undefined, delta([4], [5]))).to.equal('sync');
    expect(locusActionFor(locus([4]), delta([6], [6]))).to.equal('sync');
    expect(locusActionFor(locus([4, 6]), delta([3], [4, 5, 7]))).to.equal('sync');
    expect(locusActionFor(locus([]), delta([4], [5]))).to.equal('sync');
  });
  it('follows a meeting that moved to another URL', () => {
    expect(locusActionFor(locus([4]), delta([4], [5], { url: 'http://x/loci/2' }))).to.equal('moved');
  });
});

describe('A Locus after a delta', () => {
  it('merges participants by id and replaces the other fields that are present', () => {
    const known = locus([4]);
    const after = applyLocusDelta(
      known,
      delta([4], [5], {
        participants: [participant('b', 'LEFT'), participant('c')],
        controls: { lock: { locked: true } },
      }),
    );
    expect(after.participants.map(({ id, state }) => [id, state])).to.deep.equal([
      ['a', 'JOINED'],
      ['b', 'LEFT'],
      ['c', 'JOINED'],
    ]);
    expect(after.controls).to.deep.equal({ lock: { locked: true } });
    expect(after.sequence).to.deep.equal(sequence([5]));
    expect(after).not.to.have.property('baseSequence');
    expect(after.fullState).to.equal(known.fullState);
    expect(known.participants).to.have.length(2);
  });
});
