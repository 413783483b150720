import { expect } from 'chai';
import { negotiateOffer } from '../core/negotiation.js';
import { videoCodecs, type VideoCodec } from './codec.js';
import { commonVideoCodecs, readOffer } from './offer.js';

const ice = [
  'c=IN IP4 0.0.0.0',
  'a=ice-ufrag:abcd',
  'a=ice-pwd:0123456789012345678901',
  `a=fingerprint:sha-256 ${Array.from({ length: 32 }, () => 'AB').join(':')}`,
  'a=setup:actpass',
  'a=rtcp-mux',
];
const h264 = (type: number, profile: string, mode = 1): readonly string[] => [
  `a=rtpmap:${String(type)} H264/90000`,
  `a=fmtp:${String(type)} packetization-mode=${String(mode)};profile-level-id=${profile};level-asymmetry-allowed=1`,
];
const audio = (extra: readonly string[] = [], types = '111'): readonly string[] => [
  `m=audio 9 UDP/TLS/RTP/SAVPF ${types}`,
  ...ice,
  'a=mid:0',
  'a=sendrecv',
  'a=rtpmap:111 opus/48000/2',
  'a=ssrc:1001 cname:x',
  ...extra,
];
const video = (mid: string, types: string, codecs: readonly string[], extra: readonly string[] = []) => [
  `m=video 9 UDP/TLS/RTP/SAVPF ${types}`,
  ...ice,
  `a=mid:${mid}`,
  'a=sendrecv',
  ...codecs,
  ...extra,
];
const sdp = (...sections: readonly (readonly string[])[]): string => {
  const mids = sections.flatMap((lines) => lines.flatMap((line) => /^a=mid:(.*)/.exec(line)?.[1] ?? []));
  return [
    'v=0',
    'o=- 1 1 IN IP4 0.0.0.0',
    's=-',
    't=0 0',
    `a=group:BUNDLE ${mids.join(' ')}`,
    ...sections.flat(),
    '',
  ].join('\r\n');
};
const vp8 = ['a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'];
const uses = (text: string, allowed: readonly VideoCodec[] = videoCodecs) =>
  negotiateOffer(readOffer(text), allowed).sections.map(({ use }) => use);
const refusal = (text: unknown): unknown => {
  try {
    return readOffer(text);
  } catch (error) {
    return error;
  }
};

describe('readOffer', () => {
  const usual = sdp(
    audio(),
    video('1', '96 97', vp8, ['a=ssrc-group:FID 2001 2002', 'a=ssrc:2001 cname:x', 'a=ssrc:2002 cname:x']),
  );

  it('reads codecs, SSRCs and their retransmissions', () => {
    const [, one] = readOffer(usual).sections;
    expect(one).to.deep.include({
      kind: 'video',
      mid: '1',
      ssrcs: [2001],
      direction: 'sendrecv',
      slides: false,
    });
    expect(one?.rtxSsrcs.get(2001)).to.equal(2002);
    expect(one?.codecs.map(({ name }) => name)).to.deep.equal(['vp8', 'rtx']);
  });

  it('reads the layers of a SIM group, lowest first, and those of RIDs', () => {
    const sim = ['a=ssrc-group:SIM 1 2 3', ...[1, 2, 3].map((ssrc) => `a=ssrc:${String(ssrc)} cname:x`)];
    expect(readOffer(sdp(video('0', '96', vp8, sim))).sections[0]?.simulcastSsrcs).to.deep.equal([1, 2, 3]);
    const rids = ['a=rid:q send', 'a=rid:f send', 'a=simulcast:send q;f'];
    expect(readOffer(sdp(video('0', '96', vp8, rids))).sections[0]?.rids).to.deep.equal(['q', 'f']);
  });

  // C-09: odd descriptions that must work all the same
  const audioUse = (text: string): string | undefined => uses(text)[0];
  for (const [what, text] of [
    ['only \\n as line end', usual.replaceAll('\r\n', '\n')],
    ['video with port 0', usual.replace('m=video 9', 'm=video 0')],
    ['no a=mid', usual.replace(/a=mid:.*\r\n/g, '').replace(/a=group.*\r\n/, '')],
    ['no rtcp-mux', usual.replaceAll('a=rtcp-mux\r\n', '')],
    ['static payload types without rtpmap', sdp(audio([], '0 8 9 13 111'))],
    ['an unknown attribute of 10 kB', usual.replace('a=mid:0', `a=x-odd:${'y'.repeat(10_000)}\r\na=mid:0`)],
    ['the version repeated', usual.replace('s=-', 'v=0\r\ns=-')],
    ['hold by 0.0.0.0', usual],
    [
      'the fingerprint at session level',
      usual.replace(/a=fingerprint:.*\r\n/g, '').replace('t=0 0', `t=0 0\r\n${ice[3] ?? ''}`),
    ],
  ] as const)
    it(`takes sound from an offer with ${what}`, () => {
      expect(audioUse(text)).to.equal('media');
    });

  it('keeps the others when a section is refused or bundle-only', () => {
    expect(uses(usual.replace('m=video 9', 'm=video 0'))).to.deep.equal(['media', 'refused']);
    expect(
      uses(usual.replace('m=video 9', 'm=video 0').replace('a=mid:1', 'a=mid:1\r\na=bundle-only')),
    ).to.deep.equal(['media', 'media']);
  });

  it('uses the first section alone when nothing is bundled, and says so of the others', () => {
    const { sections, problems } = negotiateOffer(readOffer(usual.replace(/a=group.*\r\n/, '')), videoCodecs);
    expect(sections.map(({ use }) => use)).to.deep.equal(['media', 'refused']);
    expect(problems).to.deep.include({
      mid: '1',
      kind: 'video',
      reason: 'not-bundled',
      offered: ['vp8', 'rtx'],
      allowed: [],
    });
  });

  for (const [what, text] of [
    ['a number', 5],
    ['an empty text', ''],
    ['no media section', 'v=0\r\ns=-\r\n'],
    ['no ICE', usual.replace(/a=ice-.*\r\n/g, '')],
    ['no fingerprint', usual.replace(/a=fingerprint.*\r\n/g, '')],
    ['a fingerprint that is none', usual.replace(/AB:AB/g, 'XY')],
    ['a password that would end a line', usual.replaceAll('0123456789012345678901', 'short')],
    ['every section refused', usual.replace(/m=(audio|video) 9/g, 'm=$1 0')],
    ['one mid twice', usual.replace('a=mid:1', 'a=mid:0')],
    ['2 MB', `v=0\r\n${'a=x:y\r\n'.repeat(300_000)}`],
  ] as const)
    it(`refuses ${what} with a typed error`, () => {
      expect(refusal(text)).to.include({ code: 'ERR_MEDIA_OFFER', phase: 'offer' });
    });
});

describe('codec choice', () => {
  const firefox = sdp(audio(), video('1', '120', ['a=rtpmap:120 VP8/90000']));
  const chromium = sdp(
    audio(),
    video('1', '96 102 103', [...vp8, ...h264(102, '42e01f', 0), ...h264(103, '42e01f')]),
  );
  const official = sdp(audio(), video('1', '103 104', [...h264(103, '42E01F'), ...h264(104, '640c1f')]));

  it('is H.264 constrained baseline while every offer lists it, else VP8', () => {
    expect(commonVideoCodecs([chromium, official])[0]).to.equal('h264-constrained-baseline');
    expect(commonVideoCodecs([chromium, firefox])).to.deep.equal(['vp8']);
    expect(commonVideoCodecs([official, firefox])).to.deep.equal([]);
  });

  it('finds another profile that both have', () => {
    const high = sdp(audio(), video('1', '104', h264(104, '640c1f')));
    expect(commonVideoCodecs([high, official])).to.deep.equal(['h264-constrained-high']);
  });

  it('keeps sound and names the codecs when there is no common one', () => {
    const { sections, problems } = negotiateOffer(readOffer(firefox), ['h264-constrained-baseline']);
    expect(sections.map(({ use }) => use)).to.deep.equal(['media', 'inactive']);
    expect(problems).to.deep.equal([
      {
        mid: '1',
        kind: 'video',
        reason: 'no-common-codec',
        offered: ['vp8'],
        allowed: ['h264-constrained-baseline'],
      },
    ]);
  });

  it('does not depend on the order of attributes', () => {
    const [, section] = readOffer(chromium).sections;
    const shuffled = chromium.split('\r\n');
    const start = shuffled.findIndex((line) => line.startsWith('m=video'));
    const attributes = shuffled
      .splice(start + 1)
      .filter((line) => line !== '')
      .reverse();
    const [, other] = readOffer([...shuffled, ...attributes, ''].join('\r\n')).sections;
    expect(other?.codecs).to.deep.equal(section?.codecs);
  });
});
