import { expect } from 'chai';
import { askedDelay, delayAfter, FailureWindow, verdictOf } from './retry.js';

describe('retrying webhook deliveries', () => {
  it('retries transient failures, and accepts a refusal', () => {
    for (const status of [undefined, 500, 502, 599, 429, 408])
      expect(verdictOf({ status })).to.equal('again');
    for (const status of [200, 204, 299]) expect(verdictOf({ status })).to.equal('done');
    for (const status of [301, 302, 307, 400, 401, 404, 410])
      expect(verdictOf({ status })).to.equal('refused');
  });

  it('waits twice as long each time, up to 256 times, half of it at random', () => {
    const least = (attempts: number) => delayAfter(attempts, 1000, undefined, () => 0);
    const most = (attempts: number) => delayAfter(attempts, 1000, undefined, () => 1);
    expect([1, 2, 3, 9, 10, 1000].map(most)).to.deep.equal([1000, 2000, 4000, 256_000, 256_000, 256_000]);
    expect([1, 2, 9].map(least)).to.deep.equal([500, 1000, 128_000]);
  });

  it('does what the target asks for, within an hour, and never less than it would', () => {
    expect(delayAfter(1, 1000, 30_000, () => 0)).to.equal(30_000);
    expect(delayAfter(1, 1000, 1, () => 0)).to.equal(500);
    expect(delayAfter(1, 1000, 10 ** 12, () => 0)).to.equal(3_600_000);
    expect(askedDelay('120', 0)).to.equal(120_000);
    expect(askedDelay(new Date(60_000).toUTCString(), 50_000)).to.equal(10_000);
    expect(askedDelay(new Date(0).toUTCString(), 50_000)).to.equal(0);
    for (const noise of [undefined, 'soon', '-1']) expect(askedDelay(noise, Date.now()) ?? 0).to.equal(0);
  });

  it('counts the failures of five minutes', () => {
    const failures = new FailureWindow();
    for (let n = 0; n < 100; n += 1) expect(failures.note(n), String(n)).to.equal(false);
    expect(failures.note(300_000)).to.equal(true);
    const slow = new FailureWindow();
    for (let n = 0; n < 1000; n += 1) expect(slow.note(n * 3_001)).to.equal(false);
  });
});
