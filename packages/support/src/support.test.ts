import { createLogBuffer, sdkError, type RequestOptions } from '@trunkline/core';
import { answer, fakeClock, fakeHost } from '@trunkline/testing/fakes';
import { expect } from 'chai';
import sinon from 'sinon';
import { lookAround } from './environment.js';
import { createSupport } from './support.js';
import type { SupportOptions } from './types.js';

const failure = (promise: Promise<unknown>) => promise.catch((error: unknown) => error);
const settled = async () => {
  for (let n = 0; n < 30; n += 1) await Promise.resolve();
};
const address = {
  tempURL: 'https://files.test/put/1',
  logFilename: '1/session.txt',
  userId: 'u1',
  fileUploadSizeLimit: 1,
  url: 'https://cloud.test/clientLogs/logs/1',
};
const answering = ({ path }: RequestOptions): unknown =>
  path === 'logs/urls' ? address : answer({}, path === 'logs/meta' ? { headers: { trackingid: 'T1' } } : {});

function setUp(
  reply: (options: RequestOptions) => unknown = answering,
  options: SupportOptions = { appVersion: '1.2' },
) {
  const request = sinon.stub<[RequestOptions], unknown>().callsFake(reply);
  const clock = fakeClock();
  const log = createLogBuffer({ clock });
  const host = fakeHost({ request, clock, log });
  const sent = (): readonly RequestOptions[] => request.args.map(([one]) => one);
  const words = (index: number): string => new TextDecoder().decode(sent()[index]?.body as Uint8Array);
  return { request, clock, log, host, sent, words, support: createSupport(host, options) };
}

describe('Support', () => {
  describe('logs', () => {
    it('leave in three steps, clean', async () => {
      const { support, log, sent, words } = setUp();
      log.info({ token: 'secret', at: 1 }, 'for ana@example.com');
      const done = await support.submitLogs({ feedbackId: 'f1', autoupload: true });
      const [opened, put, told] = sent();
      const file = (opened?.body as { file: string }).file;
      expect(opened).to.deep.include({
        method: 'POST',
        service: 'clientLogs',
        path: 'logs/urls',
        body: { file, uploadProtocol: 'content-length' },
      });
      expect(file).to.match(/^trunkline_[\da-f-]{36}\.txt$/);
      expect(put).to.deep.include({ method: 'PUT', url: address.tempURL, auth: false });
      expect(put?.headers?.['x-trans-id']).to.match(/^[\da-f-]{36}$/);
      expect(words(1)).to.equal('2030-01-01T00:00:00.000Z info for [hidden] {"token":"[hidden]","at":1}');
      expect(told?.body).to.deep.equal({
        filename: address.logFilename,
        userId: 'u1',
        data: [
          { key: 'appVersion', value: '1.2' },
          { key: 'feedbackId', value: 'f1' },
          { key: 'autoupload', value: 'true' },
          { key: 'trackingId', value: file.replace('.txt', '') },
          { key: 'userId', value: 'u1' },
        ],
      });
      expect(done).to.deep.equal({
        trackingId: 'T1',
        userId: 'u1',
        filename: address.logFilename,
        sizeBytes: words(1).length,
        feedbackId: 'f1',
        url: address.url,
      });
    });
    it('are those given, as clean, under the name of the call they are of', async () => {
      const { support, sent, words } = setUp();
      const onProgress = (): void => undefined;
      await support.submitLogs({ locusId: 'l', callStart: 'now' }, 'one\nBearer abc.def\nthree', {
        onProgress,
      });
      expect(sent()[0]?.body).to.include({ file: 'l_now.txt' });
      expect(words(1)).to.equal('one\nBearer [hidden]\nthree');
      expect(sent()[1]).to.include({ onProgress });
      expect(sent()[0]).not.to.have.property('onProgress');
    });
    it('of type diff hold what came since the last that arrived', async () => {
      let fails = false;
      const { support, log, words } = setUp((options) => {
        if (fails && options.path === 'logs/meta') throw sdkError('ERR_SERVER', 'no');
        return answering(options);
      });
      log.info({}, 'one');
      await support.submitLogs();
      log.info({}, 'two');
      fails = true;
      await failure(support.submitLogs({}, undefined, { type: 'diff' }));
      fails = false;
      await support.submitLogs({}, undefined, { type: 'diff' });
      expect(words(7)).to.include('two').and.not.include('one');
      expect(await failure(support.submitLogs({}, undefined, { type: 'diff' }))).to.include({
        code: 'ERR_ARGUMENT',
      });
      await support.submitLogs();
      expect(words(10)).to.include('two').and.include('one');
    });
    it('are refused when there is nothing in them, or no buffer, before anything leaves', async () => {
      const { support, request } = setUp();
      expect(await failure(support.submitLogs())).to.include({ code: 'ERR_ARGUMENT' });
      expect(await failure(support.submitLogs({}, ' \n'))).to.include({ code: 'ERR_ARGUMENT' });
      const bare = createSupport(fakeHost({ request }));
      expect(await failure(bare.submitLogs())).to.include({ code: 'ERR_ARGUMENT' });
      sinon.assert.notCalled(request);
    });
    it('too large for the service are not sent, and their place is given back', async () => {
      const { support, sent } = setUp();
      const line = `${'word '.repeat(180)}\n`;
      expect(await failure(support.submitLogs({}, line.repeat(1200)))).to.include({ code: 'ERR_TOO_LARGE' });
      expect(sent().map(({ method, url }) => [method, url])).to.deep.equal([
        ['POST', undefined],
        ['DELETE', address.url],
      ]);
    });
    it('need an address, and can be given up', async () => {
      const { support } = setUp(() => ({}));
      expect(await failure(support.submitLogs({}, 'x'))).to.include({ code: 'ERR_BAD_RESPONSE' });
      const signal = AbortSignal.abort(new Error('enough'));
      expect(await failure(setUp().support.submitLogs({}, 'x', { signal }))).to.include({
        message: 'enough',
      });
    });
  });

  describe('pages', () => {
    it('have addresses, asked for as documented', async () => {
      const { support, sent } = setUp(() => ({ url: 'https://cloud.test/p' }));
      expect(await support.getFeedbackUrl({ appType: 'demo' })).to.equal('https://cloud.test/p');
      expect(await support.getSupportUrl({ languageCode: 'de' })).to.equal('https://cloud.test/p');
      expect(sent()).to.deep.equal([
        {
          method: 'POST',
          service: 'conversation',
          path: 'users/deskFeedbackUrl',
          body: { appVersion: '1.2', appType: 'demo' },
          idempotent: true,
        },
        { service: 'conversation', path: 'users/deskSupportUrl', query: { languageCode: 'de' } },
      ]);
      expect(await failure(setUp(() => ({})).support.getSupportUrl())).to.include({
        code: 'ERR_BAD_RESPONSE',
      });
    });
  });

  describe('metrics', () => {
    const names = (options: RequestOptions | undefined): readonly string[] =>
      (options?.body as { metrics: readonly { metricName: string }[] }).metrics.map(
        ({ metricName }) => metricName,
      );

    it('have the documented shape', async () => {
      const { support, clock, sent } = setUp(answering, { appVersion: '1.2', clientId: 'c1' });
      support.metrics.submit('opened', {
        tags: { where: 'menu' },
        fields: { ms: 3 },
        eventPayload: { a: 1 },
      });
      clock.advance(500);
      await settled();
      const [options] = sent();
      expect(options).to.deep.include({ method: 'POST', service: 'metrics', path: 'clientmetrics' });
      const [metric] = (options?.body as { metrics: readonly Record<string, object>[] }).metrics;
      expect(metric).to.deep.include({
        metricName: 'opened',
        type: ['behavioral', 'operational'],
        eventPayload: { a: 1 },
        timestamp: clock.now() - 500,
      });
      expect(metric?.['tags']).to.include({ where: 'menu', appVersion: '1.2', domain: 'non-browser' });
      expect(metric?.['fields']).to.include({ ms: 3, client_id: 'c1', platform: 'Web' });
      expect(metric?.['context']).to.deep.include({ app: { version: '1.2' } });
    });
    it('leave together 500 ms after the last, 1500 ms after the first, 50 at most', async () => {
      const { support, clock, sent } = setUp();
      for (let at = 0; at < 1500; at += 300) {
        support.metrics.submit(`m${String(at)}`);
        clock.advance(300);
        await settled();
        expect(sent()).to.have.length(at < 1200 ? 0 : 1);
      }
      expect(names(sent()[0])).to.have.length(5);
      for (let n = 0; n < 120; n += 1) support.metrics.submit(`n${String(n)}`);
      clock.advance(0);
      await settled();
      expect(
        sent()
          .slice(1)
          .map((one) => names(one).length),
      ).to.deep.equal([50, 50, 20]);
    });
    it('are sent again after 1, 2, 4 … 32 s when the network fails, in order, and others are not', async () => {
      let error = sdkError('ERR_NETWORK', 'gone', { retryable: true });
      let fails = true;
      const { support, clock, sent, host } = setUp((options) => {
        if (fails) throw error;
        return answering(options);
      });
      support.metrics.submit('one');
      clock.advance(500);
      await settled();
      const at: number[] = [];
      for (let second = 1; second <= 64; second += 1) {
        const before = sent().length;
        clock.advance(1000);
        await settled();
        if (sent().length > before) at.push(second);
      }
      expect(at).to.deep.equal([1, 3, 7, 15, 31, 63]);
      support.metrics.submit('two');
      fails = false;
      clock.advance(32_000);
      await settled();
      expect(names(sent().at(-1))).to.deep.equal(['one', 'two']);
      fails = true;
      error = sdkError('ERR_BAD_REQUEST', 'what?');
      support.metrics.submit('three');
      const before = sent().length;
      clock.advance(60_000);
      await settled();
      expect(sent()).to.have.length(before + 1);
      expect(host.reports).to.deep.equal([]);
    });
    it('never fail the app, nor grow for ever', async () => {
      const { support, clock, sent, log } = setUp(() => {
        throw sdkError('ERR_NETWORK', 'gone');
      });
      support.metrics.submit('');
      for (let n = 0; n < 1500; n += 1) support.metrics.submit(`n${String(n)}`);
      expect(log.lines().some(({ message }) => message === 'metrics were dropped')).to.equal(true);
      await support.metrics.flush();
      expect(names(sent()[0])[0]).to.equal('n500');
      expect(clock.pending).to.equal(1);
    });
    it('of who has not signed in leave without a token, each by itself; and can be claimed later', async () => {
      const { support, sent } = setUp();
      support.metrics.submitClientMetrics('a', {}, 'p1');
      support.metrics.submitClientMetrics('b');
      support.metrics.submitClientMetrics('c', {}, 'p1');
      await support.metrics.flush();
      await support.metrics.alias('p1');
      expect(await failure(support.metrics.alias(''))).to.include({ code: 'ERR_ARGUMENT' });
      const [one, two, three] = sent();
      expect(one).to.deep.include({
        path: 'clientmetrics-prelogin',
        auth: false,
        headers: { 'x-prelogin-userid': 'p1' },
      });
      expect([names(one), names(two)]).to.deep.equal([['a', 'c'], ['b']]);
      expect(three).to.deep.include({
        path: 'clientmetrics',
        query: { alias: true },
        headers: { 'x-prelogin-userid': 'p1' },
        body: {},
      });
    });
    it('that wait are sent when the client closes, once', async () => {
      const { support, host, sent, clock } = setUp();
      support.metrics.submit('last words');
      await host.close();
      expect(names(sent()[0])).to.deep.equal(['last words']);
      support.metrics.submit('too late');
      expect(clock.pending).to.equal(0);
      expect(sent()).to.have.length(1);
    });
  });

  describe('the environment', () => {
    const rows = [
      [
        'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.1 Safari/537.36 Edg/120.0.2',
        { browser: 'edge', browserVersion: '120.0.2', os: 'windows', osVersion: '10.0' },
      ],
      [
        'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Safari/605.1.15',
        { browser: 'safari', browserVersion: '17.1', os: 'mac', osVersion: '10.15.7' },
      ],
      [
        'Mozilla/5.0 (X11; Linux x86_64; rv:120.0) Gecko/20100101 Firefox/120.0',
        { browser: 'firefox', browserVersion: '120.0', os: 'linux', osVersion: '' },
      ],
      ['', { browser: 'other', browserVersion: '', os: 'other', osVersion: '' }],
    ] as const;
    for (const [userAgent, expected] of rows)
      it(`is ${expected.browser} on ${expected.os}`, () => {
        expect(lookAround({ navigator: { userAgent }, location: { hostname: 'app.test' } })).to.deep.include({
          ...expected,
          domain: 'app.test',
          locale: 'en-US',
        });
      });
  });
});
