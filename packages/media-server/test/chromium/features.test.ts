import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { commonVideoCodecs, type MediaServer, type MediaTransport } from '../../src/index.js';
import { startBrowser, type ClientPage, type TestBrowser } from '../support/browser.js';
import { join, pageOf, sleep, startServer, until } from '../support/server.js';
import { startRelay } from '../support/relay.js';

describe('what Chromium sees', function () {
  this.timeout(60_000);
  let browser: TestBrowser | undefined;
  let server: MediaServer;
  let page: ClientPage;
  before(async function () {
    browser = await startBrowser();
    if (!browser) this.skip();
  });
  beforeEach(async () => {
    server = await startServer({ mode: 'process' });
    page = await pageOf(browser);
  });
  afterEach(() => server.close());
  after(() => browser?.close());

  const show = async (to: MediaTransport, from: MediaTransport, mid = '1', toMid = mid): Promise<void> => {
    await to.slot(toMid)?.route(from.track(mid));
  };
  const frames = async (name: string, mid: string, count = 15, ms = 8000): Promise<void> => {
    const before = (await page.call('frames', name, mid)).length;
    await until(
      `frames of ${name}`,
      async () => (await page.call('frames', name, mid)).length - before >= count,
      ms,
    );
  };

  it('uses H.264 when every offer lists it, else VP8', async () => {
    const offers = [await page.call('open', 'ana', {}), await page.call('open', 'ben', { video: ['VP8'] })];
    expect(commonVideoCodecs(offers.slice(0, 1))[0]).to.equal('h264-constrained-baseline');
    const videoCodecs = commonVideoCodecs(offers);
    expect(videoCodecs[0]).to.equal('vp8');
    const [ana, ben] = [await server.createTransport(), await server.createTransport()];
    for (const [name, transport, offer] of [
      ['ana', ana, offers[0]],
      ['ben', ben, offers[1]],
    ] as const) {
      await page.call('answer', name, (await transport.accept(offer ?? '', { videoCodecs })).answer);
      await page.call('connected', name);
    }
    await show(ben, ana);
    await frames('ben', '1');
    expect((await server.stats()).transports[0]?.tracks[1]?.codec).to.equal('vp8');
    const cara = await join(page, 'cara', server);
    const dev = await join(page, 'dev', server);
    await show(dev, cara);
    await frames('dev', '1');
    expect((await server.stats()).transports[2]?.tracks[1]?.codec).to.equal('h264-constrained-baseline');
    const error: unknown = await ben
      .slot('1')
      ?.route(cara.track('1'))
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'ERR_MEDIA_NO_COMMON_CODEC' });
  });

  it('gets a share on the slides section after a new offer, with the same SSRCs', async () => {
    const ana = await join(page, 'ana', server);
    const ben = await join(page, 'ben', server);
    await show(ben, ana);
    await frames('ben', '1');
    const { ssrc } = ana.slot('1') ?? {};
    await page.call('share', 'ana', 'lime');
    const { answer, restarted, tracks } = await ana.accept(await page.call('offer', 'ana', {}));
    expect(restarted).to.equal(false);
    expect(tracks.find(({ slides }) => slides)?.mid).to.equal('2');
    expect(answer).to.include(`a=ssrc:${String(ssrc)} `);
    await page.call('answer', 'ana', answer);
    await show(ben, ana, '2');
    await frames('ben', '2');
    expect(await page.call('pixel', 'ben', '2')).to.equal('green');
    await frames('ben', '1');
  });

  it('goes on after an ICE restart, and after a change of address', async () => {
    const relay = await startRelay();
    const ana = await join(page, 'ana', server, {}, relay.front);
    const ben = await join(page, 'ben', server);
    await show(ben, ana);
    await frames('ben', '1');
    relay.rebind();
    await frames('ben', '1');
    const { answer, restarted } = await ana.accept(await page.call('offer', 'ana', { restart: true }));
    expect(restarted).to.equal(true);
    await page.call('answer', 'ana', answer);
    await frames('ben', '1');
    relay.close();
  });

  it('has few frozen pictures and hardly any lost sound with 5 % loss on both legs', async () => {
    const hop = () => startRelay({ delayMs: 20, lossShare: 0.05 }, { delayMs: 20, lossShare: 0.05 });
    const [up, down] = [await hop(), await hop()];
    const ana = await join(page, 'ana', server, {}, up.front);
    const ben = await join(page, 'ben', server, {}, down.front);
    await show(ben, ana);
    await show(ben, ana, '0');
    await frames('ben', '1', 30);
    const before = await page.call('stats', 'ben');
    await sleep(8000);
    const after = await page.call('stats', 'ben');
    expect(up.dropped.up).to.be.greaterThan(10);
    expect(down.dropped.down).to.be.greaterThan(10);
    const [video, sound] = [after.video.find(({ mid }) => mid === '1'), after.audio[0]];
    expect(
      (video?.frames ?? 0) - (before.video.find(({ mid }) => mid === '1')?.frames ?? 0),
    ).to.be.greaterThan(120);
    expect((video?.frozen ?? 0) - (before.video.find(({ mid }) => mid === '1')?.frozen ?? 0)).to.be.lessThan(
      2,
    );
    const packets = (sound?.packets ?? 0) - (before.audio[0]?.packets ?? 0);
    expect((sound?.lost ?? 0) - (before.audio[0]?.lost ?? 0)).to.be.at.most(packets * 0.02);
    up.close();
    down.close();
  });

  it('selects simulcast layers', async () => {
    const ana = await join(page, 'ana', server, {
      simulcast: true,
      width: 960,
      height: 540,
      video: ['VP8'],
    });
    const ben = await join(page, 'ben', server, { video: ['VP8'] });
    await ben.slot('1')?.route(ana.track('1'), { maxLayer: 0 });
    const height = (wanted: number) =>
      until(
        `${String(wanted)} lines`,
        async () => (await page.call('frames', 'ben', '1')).at(-1)?.height === wanted,
        20_000,
      );
    await height(135);
    await ben.slot('1')?.route(ana.track('1'), { maxLayer: 2 });
    await height(540);
  });

  it('records both people to one file that the browser plays', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'trunkline-'));
    const file = path.join(folder, 'meeting.webm');
    const ana = await join(page, 'ana', server, { colour: 'red', video: ['VP8'] });
    const ben = await join(page, 'ben', server, { colour: 'blue', video: ['VP8'], frequency: 900 });
    const mix = await server.createMix();
    await mix.join({ participant: 'ana', track: ana.track('0'), slot: ana.slot('0') });
    await mix.join({ participant: 'ben', track: ben.track('0'), slot: ben.slot('0') });
    const recorder = await server.createRecorder({
      path: file,
      tracks: [
        { name: 'sound', kind: 'audio', track: mix.track },
        { name: 'picture', kind: 'video', track: ana.track('1') },
      ],
    });
    await sleep(3000);
    await recorder.route('picture', ben.track('1'));
    await sleep(3000);
    const summary = await recorder.stop();
    expect(summary.tracks.map(({ packets }) => packets > 50)).to.deep.equal([true, true]);
    const bytes = (await readFile(file)).toString('base64');
    const early = await page.call('play', bytes, 2);
    const late = await page.call('play', bytes, 5.5);
    expect(early.duration).to.be.within(5, 7.5);
    expect(early.r).to.be.greaterThan(early.b);
    expect(late.b).to.be.greaterThan(late.r);
    await rm(folder, { recursive: true });
  });

  it('exchanges messages over the data channel', async () => {
    const transport = await server.createTransport();
    const messages: (string | Buffer)[] = [];
    transport.on('message', ({ data }) => messages.push(data));
    const opened = new Promise<string>((resolve) => {
      transport.on('channel', ({ label }) => {
        resolve(label);
      });
    });
    const offer = await page.call('open', 'ana', { data: true });
    await page.call('answer', 'ana', (await transport.accept(offer)).answer);
    const label = await opened;
    await transport.sendMessage(label, 'hello');
    await until('the message', async () => (await page.call('messages', 'ana')).length === 1);
    await page.call('say', 'ana', 'hi');
    await until('the reply', () => messages.length === 1);
    expect(messages).to.deep.equal(['hi']);
  });
});
