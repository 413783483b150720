import { expect } from 'chai';
import { settled } from '../../test/fakes.js';
import { mediaError } from '../errors.js';
import { createTones } from './tones.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);

/** A sender that, as Chromium, forgets what was not played when more is inserted. */
class FakeDtmf extends EventTarget {
  canInsertDTMF = true;
  listeners = 0;
  readonly inserted: (readonly [string, number, number])[] = [];
  insertDTMF(tones: string, durationMs: number, gapMs: number): void {
    this.inserted.push([tones, durationMs, gapMs]);
  }
  override addEventListener(...given: Parameters<EventTarget['addEventListener']>): void {
    this.listeners += 1;
    super.addEventListener(...given);
  }
  override removeEventListener(...given: Parameters<EventTarget['removeEventListener']>): void {
    this.listeners -= 1;
    super.removeEventListener(...given);
  }
  say(tone: string): void {
    this.dispatchEvent(Object.assign(new Event('tonechange'), { tone }));
  }
}
const setUp = () => {
  const dtmf = new FakeDtmf();
  return { dtmf, tones: createTones(() => dtmf as unknown as RTCDTMFSender) };
};

describe('tones (C-05)', () => {
  it('are played one call after the other, each once and in order', async () => {
    const { dtmf, tones } = setUp();
    const played: string[] = [];
    for (const digits of ['1', '23', 'a*#,']) void tones.send(digits).then(() => played.push(digits));
    expect(dtmf.inserted).to.deep.equal([['1', 100, 70]]);
    dtmf.say('1');
    await settled();
    expect(played).to.deep.equal([]);
    dtmf.say('');
    await settled();
    expect(played).to.deep.equal(['1']);
    dtmf.say('');
    dtmf.say('');
    await settled();
    expect(dtmf.inserted.map(([digits]) => digits)).to.deep.equal(['1', '23', 'A*#,']);
    expect(played).to.deep.equal(['1', '23', 'a*#,']);
    expect(dtmf.listeners).to.equal(0);
  });
  it('are at least 40 ms long and 30 ms apart', () => {
    const { dtmf, tones } = setUp();
    void tones.send('1', { durationMs: 5, gapMs: 5 });
    expect(dtmf.inserted).to.deep.equal([['1', 40, 30]]);
  });
  for (const wrong of ['x', '', '1 2', '１', '12e'])
    it(`are refused before anything is sent: ${JSON.stringify(wrong)}`, async () => {
      const { dtmf, tones } = setUp();
      expect(await failure(tones.send(wrong))).to.include({ code: 'ERR_ARGUMENT' });
      expect(dtmf.inserted).to.deep.equal([]);
    });
  it('reject while no sound is sent, and play later ones', async () => {
    const { dtmf, tones } = setUp();
    dtmf.canInsertDTMF = false;
    expect(await failure(tones.send('1'))).to.include({ code: 'ERR_MEDIA_ENDED' });
    dtmf.canInsertDTMF = true;
    void tones.send('2');
    expect(dtmf.inserted).to.have.length(1);
  });
  it('that were not played reject when the peer connection goes', async () => {
    const { dtmf, tones } = setUp();
    const waiting = [failure(tones.send('1')), failure(tones.send('2'))];
    tones.stop(mediaError('ERR_MEDIA_ENDED', 'first-media', 'gone'));
    for (const one of waiting) expect(await one).to.include({ code: 'ERR_MEDIA_ENDED' });
    expect(dtmf.listeners).to.equal(0);
    void tones.send('3');
    expect(dtmf.inserted.at(-1)?.[0]).to.equal('3');
  });
});
