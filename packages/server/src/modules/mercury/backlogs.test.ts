import { expect } from 'chai';
import { Backlogs } from './backlogs.js';

describe('backlogs of slow readers', () => {
  class Reader {
    open = true;
    constructor(public bytes = 0) {}
    isOpen = (): boolean => this.open;
    bufferedBytes = (): number => this.bytes;
  }
  const note = (backlogs: Backlogs<Reader>, reader: Reader, userId: string, bytes: number) => {
    reader.bytes = bytes;
    return backlogs.note(reader, userId, bytes);
  };

  it('are bounded over all sockets of one user: the slowest is closed (F23)', () => {
    const backlogs = new Backlogs<Reader>({ perUser: 100, all: 1000 });
    const [slow, slower, quick] = [new Reader(), new Reader(), new Reader()];
    expect(note(backlogs, slow, 'ana', 40)).to.equal(undefined);
    expect(note(backlogs, slower, 'ana', 60)).to.equal(undefined);
    expect(note(backlogs, new Reader(), 'ben', 90)).to.equal(undefined);
    expect(note(backlogs, quick, 'ana', 1)).to.equal(slower);
    // it is closing and still holds its bytes
    slower.open = false;
    expect(note(backlogs, quick, 'ana', 1)).to.equal(slow);
    backlogs.remove(slower);
    expect(note(backlogs, quick, 'ana', 1)).to.equal(undefined);
  });

  it('count what waits now, not what waited when a frame was last sent', () => {
    const backlogs = new Backlogs<Reader>({ perUser: 100, all: 1000 });
    const drained = new Reader();
    note(backlogs, drained, 'ana', 90);
    drained.bytes = 0;
    expect(note(backlogs, new Reader(), 'ana', 90)).to.equal(undefined);
  });

  it('are bounded over all users', () => {
    const backlogs = new Backlogs<Reader>({ perUser: 100, all: 250 });
    const readers = [90, 80, 70].map((bytes, n) => [new Reader(), `user ${String(n)}`, bytes] as const);
    const closed = readers.map(([reader, userId, bytes]) => note(backlogs, reader, userId, bytes));
    expect(closed).to.deep.equal([undefined, undefined, undefined]);
    expect(note(backlogs, new Reader(), 'another', 11)).to.equal(readers[0]?.[0]);
  });
});
