import { inspect } from 'node:util';
import { expect } from 'chai';
import { isSdkError, sdkError } from './errors.js';
import { backoffMs } from '../kit/wait.js';

describe('an error of the SDK, printed', () => {
  it('has one name, as value, in its stack and as class (H26)', () => {
    const error = sdkError('ERR_NETWORK', 'GET https://x.test: no response', { retryable: true });
    for (const text of [inspect(error), String(error), error.stack ?? ''])
      expect(text).to.match(/^SdkError: GET https:\/\/x\.test: no response/);
    expect(inspect(error)).to.not.include('Trunkline').and.not.include('[SdkError]');
    expect([error.name, error.constructor.name]).to.deep.equal(['SdkError', 'SdkError']);
    expect(JSON.parse(JSON.stringify(error))).to.deep.equal({
      name: 'SdkError',
      code: 'ERR_NETWORK',
      message: 'GET https://x.test: no response',
      retryable: true,
    });
  });
  it('shows a cause only where there is one (H26)', () => {
    const bare = [sdkError('ERR_CONFIG', 'x'), sdkError('ERR_CONFIG', 'x', { cause: undefined })];
    for (const error of bare) {
      expect('cause' in error).to.equal(false);
      expect(inspect(error)).to.not.include('cause').and.not.include('undefined');
    }
    const caused = sdkError('ERR_CONFIG', 'x', { cause: new TypeError('y') });
    expect(inspect(caused)).to.include('[cause]: TypeError: y');
    expect(sdkError('ERR_CONFIG', 'x', { cause: null })).to.have.property('cause', null);
  });
  it('is still an Error, and recognised as one of ours', () => {
    const error = sdkError('ERR_HTTP', 'x', { status: 418, trackingId: 't_1' });
    expect(error).to.be.instanceOf(Error);
    expect(isSdkError(error)).to.equal(true);
    expect(inspect(error)).to.include("code: 'ERR_HTTP'").and.include('status: 418');
  });
});

describe('backoffMs', () => {
  it('returns whole milliseconds within the exponential bound (H27)', () => {
    for (let n = 0; n < 40; n += 1)
      for (let i = 0; i < 50; i += 1) {
        const ms = backoffMs(n, 500, 10_000);
        expect(Number.isInteger(ms)).to.equal(true);
        expect(ms).to.be.within(0, Math.min(10_000, 500 * 2 ** n));
      }
  });
});
