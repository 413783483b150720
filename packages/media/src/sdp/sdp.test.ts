import { expect } from 'chai';
import { checkOffer, codecMismatches, rejectMids } from './check.js';
import {
  limitBandwidth,
  markSlides,
  periodicKeyframes,
  removeCandidates,
  removeCodecs,
  runSdpHandlers,
  startBitrate,
  stripHeaderExtensions,
  transcodedHandlers,
  type SdpHandler,
} from './handlers.js';
import { codecKeys, codecNames, parseSdp, writeSdp } from './session.js';

const context = { type: 'offer', from: 'local' } as const;
const run = (sdp: string, ...handlers: readonly SdpHandler[]): string =>
  runSdpHandlers(sdp, handlers, context);
const count = (sdp: string, pattern: RegExp): number => sdp.match(new RegExp(pattern, 'gm'))?.length ?? 0;

const head = [
  'v=0',
  'o=- 4611731400430051336 2 IN IP4 127.0.0.1',
  's=-',
  't=0 0',
  'a=group:BUNDLE 0 1 2',
  'a=extmap-allow-mixed',
];
const ice = [
  'a=candidate:1 1 udp 2113937151 192.0.2.1 50000 typ host generation 0',
  'a=candidate:2 1 xtls 1 192.0.2.1 443 typ host',
  'a=ice-ufrag:4ZcD',
  'a=ice-pwd:2/1muCWoOi3uLifh0NuRHlrd',
];
const audio = [
  'm=audio 50000 UDP/TLS/RTP/SAVPF 111 63 0 110',
  'c=IN IP4 192.0.2.1',
  ...ice,
  'a=mid:0',
  'a=extmap:1 urn:ietf:params:rtp-hdrext:ssrc-audio-level',
  'a=sendrecv',
  'a=rtpmap:111 opus/48000/2',
  'a=fmtp:111 minptime=10;useinbandfec=1',
  'a=rtpmap:63 red/48000/2',
  'a=fmtp:63 111/111',
  'a=rtpmap:0 PCMU/8000',
  'a=rtpmap:110 telephone-event/48000',
];
const videoLine = (mid: number, codecs: readonly string[]): readonly string[] => [
  `m=video 50000 UDP/TLS/RTP/SAVPF ${codecs.map((_, at) => `${String(100 + 2 * at)} ${String(101 + 2 * at)}`).join(' ')}`,
  'c=IN IP4 192.0.2.1',
  ...ice,
  `a=mid:${String(mid)}`,
  'a=extmap:3 urn:3gpp:video-orientation',
  mid === 1 ? 'a=sendrecv' : 'a=recvonly',
  ...codecs.flatMap((codec, at) => {
    const [name = '', config] = codec.split(' ');
    const payload = String(100 + 2 * at);
    return [
      `a=rtpmap:${payload} ${name}/90000`,
      `a=rtcp-fb:${payload} nack pli`,
      ...(config === undefined ? [] : [`a=fmtp:${payload} ${config}`]),
      `a=rtpmap:${String(101 + 2 * at)} rtx/90000`,
      `a=fmtp:${String(101 + 2 * at)} apt=${payload}`,
    ];
  }),
];
const baseline = 'H264 level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f';
const high = 'H264 packetization-mode=1;profile-level-id=640c1f';
const offerOf = (codecs: readonly string[], end = '\r\n'): string =>
  [...head, ...audio, ...videoLine(1, codecs), ...videoLine(2, codecs), ''].join(end);
const offer = offerOf(['VP8', baseline, 'AV1']);

const thrown = (work: () => unknown): unknown => {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
};

describe('parsing', () => {
  it('keeps what it does not know, and long session ids', () => {
    const odd = offer.replace('a=sendrecv', `a=sendrecv\r\na=odd-one:${'x'.repeat(10_000)}`);
    const written = writeSdp(parseSdp(odd));
    expect(written).to.include(`a=odd-one:${'x'.repeat(10_000)}`);
    expect(written).to.include('o=- 4611731400430051336 2');
  });
  it('reads LF as well as CRLF', () => {
    expect(parseSdp(offerOf(['VP8'], '\n')).media).to.have.length(3);
  });
  for (const text of ['', 'hello', 'v=0\r\n', 'm=audio 9 x 0\r\n', '{"sdp":1}'])
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(thrown(() => parseSdp(text))).to.include({ code: 'ERR_MEDIA_SDP', phase: 'offer' });
    });
  it('names codecs without their helpers', () => {
    const [sound, picture] = parseSdp(offer).media;
    expect(sound && codecNames(sound)).to.deep.equal(['opus', 'PCMU']);
    expect(picture && [...codecKeys(picture)]).to.deep.equal([
      'VP8',
      'H264 constrained baseline mode 1',
      'AV1',
    ]);
  });
});

describe('SDP handlers', () => {
  it('run in order and get the context', () => {
    const order: string[] = [];
    const note = (name: string): SdpHandler => ({
      name,
      apply: (_, { type, from }) => order.push(`${name} ${type} ${from}`),
    });
    run(offer, note('a'), note('b'));
    expect(order).to.deep.equal(['a offer local', 'b offer local']);
  });
  it('removeCodecs removes the codec, its rtx and its feedback, in any case', () => {
    const sdp = run(offer, removeCodecs('av1', 'RED'));
    expect(sdp).not.to.match(/AV1|red\/48000/);
    expect(sdp).to.include('m=video 50000 UDP/TLS/RTP/SAVPF 100 101 102 103\r\n');
    expect(sdp).to.include('m=audio 50000 UDP/TLS/RTP/SAVPF 111 0 110\r\n');
    expect(sdp).not.to.match(/(rtpmap|fmtp|rtcp-fb):10[45]/);
  });
  it('removeCodecs never leaves an m-line without a codec', () => {
    expect(run(offerOf(['VP8']), removeCodecs('VP8'))).to.include('VP8/90000');
  });
  it('limitBandwidth writes one TIAS line per m-line, and replaces an earlier one', () => {
    const twice = run(
      offer,
      limitBandwidth({ videoBps: 1 }),
      limitBandwidth({ audioBps: 64_000, videoBps: 4_000_000 }),
    );
    expect(count(twice, /^b=TIAS:64000\r$/)).to.equal(1);
    expect(count(twice, /^b=TIAS:4000000\r$/)).to.equal(2);
    expect(count(twice, /^b=/)).to.equal(3);
    expect(count(run(offer, limitBandwidth({ audioBps: 1 })), /^b=/)).to.equal(1);
  });
  it('periodicKeyframes asks on video only, once', () => {
    const sdp = run(offer, periodicKeyframes(), periodicKeyframes(10));
    expect(count(sdp, /^a=periodic-keyframes:10\r$/)).to.equal(2);
    expect(count(sdp, /periodic-keyframes/)).to.equal(2);
  });
  it('markSlides marks the second of exactly two videos', () => {
    expect(run(offer, markSlides()).split('m=')[3]).to.include('a=content:slides');
    expect(count(run(offer, markSlides()), /a=content/)).to.equal(1);
    const one = [...head, ...audio, ...videoLine(1, ['VP8']), ''].join('\r\n');
    expect(run(one, markSlides())).not.to.include('content');
  });
  it('stripHeaderExtensions removes every extmap', () => {
    expect(run(offer, stripHeaderExtensions())).not.to.include('a=extmap:');
  });
  it('startBitrate is added to H.264 only, once', () => {
    const sdp = run(offer, startBitrate(), startBitrate(1));
    expect(count(sdp, /x-google-start-bitrate=2000/)).to.equal(2);
    expect(sdp).to.match(/profile-level-id=42e01f;x-google-start-bitrate=2000/);
  });
  it('removeCandidates removes transports that browsers do not know', () => {
    expect(run(offer, removeCandidates())).not.to.include('xtls');
    expect(count(run(offer, removeCandidates()), /^a=candidate/)).to.equal(3);
    expect(run(offer, removeCandidates('UDP'))).not.to.include(' udp ');
  });
  it('together make the offer that transcoded mode sends', () => {
    const sdp = run(offer, ...transcodedHandlers().local);
    expect(sdp)
      .to.include('b=TIAS:64000')
      .and.to.include('a=periodic-keyframes:20')
      .and.to.include('a=content:slides');
    expect(sdp).not.to.include('extmap:');
    expect(sdp).to.include('apt=100'); // rtx is kept
  });
});

describe('checkOffer', () => {
  const without = (pattern: RegExp): string => offer.replace(new RegExp(pattern, 'gm'), '');
  it('accepts a complete offer, also one with VP8 only (M-10)', () => {
    checkOffer(offer);
    checkOffer(offerOf(['VP8']));
    checkOffer(offerOf([baseline]));
  });
  for (const [what, sdp, text] of [
    ['candidates', without(/^a=candidate.*\r\n/), 'ICE candidate'],
    ['ice-ufrag', without(/^a=ice-ufrag.*\r\n/), 'ice-ufrag'],
    ['ice-pwd', without(/^a=ice-pwd.*\r\n/), 'ice-pwd'],
    ['a port', offer.replace('m=audio 50000', 'm=audio 0'), 'port'],
  ] as const)
    it(`refuses an offer without ${what}, and names the m-line`, () => {
      const error = thrown(() => {
        checkOffer(sdp);
      });
      expect(error).to.include({ code: 'ERR_MEDIA_SDP', phase: 'offer' });
      expect((error as Error).message)
        .to.include(text)
        .and.to.include('audio m-line with mid 0');
    });
  it('takes the credentials of the session', () => {
    checkOffer(
      without(/^a=ice-(ufrag|pwd).*\r\n/).replace(
        't=0 0\r\n',
        't=0 0\r\na=ice-ufrag:abcd\r\na=ice-pwd:efghijklmnopqrstuvwxyz\r\n',
      ),
    );
  });
  it('takes the candidates of the first m-line of the bundle', () => {
    const [before = '', first = '', ...rest] = offer.split(/(?=^m=)/m);
    checkOffer([before, first, ...rest.map((part) => part.replace(/^a=candidate.*\r\n/gm, ''))].join(''));
  });
  it('refuses video without a usable codec, and names both sides', () => {
    const error = thrown(() => {
      checkOffer(offerOf(['AV1', 'VP9']));
    });
    expect(error).to.include({ code: 'ERR_MEDIA_CODEC' });
    expect((error as Error).message)
      .to.include('AV1, VP9')
      .and.to.include('H264 or VP8');
    expect(
      thrown(() => {
        checkOffer(offerOf(['VP8']), { videoCodecs: ['H264'] });
      }),
    ).to.include({ code: 'ERR_MEDIA_CODEC' });
  });
});

describe('codecMismatches (M-10)', () => {
  const names = (ours: readonly string[], theirs: readonly string[]) =>
    codecMismatches(offerOf(ours), offerOf(theirs)).map(({ mid, offered, answered }) => ({
      mid,
      offered,
      answered,
    }));
  it('finds none when one codec is in common, in any order', () => {
    expect(names(['VP8', baseline], [baseline])).to.deep.equal([]);
    expect(names(['VP8', baseline], ['VP9', 'VP8'])).to.deep.equal([]);
  });
  it('names what each side has when nothing is in common', () => {
    expect(names(['VP8'], [baseline])).to.deep.equal([
      { mid: '1', offered: ['VP8'], answered: ['H264'] },
      { mid: '2', offered: ['VP8'], answered: ['H264'] },
    ]);
    const [first] = codecMismatches(offerOf(['VP8']), offerOf([baseline]));
    expect(first?.error).to.include({ code: 'ERR_MEDIA_CODEC', phase: 'answer' });
    expect(first?.error.message).to.include('VP8').and.to.include('H264');
  });
  it('distinguishes H.264 profiles, and names them', () => {
    const [first] = names([baseline], [high]);
    expect(first?.offered).to.deep.equal(['H264 constrained baseline mode 1']);
    expect(first?.answered).to.deep.equal(['H264 constrained high mode 1']);
    expect(names([baseline], ['H264 packetization-mode=0;profile-level-id=42e01f'])).to.have.length(2);
  });
  it('takes the same profile of another level, in another order of attributes, for the same', () => {
    expect(names([baseline], ['H264 profile-level-id=42e00d;packetization-mode=1'])).to.deep.equal([]);
    expect(names([baseline], ['H264 profile-level-id=4d801f;packetization-mode=1'])).to.deep.equal([]);
  });
  it('counts a rejected m-line, and not one that was offered inactive', () => {
    const rejected = offerOf(['VP8']).replace('m=video 50000', 'm=video 0');
    expect(codecMismatches(offerOf(['VP8']), rejected).map(({ mid }) => mid)).to.deep.equal(['1']);
    const inactive = offerOf(['VP8']).replace(
      'a=mid:1\r\na=extmap:3 urn:3gpp:video-orientation\r\na=sendrecv',
      'a=mid:1\r\na=inactive',
    );
    expect(codecMismatches(inactive, rejected)).to.deep.equal([]);
  });
  it('are taken out of the answer and its bundle', () => {
    const session = parseSdp(offerOf([baseline]));
    rejectMids(session, ['1', '2']);
    const written = writeSdp(session);
    expect(written).to.include('a=group:BUNDLE 0\r\n');
    expect(count(written, /^m=video 0 /)).to.equal(2);
    expect(count(written, /^a=inactive/)).to.equal(2);
  });
});

describe('malformed SDPs', () => {
  // a small deterministic generator: a failure can be repeated
  const randomOf = (seed: number) => {
    let state = seed;
    return (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return state % below;
    };
  };
  const broken = (seed: number): string => {
    const random = randomOf(seed);
    let sdp = offer;
    for (let n = 0; n <= random(8); n += 1) {
      const at = random(sdp.length);
      const length = random(60);
      const change = random(4);
      if (change === 0) sdp = sdp.slice(0, at) + sdp.slice(at + length);
      else if (change === 1)
        sdp = sdp.slice(0, at) + sdp.slice(at, at + length).repeat(2) + sdp.slice(at + length);
      else if (change === 2)
        sdp = sdp.slice(0, at) + '\u0000\r\na=x:\r\nm= \r\n'.slice(random(10)) + sdp.slice(at);
      else sdp = sdp.replace(/\d+/g, (digits) => (random(10) === 0 ? '9'.repeat(random(30)) : digits));
    }
    return sdp;
  };
  it('give a text or a typed error, never anything else', () => {
    const { local, remote } = transcodedHandlers();
    for (let seed = 1; seed <= 2000; seed += 1) {
      const sdp = broken(seed);
      for (const work of [
        () => run(sdp, ...local, ...remote, removeCodecs('VP8', 'opus')),
        () => {
          checkOffer(sdp);
        },
        () => codecMismatches(offer, sdp),
        () => codecMismatches(sdp, offer),
      ]) {
        const error = thrown(work);
        if (error !== undefined) expect(error, `seed ${String(seed)}`).to.have.property('phase');
      }
    }
  });
  it('of 256 KiB are read in reasonable time', () => {
    const long = offer + 'a=candidate:1 1 udp 1 192.0.2.1 1 typ host\r\n'.repeat(5000);
    const started = performance.now();
    run(long, ...transcodedHandlers().remote);
    expect(performance.now() - started).to.be.lessThan(2000);
  });
});
