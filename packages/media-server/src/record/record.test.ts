import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import {
  ALL_FORMATS,
  BufferSource,
  EncodedPacketSink,
  Input,
  type EncodedPacket,
  type InputTrack,
} from 'mediabunny';
import { Router } from '../core/router.js';
import { buildRtp } from '../rtp/packet.js';
import { blackKeyframe, silentOpus } from './fillers.js';
import { Recorder } from './recorder.js';
import { Reorder } from './reorder.js';

async function readBack(file: Uint8Array) {
  const input = new Input({ formats: ALL_FORMATS, source: new BufferSource(file) });
  const read = async (track: InputTrack) => {
    const packets: EncodedPacket[] = [];
    for await (const packet of new EncodedPacketSink(track).packets()) packets.push(packet);
    const times = packets.map(({ timestamp }) => timestamp);
    return {
      type: track.type,
      codec: await track.getCodec(),
      packets: packets.length,
      keys: packets.filter(({ type }) => type === 'key').length,
      first: times[0] ?? -1,
      last: times.at(-1) ?? -1,
      ordered: times.every((time, index) => index === 0 || time > (times[index - 1] ?? 0)),
      longestGap: Math.max(...times.slice(1).map((time, index) => time - (times[index] ?? 0))),
    };
  };
  const tracks = await input.getTracks();
  return Promise.all(tracks.map(read));
}

/** A publisher on the test's clock. */
function createPublisher(router: Router, id: string) {
  const sound = router.source(`${id}/0`);
  const picture = router.source(`${id}/1`);
  sound.kind = 'audio';
  picture.kind = 'video';
  let audioSequence = 100;
  let videoSequence = 200;
  return {
    sound,
    picture,
    speak: (now: number) => {
      audioSequence += 1;
      const fields = {
        marker: false,
        payloadType: 111,
        sequence: audioSequence,
        timestamp: now * 48,
        ssrc: 1,
      };
      sound.emit(buildRtp(fields, silentOpus), 'opus', 48_000, now);
    },
    /** one picture in three packets; one of them may be lost */
    show: (now: number, lose = false) => {
      for (let part = 0; part < 3; part += 1) {
        videoSequence += 1;
        if (lose && part === 1) continue;
        const data = blackKeyframe.subarray(part * 300, part === 2 ? undefined : (part + 1) * 300);
        const payload = Buffer.concat([Buffer.from([part === 0 ? 0x10 : 0]), data]);
        const fields = {
          marker: part === 2,
          payloadType: 96,
          sequence: videoSequence,
          timestamp: now * 90,
          ssrc: 2,
        };
        picture.emit(buildRtp(fields, payload), 'vp8', 90_000, now);
      }
    },
  };
}

describe('Recorder', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'trunkline-record-'));
  });
  after(() => rm(folder, { recursive: true, force: true }));

  const tracksOf = (one: ReturnType<typeof createPublisher>) => [
    { name: 'sound', kind: 'audio' as const, source: one.sound },
    { name: 'picture', kind: 'video' as const, source: one.picture },
  ];

  it('writes a file that has the sound and picture of two publishers in turn', async () => {
    const router = new Router();
    const ana = createPublisher(router, 'ana');
    const ben = createPublisher(router, 'ben');
    const file = path.join(folder, 'two.webm');
    const recorder = new Recorder(file, tracksOf(ana), () => undefined);
    await recorder.start(tracksOf(ana), 0);
    for (let now = 20; now <= 4000; now += 20) {
      if (now === 2000) {
        recorder.route('sound', ben.sound, now);
        recorder.route('picture', ben.picture, now);
      }
      for (const one of [ana, ben]) {
        one.speak(now);
        if (now % 40 === 0) one.show(now, now === 1000);
      }
      recorder.tick(now);
    }
    const summary = await recorder.stop(4000);
    expect(summary).to.include({ empty: false, durationMs: 4000 });
    expect(summary.tracks.map(({ lost }) => lost)).to.deep.equal([0, 1]);
    const [sound, picture] = await readBack(await readFile(file));
    expect(sound).to.include({ type: 'audio', codec: 'opus', ordered: true });
    expect(sound?.packets).to.be.within(198, 203);
    expect(sound?.longestGap).to.be.lessThan(0.05);
    expect(picture).to.include({ type: 'video', codec: 'vp8', ordered: true });
    // 100 pictures, one of which was incomplete, after a black one
    expect(picture?.packets).to.be.within(98, 101);
    expect(picture?.last).to.be.within(3.9, 4);
  });

  it('fills pauses, so that a meeting without cameras is a whole file', async () => {
    const router = new Router();
    const ana = createPublisher(router, 'ana');
    const file = path.join(folder, 'pauses.webm');
    const recorder = new Recorder(file, tracksOf(ana), () => undefined);
    await recorder.start(tracksOf(ana), 0);
    for (let now = 20; now <= 10_000; now += 20) {
      if (now < 2000 || now > 7000) ana.speak(now);
      recorder.tick(now);
    }
    const summary = await recorder.stop(10_000);
    expect(summary.tracks.find(({ kind }) => kind === 'video')?.packets).to.equal(0);
    const [sound, picture] = await readBack(await readFile(file));
    expect(sound?.longestGap).to.be.lessThan(0.1);
    expect(sound?.last).to.be.within(9.5, 10);
    expect(picture?.packets).to.be.greaterThan(3);
  });

  it('says that a recording is empty', async () => {
    const one = { name: 'sound', kind: 'audio' as const, source: undefined };
    const filled = new Recorder(path.join(folder, 'silent.webm'), [one], () => undefined);
    await filled.start([one], 0);
    filled.tick(1000);
    expect(await filled.stop(1000)).to.include({ empty: true });
  });

  it('refuses a path that cannot be written', async () => {
    const one = { name: 'sound', kind: 'audio' as const, source: undefined };
    const nowhere = new Recorder(path.join(folder, 'no', 'folder.webm'), [one], () => undefined);
    const refused = await nowhere.start([one], 0).catch((error: unknown) => error);
    expect(refused).to.include({ code: 'ERR_MEDIA_FILE' });
  });

  it('fails when the disk is full', async function () {
    if (process.platform !== 'linux') this.skip(); // there every write to /dev/full fails so
    const one = { name: 'sound', kind: 'audio' as const, source: undefined };
    const full = new Recorder('/dev/full', [one], () => undefined);
    await full.start([one], 0);
    for (let now = 20; now <= 3000; now += 20) full.tick(now);
    const failed = await full.stop(3000).catch((error: unknown) => error);
    expect(failed).to.include({ code: 'ERR_MEDIA_FILE' });
  });

  it('leaves a playable file when it is never ended (S-05)', async () => {
    const router = new Router();
    const ana = createPublisher(router, 'ana');
    const file = path.join(folder, 'killed.webm');
    const recorder = new Recorder(file, tracksOf(ana), () => undefined);
    await recorder.start(tracksOf(ana), 0);
    for (let now = 20; now <= 6000; now += 20) {
      ana.speak(now);
      if (now % 40 === 0) ana.show(now);
      recorder.tick(now);
      if (now % 1000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    // what is in the file now is what a kill would leave
    let bytes = await readFile(file);
    for (let tries = 0; tries < 300 && bytes.length < 100_000; tries += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      bytes = await readFile(file);
    }
    const [sound, picture] = await readBack(bytes);
    expect(sound?.last).to.be.at.least(4);
    expect(picture?.last).to.be.at.least(4);
    await recorder.stop(6000);
  });
});

describe('Reorder', () => {
  it('waits for a late packet, then goes on and says that there is a gap', () => {
    const reorder = new Reorder<number>(100);
    reorder.push(65_535, 1, 0);
    reorder.push(1, 3, 0);
    expect(reorder.take(0)).to.deep.equal([{ value: 1, gap: false }]);
    reorder.push(0, 2, 50);
    expect(reorder.take(50).map(({ value }) => value)).to.deep.equal([2, 3]);
    reorder.push(5, 9, 60);
    expect(reorder.take(100)).to.deep.equal([]);
    expect(reorder.take(170)).to.deep.equal([{ value: 9, gap: true }]);
    expect(reorder.lost).to.equal(3);
  });
});
