import { createLogBuffer, type Client, type UploadProgress } from '@trunkline/core';
import { support } from '@trunkline/support';
import { expectQuiet, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { countedFetch } from '../core/tools.js';
import { refusal } from '../kit/members.js';
import { until } from '../kit/until.js';

interface Logs {
  readonly items: readonly {
    readonly id: string;
    readonly userId: string;
    readonly size: number;
    readonly data: readonly { readonly key: string; readonly value: string }[];
  }[];
}
const plugins = () => [support({ appVersion: '1.2' })] as const;

describe('support against the service', () => {
  let cloud: Cloud;
  let ana: Client<ReturnType<typeof plugins>>;
  let logger: ReturnType<typeof createLogBuffer>;
  let sent: string[];
  beforeEach(async () => {
    cloud = await startCloud();
    logger = createLogBuffer();
    const counted = countedFetch();
    sent = counted.sent;
    ana = await cloud.client('ana', plugins(), { logger, fetch: counted.fetch });
  });
  afterEach(async () => {
    await ana.close();
    await expectQuiet(ana);
    await cloud.close();
  });

  it('brings a log to administration, and no token in it', async () => {
    const { accessToken, id } = await cloud.person('ana');
    logger.info({ at: accessToken }, 'it began');
    const progress: UploadProgress[] = [];
    const { trackingId, userId, sizeBytes } = await ana.support.submitLogs({ feedbackId: 'f1' }, undefined, {
      onProgress: (step) => progress.push(step),
    });
    expect(trackingId).to.be.a('string').and.not.equal('');
    expect(userId).to.equal(id);
    const { items } = await cloud.admin<Logs>('GET', 'logs');
    expect(items).to.have.length(1);
    expect(items[0]).to.include({ userId: id, size: sizeBytes });
    expect(items[0]?.data.slice(0, 2)).to.deep.equal([
      { key: 'appVersion', value: '1.2' },
      { key: 'feedbackId', value: 'f1' },
    ]);
    const response = await fetch(`${cloud.url}/admin/v1/logs/${items[0]?.id ?? ''}`, {
      headers: { authorization: `Bearer ${cloud.adminToken}` },
    });
    const text = await response.text();
    expect(text).to.include('it began').and.not.include(accessToken);
    expect(progress.at(-1)).to.include({ sentBytes: sizeBytes, totalBytes: sizeBytes });
  });

  it('sends the difference, and says so when there is none', async () => {
    const client = await cloud.client('ana', [support({ log: logger })]);
    logger.info({}, 'one');
    await client.support.submitLogs();
    logger.info({}, 'two');
    const { sizeBytes } = await client.support.submitLogs({}, undefined, { type: 'diff' });
    expect(sizeBytes).to.be.below(100);
    const error = await refusal(client.support.submitLogs({}, undefined, { type: 'diff' }));
    expect(error.code).to.equal('ERR_ARGUMENT');
    await client.close();
  });

  it('fails as the service does, can be given up, and leaves nothing to be read', async () => {
    await cloud.fault({
      kind: 'status',
      status: 500,
      match: { path: '/client-logs/api/v1/logs/meta' },
      times: 1,
    });
    expect(await refusal(ana.support.submitLogs({}, 'one'))).to.include({ code: 'ERR_SERVER', status: 500 });
    const stop = new AbortController();
    await cloud.fault({ kind: 'delay', delayMs: 5_000, match: { path: '/client-logs/api/v1/logs/urls' } });
    const given = ana.support.submitLogs({}, 'one', { signal: stop.signal }).catch((error: unknown) => error);
    stop.abort(new Error('enough'));
    expect(await given).to.include({ message: 'enough' });
    expect((await cloud.admin<Logs>('GET', 'logs')).items).to.deep.equal([]);
  });

  it('has a page for feedback, which administration reads, and one of help', async () => {
    const url = await ana.support.getFeedbackUrl({ feedbackId: 'f2' });
    expect(await (await fetch(url)).text()).to.include('<form');
    const answer = await fetch(url, {
      method: 'POST',
      body: new URLSearchParams({ rating: '5', text: 'Fine' }),
    });
    expect(answer.status).to.equal(200);
    const { items } = await cloud.admin<{ items: readonly object[] }>('GET', 'feedback');
    expect(items).to.have.length(1);
    expect(items[0]).to.deep.include({
      userId: (await cloud.person('ana')).id,
      rating: 5,
      text: 'Fine',
      app: { appVersion: '1.2', feedbackId: 'f2' },
    });
    const help = await fetch(await ana.support.getSupportUrl());
    expect(help.status).to.equal(200);
    expect(await help.text()).to.include('/support/feedback/');
  });

  it('takes metrics in few requests, and again when they could not be sent', async () => {
    const metrics = (): readonly string[] => sent.filter((line) => line.includes('/metrics/'));
    for (let n = 0; n < 120; n += 1) ana.support.metrics.submit(`m${String(n)}`);
    await ana.support.metrics.flush();
    expect(metrics()).to.have.length(3);
    await cloud.fault({
      kind: 'status',
      status: 503,
      match: { path: '/metrics/api/v1/clientmetrics' },
      times: 1,
    });
    ana.support.metrics.submit('again');
    await ana.support.metrics.flush();
    await until(
      () => metrics().length === 5,
      () => `requests: ${String(metrics().length)}`,
    );
    await ana.support.metrics.alias('before');
    ana.support.metrics.submitClientMetrics('early', {}, 'before');
    ana.support.metrics.submit('last words');
    await ana.close();
    expect(metrics().slice(5)).to.deep.equal([
      'POST /metrics/api/v1/clientmetrics',
      'POST /metrics/api/v1/clientmetrics-prelogin',
      'POST /metrics/api/v1/clientmetrics',
    ]);
  });
});
