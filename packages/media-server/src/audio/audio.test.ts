import { expect } from 'chai';
import { Router } from '../core/router.js';
import { Sender } from '../core/sender.js';
import { Downlink } from '../core/downlink.js';
import { buildRtp, isRtcp, parseRtp } from '../rtp/packet.js';
import { JitterBuffer } from './jitter-buffer.js';
import { levelOf } from './level.js';
import { AudioMix } from './mix.js';
import { frameSamples, loadOpus, type OpusDecoder, type OpusEncoder, type OpusLibrary } from './opus.js';
import { Player, readSamples } from './player.js';
import { SpeakerDetector, type Speakers } from './speakers.js';

const toneFrame = (frequency: number, frame: number, volume = 8000): Int16Array =>
  Int16Array.from({ length: frameSamples }, (_, index) =>
    Math.round(volume * Math.sin((2 * Math.PI * frequency * (frame * frameSamples + index)) / 48_000)),
  );
/** Strength of a frequency (Goertzel). */
function strength(samples: Int16Array, frequency: number): number {
  const factor = 2 * Math.cos((2 * Math.PI * frequency) / 48_000);
  let before = 0;
  let beforeThat = 0;
  for (const sample of samples) [before, beforeThat] = [sample + factor * before - beforeThat, before];
  return Math.sqrt(before ** 2 + beforeThat ** 2 - factor * before * beforeThat) / samples.length;
}

interface Voice {
  readonly name: string;
  readonly frequency: number;
  readonly encoder: OpusEncoder;
  readonly decoder: OpusDecoder;
  readonly played: Int16Array[];
  packetsHeard: number;
}
const opusLine = {
  codecs: [
    {
      codec: 'opus' as const,
      offered: { payloadType: 111, name: 'opus', clockRate: 48_000, channels: 2, fmtp: '', feedback: [] },
      rtx: undefined,
    },
  ],
  telephoneEvent: undefined,
  transportCcId: undefined,
  absoluteSendTimeId: undefined,
};

/** People in a mix, on a clock of the test. */
function createRoom(opus: OpusLibrary, frequencies: Readonly<Record<string, number>>) {
  const router = new Router();
  const reports: Speakers[] = [];
  const mix = new AudioMix({ id: 'm', opus, router, onSpeakers: (speakers) => reports.push(speakers) });
  let frame = 0;
  const voices = Object.entries(frequencies).map(([name, frequency]): Voice => {
    const voice: Voice = {
      name,
      frequency,
      encoder: opus.createEncoder(),
      decoder: opus.createDecoder(),
      played: [],
      packetsHeard: 0,
    };
    const sender = new Sender(
      { id: name, kind: 'audio', ssrc: 5, rtxSsrc: undefined, mid: '0' },
      {
        downlink: new Downlink(),
        epochMs: () => 0,
        send: (packet) => {
          const header = isRtcp(packet) ? undefined : parseRtp(packet);
          const samples =
            header && voice.decoder.decode(packet.subarray(header.payloadStart, header.payloadEnd));
          if (samples) voice.played.push(samples);
          voice.packetsHeard += 1;
          return true;
        },
      },
    );
    sender.setLine(opusLine);
    const source = router.source(name);
    source.kind = 'audio';
    mix.join({ id: name, source, sender });
    return voice;
  });
  /** Lets time pass while some speak. */
  const run = (ms: number, speaking: readonly string[]): void => {
    for (const voice of voices) voice.played.length = 0;
    for (let passed = 0; passed < ms; passed += 20) {
      frame += 1;
      for (const { name, frequency, encoder } of voices) {
        const samples = speaking.includes(name) ? toneFrame(frequency, frame) : new Int16Array(frameSamples);
        const packet = buildRtp(
          { marker: false, payloadType: 111, sequence: frame & 0xffff, timestamp: frame * 960, ssrc: 1 },
          encoder.encode(samples),
        );
        router.source(name).emit(packet, 'opus', 48_000, frame * 20);
      }
      mix.tick(frame * 20);
    }
  };
  /** What a participant received at the end: strength by name. */
  const receives = (name: string): Readonly<Record<string, boolean>> => {
    const last = voices.find((voice) => voice.name === name)?.played.slice(-10) ?? [];
    return Object.fromEntries(
      voices.map(({ name: other, frequency }) => [
        other,
        last.some((samples) => strength(samples, frequency) > 300),
      ]),
    );
  };
  return { mix, router, reports, run, receives, voices };
}

for (const library of ['@evan/opus', 'opusscript'] as const)
  describe(`AudioMix with ${library}`, function () {
    this.timeout(20_000);
    let opus: OpusLibrary;
    before(async () => {
      opus = await loadOpus(library);
      expect(opus.name).to.equal(library);
    });

    it('sends each participant all others and not themselves', () => {
      const room = createRoom(opus, { ana: 400, ben: 900, cara: 1700 });
      room.run(1000, ['ana', 'ben']);
      expect(room.receives('ana')).to.deep.equal({ ana: false, ben: true, cara: false });
      expect(room.receives('ben')).to.deep.equal({ ana: true, ben: false, cara: false });
      expect(room.receives('cara')).to.deep.equal({ ana: true, ben: true, cara: false });
      room.mix.close();
      expect(room.router.size).to.equal(3);
    });

    it('leaves a muted participant out of the mix and of the speakers', () => {
      const room = createRoom(opus, { ana: 400, ben: 900, cara: 1700 });
      room.mix.mute('ana', true);
      room.run(600, ['ana']);
      expect(room.receives('ben')).to.deep.equal({ ana: false, ben: false, cara: false });
      expect(room.reports).to.deep.equal([]);
      room.mix.mute('ana', false);
      room.run(600, ['ana']);
      expect(room.receives('ben')['ana']).to.equal(true);
    });

    it('forwards the packets of two as they are, and mixes again with a third', () => {
      const room = createRoom(opus, { ana: 400, ben: 900 });
      room.run(500, ['ana']);
      expect(room.receives('ben')).to.deep.equal({ ana: true, ben: false });
      room.mix.mute('ana', true);
      const [, ben] = room.voices;
      const before = ben?.packetsHeard;
      room.run(200, ['ana']);
      // at most what was on its way
      expect((ben?.packetsHeard ?? 0) - (before ?? 0)).to.be.at.most(1);
    });

    it('reports who speaks within a second, and no one a second after the last word (M-12)', () => {
      const room = createRoom(opus, { ana: 400, ben: 900, cara: 1700 });
      room.run(500, ['ana']);
      expect(room.reports.at(-1)).to.deep.equal({ speaking: ['ana'], dominant: 'ana' });
      room.mix.mute('ana', true);
      room.run(1000, ['ana', 'ben']);
      expect(room.reports.at(-1)).to.deep.equal({ speaking: ['ben'], dominant: 'ben' });
      room.run(1000, []);
      expect(room.reports.at(-1)).to.deep.equal({ speaking: [], dominant: 'ben' });
    });
  });

describe('SpeakerDetector', () => {
  it('does not change the dominant speaker for a cough or a slightly louder voice', () => {
    const detector = new SpeakerDetector();
    let now = 0;
    const run = (ms: number, levels: Readonly<Record<string, number>>) => {
      for (const end = now + ms; now < end; now += 20) {
        for (const [name, level] of Object.entries(levels)) detector.update(name, level, now);
        detector.take(now);
      }
      return detector;
    };
    run(2000, { ana: -25, ben: -127 });
    run(40, { ana: -25, ben: -10 });
    run(1000, { ana: -25, ben: -127 });
    expect(detector.isSpeaking('ben')).to.equal(false);
    run(2000, { ana: -25, ben: -23 });
    detector.remove('cara');
    const kept = run(20, { ana: -25, ben: -23 }).take(now + 1);
    expect(kept).to.equal(undefined);
  });
});

describe('JitterBuffer', () => {
  const payload = (value: number): Buffer => Buffer.from([value]);
  it('puts packets in order across the wrap and waits for late ones', () => {
    const buffer = new JitterBuffer();
    buffer.push(65_535, payload(1));
    expect(buffer.pull()).to.equal('empty');
    buffer.push(1, payload(3));
    expect(buffer.pull()).to.deep.equal({ payload: payload(1) });
    expect(buffer.pull()).to.equal('empty');
    buffer.push(0, payload(2));
    expect(buffer.pull()).to.deep.equal({ payload: payload(2) });
    expect(buffer.pull()).to.deep.equal({ payload: payload(3) });
  });
  it('says that a packet is lost once others keep coming', () => {
    const buffer = new JitterBuffer();
    for (const sequence of [1, 2, 4, 5, 6]) buffer.push(sequence, payload(sequence));
    buffer.pull();
    buffer.pull();
    expect(buffer.pull()).to.equal('lost');
    expect(buffer.pull()).to.deep.equal({ payload: payload(4) });
  });
  it('does not grow without bound', () => {
    const buffer = new JitterBuffer();
    for (let sequence = 0; sequence < 400; sequence += 1) buffer.push(sequence, payload(0));
    buffer.pull();
    expect(buffer.size).to.be.at.most(8);
  });
});

describe('Player', () => {
  it('plays everything once, or again and again', async () => {
    const opus = await loadOpus();
    for (const [loop, expected] of [
      [false, 10],
      [true, 50],
    ] as const) {
      const router = new Router();
      let ended = 0;
      let packets = 0;
      const source = router.source('p');
      const player = new Player(opus, source, {
        open: readSamples(
          toneFrame(440, 0).length > 0 ? new Int16Array(10 * frameSamples).fill(1000) : new Int16Array(0),
        ),
        loop,
        onEnd: () => (ended += 1),
      });
      source.sinks.add({ push: () => (packets += 1) });
      await player.start();
      for (let now = 0; now < 1000; now += 20) {
        player.tick(now);
        await Promise.resolve();
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(packets).to.equal(expected);
      expect(ended).to.equal(loop ? 0 : 1);
      player.close();
    }
  });
});

describe('levelOf', () => {
  it('is dB below full scale', () => {
    expect(levelOf(new Int16Array(960))).to.equal(-127);
    expect(levelOf(toneFrame(440, 0, 32_767))).to.be.closeTo(-3, 0.2);
  });
});
