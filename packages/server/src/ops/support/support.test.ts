import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { PassThrough, Readable } from 'node:stream';
import { memoryBlobs } from '../../kernel/blobs.js';
import { testKernel } from '../../kernel/harness.test.js';
import { requireTokens } from '../../kernel/http/access.js';
import { createApp } from '../../kernel/http/app.js';
import { urlsAt } from '../../kernel/http/urls.js';
import type { Kernel } from '../../kernel/kernel.js';
import { createLifecycle } from '../../kernel/lifecycle.js';
import { type RunningModules, setUpModules } from '../../kernel/module.js';
import { type Store } from '../../kernel/store/index.js';
import type { Identity } from '../../modules/identity/api.js';
import { identity as identityModule } from '../../modules/identity/index.js';
import { telemetry } from '../telemetry/index.js';
import { support } from './index.js';
import { logBytes, Logs, logsPerUser } from './logs.js';

const base = 'http://trunkline.test';
const day = 86_400_000;

interface Answer<T> {
  readonly status: number;
  readonly body: T;
  readonly headers: Readonly<Record<string, unknown>>;
}
interface Opened {
  readonly tempURL: string;
  readonly logFilename: string;
  readonly userId: string;
  readonly fileUploadSizeLimit: number;
  readonly url: string;
}

describe('support', () => {
  let store: Store;
  let kernel: Kernel;
  let nowMs: number;
  let app: ReturnType<typeof createApp>;
  let identity: Identity;
  let running: RunningModules;
  beforeEach(async () => {
    nowMs = Date.UTC(2030, 0, 1);
    kernel = await testKernel({}, { now: () => nowMs, urls: () => urlsAt(base) });
    ({ store } = kernel);
    app = createApp(kernel.config, kernel.log);
    running = await setUpModules(kernel, createLifecycle(kernel.log), [identityModule, support, telemetry]);
    ({ identity } = running.apis);
    requireTokens(app, 'admin-token', async (given) => (await identity.callerIfAny(given)) !== undefined);
    running.register(app);
    await app.ready();
  });
  afterEach(async () => {
    await app.close();
    await store.close();
  });

  const person = async (name: string, scope?: string) => {
    const user = await identity.users.create({ email: `${name}@example.com`, displayName: name });
    return { id: user.id, token: (await identity.tokens.grant(user.id, { scope })).accessToken };
  };
  const call = async <T = Record<string, unknown>>(
    token: string | undefined,
    method: 'GET' | 'POST' | 'PUT' | 'DELETE',
    url: string,
    payload?: object | string | Buffer,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer<T>> => {
    const reply = await app.inject({
      method,
      url: url.replace(base, ''),
      headers: { ...(token !== undefined && { authorization: `Bearer ${token}` }), ...headers },
      ...(payload !== undefined && { payload }),
    });
    let body: unknown = reply.payload;
    try {
      body = JSON.parse(reply.payload);
    } catch {
      // text
    }
    return { status: reply.statusCode, body: body as T, headers: reply.headers };
  };
  const logsPath = '/client-logs/api/v1/logs';
  const open = async (token: string, file = 'session.txt'): Promise<Opened> =>
    (await call<Opened>(token, 'POST', `${logsPath}/urls`, { file, uploadProtocol: 'content-length' })).body;
  const text = { 'content-type': 'text/plain' };
  const put = (url: string, words: string | Buffer, headers: Readonly<Record<string, string>> = text) =>
    call(undefined, 'PUT', url, words, { 'x-trans-id': randomUUID(), ...headers });
  const meta = (token: string, filename: string, data: unknown) =>
    call<{ url: string }>(token, 'POST', `${logsPath}/meta`, { filename, data, userId: 'someone' });
  const listed = async () =>
    (
      await call<{ items: { id: string; userId: string; size: number; data: unknown }[] }>(
        'admin-token',
        'GET',
        '/admin/v1/logs',
      )
    ).body.items;

  it('takes a log in three steps, and administration reads it', async () => {
    const ana = await person('ana');
    const opened = await open(ana.token);
    expect(opened).to.include({ userId: ana.id, fileUploadSizeLimit: 10 });
    expect((await put(opened.tempURL, 'one\ntwo')).status).to.equal(201);
    expect(await listed()).to.deep.equal([]);
    const data = [
      { key: 'feedbackId', value: 'f1' },
      { key: 'autoupload', value: true },
    ];
    const { body, headers } = await meta(ana.token, opened.logFilename, data);
    expect(body.url).to.equal(opened.url);
    expect(headers['trackingid']).to.be.a('string');
    const [log] = await listed();
    expect(log).to.deep.include({
      userId: ana.id,
      size: 7,
      data: [data[0], { key: 'autoupload', value: 'true' }],
    });
    const read = await call('admin-token', 'GET', `/admin/v1/logs/${log?.id ?? ''}`);
    expect(read.body).to.equal('one\ntwo');
    expect(read.headers).to.include({
      'content-disposition': 'attachment',
      'x-content-type-options': 'nosniff',
    });
  });

  it('takes whatever body type a client names', async () => {
    const ana = await person('ana');
    for (const type of ['application/json', 'application/octet-stream', 'text/plain'])
      expect(
        (await put((await open(ana.token)).tempURL, '{not json', { 'content-type': type })).status,
      ).to.equal(201);
  });

  it('needs a token, but no scope, and shows logs to no one but administration', async () => {
    const machine = await person('machine', 'spark:rooms_read');
    expect((await call(undefined, 'POST', `${logsPath}/urls`, { file: 'a.txt' })).status).to.equal(401);
    expect((await open(machine.token)).userId).to.equal(machine.id);
    for (const path of ['/admin/v1/logs', `/admin/v1/logs/${randomUUID()}`, '/admin/v1/feedback'])
      for (const token of [undefined, machine.token])
        expect((await call(token, 'GET', path)).status).to.equal(401);
    expect((await call('admin-token', 'GET', `/admin/v1/logs/${randomUUID()}`)).status).to.equal(404);
    expect((await call('admin-token', 'GET', '/admin/v1/logs?max=0')).status).to.equal(400);
  });

  it('takes an address once, for an hour, and only as it was signed', async () => {
    const ana = await person('ana');
    const [used, altered, late] = [await open(ana.token), await open(ana.token), await open(ana.token)];
    await put(used.tempURL, 'x');
    expect((await put(used.tempURL, 'y')).status).to.equal(404);
    const id = /uploads\/([^/]+)/.exec(altered.tempURL)?.[1] ?? '';
    const other = /uploads\/([^/]+)/.exec(late.tempURL)?.[1] ?? '';
    expect((await put(altered.tempURL.replace(id, other), 'x')).status).to.equal(404);
    expect((await put(altered.tempURL.replace(/\/\d{13}\//, '/9999999999999/'), 'x')).status).to.equal(404);
    nowMs += 3_600_000;
    expect((await put(late.tempURL, 'x')).status).to.equal(404);
  });

  it('takes no more than its limit, and no words about another’s log', async () => {
    const [ana, ben] = [await person('ana'), await person('ben')];
    const opened = await open(ana.token);
    expect((await put(opened.tempURL, Buffer.alloc(logBytes + 1))).status).to.equal(413);
    expect((await put(opened.tempURL, 'x')).status).to.equal(201);
    expect((await meta(ben.token, opened.logFilename, [])).status).to.equal(404);
    expect((await meta(ben.token, `${randomUUID()}/session.txt`, [])).status).to.equal(404);
    expect((await meta(ana.token, opened.logFilename, 'much')).status).to.equal(400);
    expect((await meta(ana.token, opened.logFilename, [{ key: 'a', value: {} }])).status).to.equal(400);
    expect(
      (await meta(ana.token, opened.logFilename, Array(101).fill({ key: 'a', value: 'b' }))).status,
    ).to.equal(400);
    expect((await meta(ana.token, (await open(ana.token)).logFilename, [])).status).to.equal(400);
    expect((await call(ben.token, 'DELETE', opened.url)).status).to.equal(404);
    expect((await call(ana.token, 'DELETE', opened.url)).status).to.equal(204);
    for (const file of ['', 'a/b', '../x', 'x'.repeat(201), 7])
      expect((await call(ana.token, 'POST', `${logsPath}/urls`, { file })).status).to.equal(400);
  });

  it('keeps the latest logs of a person, each for its time', async () => {
    const ana = await person('ana');
    for (let n = 0; n <= logsPerUser; n += 1) {
      nowMs += 1;
      const { tempURL, logFilename } = await open(ana.token, `n${String(n)}.txt`);
      await put(tempURL, 'x');
      await meta(ana.token, logFilename, []);
    }
    expect(await listed()).to.have.length(logsPerUser);
    await open(ana.token); // never finished
    nowMs += 3_600_001;
    await running.sweep();
    expect((await store.db.selectFrom('client_logs').select('id').execute()).length).to.equal(
      logsPerUser - 1,
    );
    nowMs += 30 * day;
    await running.sweep();
    expect(await listed()).to.deep.equal([]);
  });

  it('keeps nothing of a text whose log was removed while it came, and one text at a time', async () => {
    const blobs = memoryBlobs();
    const logs = new Logs(kernel, blobs);
    const id = await logs.open('ana', 'a.txt');
    const slow = new PassThrough();
    const taken = logs.take(id, slow);
    expect(await logs.take(id, Readable.from([Buffer.from('other')]))).to.equal('gone');
    await logs.remove(id);
    slow.end('12345');
    expect(await taken).to.equal('gone');
    expect(await blobs.read(id)).to.equal(undefined);
  });

  it('makes room for the new by dropping the oldest', async () => {
    const blobs = memoryBlobs();
    const logs = new Logs(kernel, blobs, { perUser: 100, allBytes: 10 });
    const ids: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      nowMs += 1;
      const id = await logs.open('ana', 'a.txt');
      ids.push(id);
      await logs.take(id, Readable.from([Buffer.from('12345')]));
    }
    expect(await Promise.all(ids.map(async (id) => (await logs.read(id)) !== undefined))).to.deep.equal([
      false,
      true,
      true,
    ]);
  });

  describe('feedback', () => {
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const link = async (token: string): Promise<string> =>
      (
        await call<{ url: string }>(token, 'POST', '/conversation/api/v1/users/deskFeedbackUrl', {
          appType: '<b>demo</b>',
          feedbackId: 'f1',
          secret: 'x',
        })
      ).body.url;

    it('is written on a page of the service, and read by administration', async () => {
      const ana = await person('ana');
      const url = await link(ana.token);
      const page = await call<string>(undefined, 'GET', url);
      expect(page.status).to.equal(200);
      expect(page.body).to.include('<textarea');
      expect(page.headers['content-security-policy']).to.include("form-action 'self'");
      expect(
        (await call<string>(undefined, 'POST', url, 'rating=4&text=So+far%2C+so+good', form)).body,
      ).to.include('Thank you');
      const { items } = (await call<{ items: object[] }>('admin-token', 'GET', '/admin/v1/feedback')).body;
      expect(items).to.have.length(1);
      expect(items[0]).to.deep.include({
        userId: ana.id,
        rating: 4,
        text: 'So far, so good',
        app: { appType: '<b>demo</b>', feedbackId: 'f1' },
      });
    });

    it('refuses what is empty, too long or not of this form, and links that are over or altered', async () => {
      const ana = await person('ana');
      const url = await link(ana.token);
      for (const words of ['text=+', 'rating=9&text=x', `text=${'x'.repeat(4001)}`, ''])
        expect((await call(undefined, 'POST', url, words, form)).status).to.equal(400);
      expect((await call(undefined, 'GET', `${url}x`)).status).to.equal(404);
      nowMs += day;
      expect((await call(undefined, 'POST', url, 'text=x', form)).status).to.equal(404);
      const { items } = (await call<{ items: object[] }>('admin-token', 'GET', '/admin/v1/feedback')).body;
      expect(items).to.deep.equal([]);
    });

    it('gives a link that works, whatever an app says of itself', async () => {
      const { token } = await person('ana');
      const long = Object.fromEntries(
        ['appType', 'appVersion', 'feedbackId', 'languageCode', 'correlationId', 'meetingId'].map((name) => [
          name,
          '\u{1f600}"\\'.repeat(100),
        ]),
      );
      const { body } = await call<{ url: string }>(
        token,
        'POST',
        '/conversation/api/v1/users/deskFeedbackUrl',
        long,
      );
      expect((await call(undefined, 'GET', body.url)).status).to.equal(200);
    });

    it('has a page of help that leads to it, and both need a token to be had', async () => {
      const ana = await person('ana');
      const { url } = (
        await call<{ url: string }>(
          ana.token,
          'GET',
          '/conversation/api/v1/users/deskSupportUrl?languageCode=en',
        )
      ).body;
      const page = await call<string>(undefined, 'GET', url);
      const href = /href="(\/support\/feedback\/[^"]+)"/.exec(page.body)?.[1] ?? '';
      expect((await call(undefined, 'GET', href)).status).to.equal(200);
      expect((await call(undefined, 'GET', '/support/help/a/b')).status).to.equal(404);
      for (const [method, path] of [
        ['POST', 'deskFeedbackUrl'],
        ['GET', 'deskSupportUrl'],
      ] as const)
        expect((await call(undefined, method, `/conversation/api/v1/users/${path}`)).status).to.equal(401);
    });
  });

  describe('metrics', () => {
    const post = (
      token: string | undefined,
      path: string,
      payload?: object | string,
      type = 'application/json',
    ) => call(token, 'POST', `/metrics/api/v1/${path}`, payload, { 'content-type': type });

    it('are taken in every shape that clients send, and need a token after sign-in', async () => {
      const { token } = await person('ana', 'spark:rooms_read');
      for (const path of ['metrics', 'clientmetrics']) {
        expect((await post(token, path, { metrics: [{ metricName: 'a' }] })).status).to.equal(204);
        expect((await post(undefined, path, { metrics: [] })).status).to.equal(401);
      }
      expect((await post(token, 'clientmetrics?alias=true', {})).status).to.equal(204);
      expect((await post(token, 'clientmetrics', 'beacon', 'text/plain')).status).to.equal(204);
      expect((await post(undefined, 'clientmetrics-prelogin', { metrics: [] })).status).to.equal(204);
    });

    it('are refused when they are none, or too many', async () => {
      const { token } = await person('ana');
      for (const path of ['metrics', 'clientmetrics', 'clientmetrics-prelogin']) {
        expect((await post(token, path, { metrics: 'many' })).status).to.equal(400);
        expect((await post(token, path, [])).status).to.equal(400);
        expect((await post(token, path, { metrics: Array(501).fill({}) })).status).to.equal(413);
        expect((await post(token, path, { metrics: ['x'.repeat(600_000)] })).status).to.equal(413);
      }
    });
  });
});
