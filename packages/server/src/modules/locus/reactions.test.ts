import { expect } from 'chai';
import { defaultControls } from './model.js';
import { readReaction } from './reactions.js';
import { emptyMeeting, refusalOf } from './samples.test.js';

const clap = { type: 'clap', codepoints: '1F44F', shortcodes: ':clap:' };

describe('reactions', () => {
  it('are read with their tone', () => {
    const tone = { type: 'dark_skin_tone', codepoints: '1F3FF', shortcodes: ':skin-tone-6:' };
    expect(readReaction(emptyMeeting(), { reaction: { ...clap, tone } })).to.deep.equal({ ...clap, tone });
    expect(readReaction(emptyMeeting(), { reaction: { type: 'heart' } })).to.deep.equal({ type: 'heart' });
  });
  it('carry nothing else, and no long texts', () => {
    const read = readReaction(emptyMeeting(), {
      reaction: {
        type: 'clap',
        shortcodes: 'x'.repeat(1_000),
        codepoints: 7,
        script: '<b>',
        tone: { type: 7 },
      },
    });
    expect(read).to.deep.equal({ type: 'clap', shortcodes: 'x'.repeat(60) });
  });
  for (const body of [
    undefined,
    {},
    { reaction: {} },
    { reaction: { type: 'constructor' } },
    { reaction: { type: 7 } },
  ])
    it(`are refused when the type is not known: ${JSON.stringify(body)}`, () => {
      const { status, message } = refusalOf(() => readReaction(emptyMeeting(), body));
      expect(status).to.equal(400);
      expect(message).to.contain('smile');
    });
  it('are refused where the host turned them off', () => {
    const off = emptyMeeting({ controls: { ...defaultControls, reactions: false } });
    expect(refusalOf(() => readReaction(off, { reaction: clap })).status).to.equal(403);
  });
});
