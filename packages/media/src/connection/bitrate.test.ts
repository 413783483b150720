import { expect } from 'chai';
import { limitSender, maxVideoBps } from './bitrate.js';

describe('the bitrate of a camera', () => {
  for (const [width, height, bps] of [
    [320, 180, 800_000],
    [640, 360, 800_000],
    [640, 480, 1_200_000],
    [1280, 720, 2_500_000],
    [1920, 1080, 4_000_000],
  ] as const)
    it(`is at most ${String(bps)} bit/s for ${String(width)}x${String(height)}`, () => {
      expect(maxVideoBps(width, height)).to.equal(bps);
    });

  const sender = (settings: object | undefined, encodings: object[] = [{}]) => {
    const set: object[] = [];
    const made = {
      track: settings && { getSettings: () => settings },
      getParameters: () => ({ encodings }),
      setParameters: (parameters: object) => {
        set.push(parameters);
        return Promise.reject(new Error('refused'));
      },
    };
    return { made: made as unknown as RTCRtpSender, set };
  };
  it('is set on the sender, once, and a refusal changes nothing', async () => {
    const { made, set } = sender({ width: 640, height: 480 });
    await limitSender(made);
    await limitSender(made);
    expect(set).to.deep.equal([{ encodings: [{ maxBitrate: 1_200_000 }] }]);
  });
  it('is left alone without a track, a size or an encoding', async () => {
    for (const { made, set } of [sender(undefined), sender({}), sender({ width: 1, height: 1 }, [])]) {
      await limitSender(made);
      expect(set).to.deep.equal([]);
    }
  });
});
