import { expect } from 'chai';
import { refusalOf } from '../samples.test.js';
import { readLocalMedia } from './messages.js';

const body = (said: unknown, more: object = {}): object => ({
  localMedias: [{ localSdp: typeof said === 'string' ? said : JSON.stringify(said), ...more }],
});
const offer = { messageType: 'OFFER', seq: 1, sdps: ['v=0'], tieBreaker: 4294967294 };

describe('media in a body', () => {
  it('is absent where there is none', () => {
    for (const none of [undefined, null, 'x', {}, { localMedias: [] }, { localMedias: {} }])
      expect(readLocalMedia(none)).to.equal(undefined);
  });
  it('carries a ROAP message and both mutes', () => {
    const said = { roapMessage: offer, audioMuted: true, videoMuted: false };
    expect(readLocalMedia(body(said, { mediaId: 'm1' }))).to.deep.equal({
      mediaId: 'm1',
      roap: offer,
      audioMuted: true,
      videoMuted: false,
    });
  });
  it('is mutes alone, of which one may be missing', () => {
    expect(readLocalMedia(body({ audioMuted: false }))).to.deep.equal({
      mediaId: '',
      roap: undefined,
      audioMuted: false,
      videoMuted: undefined,
    });
  });
  it('takes only true and false for mutes', () => {
    const read = readLocalMedia(body({ audioMuted: 'true', videoMuted: 1 }));
    expect(read).to.include({ audioMuted: undefined, videoMuted: undefined });
  });
  it('is the first of several', () => {
    const two = {
      localMedias: [...(body({ audioMuted: true }) as { localMedias: object[] }).localMedias, {}],
    };
    expect(readLocalMedia(two)?.audioMuted).to.equal(true);
  });
  for (const said of ['', 'nonsense', '[]', '"x"', 'null', '{"a":'])
    it(`is refused when it is ${said === '' ? 'empty' : said}`, () => {
      const { status, message } = refusalOf(() => readLocalMedia(body(said)));
      expect(status).to.equal(400);
      expect(message).to.contain('localSdp');
    });
  it('is refused without a text', () => {
    for (const localMedias of [[null], [7], [{}], [{ localSdp: {} }]])
      expect(refusalOf(() => readLocalMedia({ localMedias })).status).to.equal(400);
  });
  for (const roapMessage of [
    null,
    [],
    {},
    { ...offer, messageType: 'GREETING' },
    { ...offer, seq: -1 },
    { ...offer, seq: 1.5 },
    { ...offer, seq: '1' },
    { ...offer, sdps: [] },
    { ...offer, sdps: 'v=0' },
    { ...offer, sdps: ['v'.repeat(262_145)] },
  ])
    it(`is refused with the ROAP message ${JSON.stringify(roapMessage).slice(0, 80)}`, () => {
      const { status, message } = refusalOf(() => readLocalMedia(body({ roapMessage })));
      expect(status).to.equal(400);
      expect(message).to.contain('roapMessage');
    });
});
