import { expect } from 'chai';
import { createClock } from './clock.js';

const hour = 3_600_000;

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

  it('is the wall clock while nobody sets that', () => {
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
});
