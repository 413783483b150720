import { expect } from 'chai';
import { createClock, removalTime } from './clock.js';

const hour = 3_600_000;
const day = 24 * hour;

describe('the clock of the service', () => {
  let wall = 0;
  let ticks = 0;
  const pass = (ms: number): void => {
    wall += ms;
    ticks += ms;
  };
  beforeEach(() => {
    wall = 1_800_000_000_000;
    ticks = 5;
  });
  const made = () =>
    createClock(
      () => wall,
      () => ticks,
    );

  it('is the wall clock while that is not set', () => {
    const clock = made();
    pass(1234);
    expect(clock.now()).to.equal(wall).and.equal(clock.steady());
  });

  it('never goes back nor stands still when the wall clock is set back, and meets it again', () => {
    const clock = made();
    const before = clock.now();
    wall -= hour;
    pass(1000);
    expect(clock.now()).to.equal(before + 500);
    pass(hour / 2);
    expect(clock.now()).to.equal(before + 500 + hour / 4);
    pass(2 * hour);
    expect(clock.now()).to.equal(wall);
  });

  it('goes ahead with the wall clock, but the steady one does not', () => {
    const clock = made();
    const before = clock.now();
    wall += hour;
    pass(10);
    expect(clock.now()).to.equal(before + hour + 10);
    expect(clock.steady()).to.equal(before + 10);
  });

  for (const aheadMs of [5 * 60_000, hour, 90 * day])
    it(`goes back with a wall clock that was ${String(aheadMs / 60_000)} minutes ahead by mistake`, () => {
      const clock = made();
      const before = clock.now();
      wall += aheadMs;
      pass(63_000);
      expect(clock.now()).to.equal(before + aheadMs + 63_000);
      expect(removalTime(clock)).to.equal(before + 63_000);
      wall -= aheadMs;
      pass(1000);
      expect(clock.now()).to.equal(before + 64_000);
      expect(removalTime(clock)).to.equal(before + 64_000);
    });

  it('does not go back when a correct clock is set back, also after a jump that was right', () => {
    const clock = made();
    wall += 90 * day;
    pass(10);
    const before = clock.now();
    wall -= hour;
    pass(1000);
    expect(clock.now()).to.equal(before + 500);
  });

  it('catches up with a wall clock that stays ahead, at double speed and after an hour only', () => {
    const clock = made();
    const before = clock.steady();
    wall += 2 * hour;
    for (let minutes = 0; minutes < 60; minutes += 1) {
      pass(60_000);
      clock.now();
    }
    expect(clock.steady()).to.equal(before + hour);
    for (let minutes = 0; minutes < 180; minutes += 1) {
      pass(60_000);
      clock.now();
    }
    expect(clock.steady()).to.equal(wall);
  });

  it('continues the steady clock of the previous run', () => {
    const first = made();
    pass(1000);
    const mark = first.steady();
    wall += 90 * day;
    const second = made();
    second.resume?.(mark);
    pass(5000);
    expect(removalTime(second)).to.equal(mark + 5000);
    expect(second.now()).to.equal(wall);
    wall -= 90 * day;
    expect(second.now())
      .to.equal(wall)
      .and.equal(mark + 5000);
  });
});
