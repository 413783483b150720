import { expect } from 'chai';
import {
  failure,
  inTurn,
  json,
  never,
  offline,
  SERVICE,
  spy,
  stage,
  TOKEN,
  turn,
  until,
} from '../../test/kit.js';
import type { Method } from './host.js';

const get = { service: 'hydra', path: '/people/me' } as const;
const GET = 'GET /v1/people/me';

describe('request', () => {
  it('sends what the service wants to know, without waiting for the catalog', async () => {
    const s = stage({ [GET]: () => json({ id: 'x' }) });
    const client = s.client({ config: { userAgent: 'my-bot/1.0' } });
    const answer = await client.request<{ id: string }>({
      ...get,
      query: { max: 3, ids: ['a', 'b/c'], none: undefined },
    });
    expect(answer.body).to.deep.equal({ id: 'x' });
    expect(s.sent).to.have.length(1);
    const [one] = s.sent;
    expect(one?.url.href).to.equal(`${SERVICE}/v1/people/me?max=3&ids=a,b%2Fc`);
    expect(one?.headers.get('authorization')).to.equal(`Bearer ${TOKEN}`);
    expect(one?.headers.get('trackingid')).to.match(/^trunkline_[\da-f-]{36}_1$/);
    expect(one?.headers.get('spark-user-agent')).to.match(/^my-bot\/1\.0 trunkline\/\d+\.\d+\.\d+ \(web\)$/);
    expect(one?.headers.get('accept')).to.equal('application/json');
    expect(one?.headers.has('cisco-device-url')).to.equal(false);
  });
  it('names the device once there is one, but not to idbroker', async () => {
    const s = stage();
    const client = s.client();
    const connected = client.connect();
    await until(() => s.sockets.length === 1);
    s.socket.welcome();
    await connected;
    await client.request(get);
    await client.request({ service: 'idbroker', path: 'x' });
    expect(s.asked.map(({ headers }) => headers.has('cisco-device-url'))).to.deep.equal([true, false]);
    await client.close();
  });
  it('gives foreign hosts no token and nothing else of ours', async () => {
    const s = stage();
    const client = s.client();
    for (const url of [
      'http://evil.test/v1/x',
      `${SERVICE}evil/v1/x`,
      `${SERVICE}/v1evil`,
      `${SERVICE}/v1/../other`,
      `${SERVICE}/v1/%2e%2e/other`,
      `http://cloud.test@evil.test/v1/`,
    ])
      await client.request({ url });
    for (const { headers, url } of s.asked) {
      expect(headers.has('authorization'), url.href).to.equal(false);
      expect(headers.has('trackingid')).to.equal(false);
    }
    expect(s.asked).to.have.length(6);
    await client.request({ service: 'hydra', path: '../../x/y' });
    expect(s.asked.at(-1)?.headers.has('authorization')).to.equal(false);
    await client.request({ url: `${SERVICE}/conversation/api/v1/x` });
    expect(s.asked.at(-1)?.headers.get('authorization')).to.equal(`Bearer ${TOKEN}`);
    await client.request({ ...get, auth: false });
    expect(s.asked.at(-1)?.headers.has('authorization')).to.equal(false);
  });
  it('sends plain data as JSON and the rest as it is', async () => {
    const s = stage();
    const client = s.client();
    const post = (body: unknown) => client.request({ method: 'POST', service: 'hydra', path: 'm', body });
    const form = new FormData();
    const bytes = new Uint8Array([1, 2]);
    const search = new URLSearchParams({ a: '1' });
    const blob = new Blob(['x']);
    for (const body of [{ a: 1 }, [1], form, bytes, search, blob]) await post(body);
    expect(s.asked.map(({ body }) => body)).to.deep.equal(['{"a":1}', '[1]', form, bytes, search, blob]);
    expect(s.asked.map(({ headers }) => headers.get('content-type'))).to.deep.equal([
      'application/json',
      'application/json',
      null,
      null,
      null,
      null,
    ]);
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    expect((await failure(post(cyclic))).code).to.equal('ERR_ARGUMENT');
  });
  it('reads answers as they are asked for', async () => {
    const s = stage({
      [GET]: () => json({ a: 1 }),
      'GET /v1/none': () => json(undefined, 204),
      'GET /v1/odd': () => new Response('<html>'),
    });
    const client = s.client();
    expect((await client.request({ ...get, as: 'text' })).body).to.equal('{"a":1}');
    expect((await client.request<Uint8Array>({ ...get, as: 'bytes' })).body).to.have.length(7);
    expect(await (await client.request<Response>({ ...get, as: 'response' })).body.json()).to.deep.equal({
      a: 1,
    });
    const none = await client.request({ service: 'hydra', path: 'none' });
    expect([none.status, none.body]).to.deep.equal([204, undefined]);
    expect((await failure(client.request({ service: 'hydra', path: 'odd' }))).code).to.equal(
      'ERR_BAD_RESPONSE',
    );
  });
  it('carries what the service answered, hidden from logs, and not when it echoes the token', async () => {
    const s = stage({
      [GET]: () => json({ message: 'no', data: { number: '255' } }, 403),
      'GET /v1/two': () => json({ message: 'no', data: { echo: `Bearer ${TOKEN}` } }, 403),
    });
    const client = s.client();
    const error = await failure(client.request(get));
    expect(error['body']).to.deep.equal({ message: 'no', data: { number: '255' } });
    expect(JSON.stringify(error)).not.to.contain('255');
    expect(Object.keys(error)).not.to.include('body');
    const echoing = await failure(client.request({ ...get, path: 'two' }));
    expect(echoing['body']).to.equal(undefined);
    await client.close();
  });
  it('says clearly what was refused, without tokens', async () => {
    const s = stage({
      [GET]: () =>
        json({ message: `no ${TOKEN} here`, errors: [{ description: 'other' }], errorCode: 7 }, 409, {
          trackingid: 'T_1',
        }),
      'GET /v1/two': () => json({ errors: [{ description: 'the first' }] }, 403),
      // ciphertext that only the key service's client can read is not shown
      'GET /v1/sealed': () => json({ message: 'eyJhbGciOi..x.y.z', errorCode: 1900000 }, 400),
    });
    const client = s.client();
    const error = await failure(client.request({ ...get, query: { email: 'a@b' } }));
    expect(error).to.include({
      code: 'ERR_CONFLICT',
      status: 409,
      trackingId: 'T_1',
      errorCode: 7,
      retryable: false,
    });
    expect(error.message).to.equal(
      `GET ${SERVICE}/v1/people/me answered 409: no [token] here (tracking id T_1)`,
    );
    expect(JSON.stringify(error)).not.to.include(TOKEN);
    const sealed = await failure(client.request({ service: 'hydra', path: 'sealed' }));
    expect(sealed.message).to.contain('the key service refused its kmsMessage').and.not.to.contain('eyJ');
    expect((await failure(client.request({ service: 'hydra', path: 'two' }))).message).to.include(
      'the first',
    );
  });
  it('maps every status to its code', async () => {
    const codes = {
      400: 'ERR_BAD_REQUEST',
      403: 'ERR_FORBIDDEN',
      404: 'ERR_NOT_FOUND',
      405: 'ERR_HTTP',
      410: 'ERR_GONE',
      413: 'ERR_TOO_LARGE',
      423: 'ERR_LOCKED',
      451: 'ERR_EMBARGOED',
      500: 'ERR_SERVER',
      502: 'ERR_UNAVAILABLE',
      503: 'ERR_UNAVAILABLE',
    };
    for (const [status, code] of Object.entries(codes)) {
      const s = stage({ 'POST /v1/x': () => json({}, Number(status)) });
      expect(
        (await failure(s.client().request({ method: 'POST', service: 'hydra', path: 'x' }))).code,
      ).to.equal(code);
      expect(s.sent).to.have.length(1);
    }
  });

  describe('repeats', () => {
    const attempt = async (method: Method, fault: () => Response | Promise<Response>, idempotent = false) => {
      const s = stage({ [`${method} /v1/x`]: inTurn(fault, () => json({ ok: true })) });
      const result = s
        .client()
        .request({ method, service: 'hydra', path: 'x', idempotent })
        .then(
          () => 'ok',
          (error: unknown) => (error as { code: string }).code,
        );
      await s.clock.advance(60_000);
      return [s.sent.length, await result];
    };
    const lost = () => Promise.reject(new TypeError('lost'));
    it('what is safe after a lost answer, and nothing else', async () => {
      for (const method of ['GET', 'HEAD', 'PUT', 'DELETE'] as const)
        expect(await attempt(method, lost)).to.deep.equal([2, 'ok']);
      for (const method of ['POST', 'PATCH'] as const) {
        expect(await attempt(method, lost)).to.deep.equal([1, 'ERR_NETWORK']);
        expect(await attempt(method, lost, true)).to.deep.equal([2, 'ok']);
      }
    });
    it('by status', async () => {
      const status =
        (code: number, headers = {}) =>
        () =>
          json({}, code, headers);
      expect(await attempt('GET', status(500))).to.deep.equal([2, 'ok']);
      expect(await attempt('PUT', status(500))).to.deep.equal([1, 'ERR_SERVER']);
      expect(await attempt('PUT', status(502))).to.deep.equal([1, 'ERR_UNAVAILABLE']);
      expect(await attempt('PUT', status(503))).to.deep.equal([2, 'ok']);
      expect(await attempt('POST', status(503))).to.deep.equal([1, 'ERR_UNAVAILABLE']);
      expect(await attempt('POST', status(502), true)).to.deep.equal([2, 'ok']);
      expect(await attempt('POST', status(500), true)).to.deep.equal([1, 'ERR_SERVER']);
      expect(await attempt('GET', status(423))).to.deep.equal([1, 'ERR_LOCKED']);
      expect(await attempt('GET', status(423, { 'retry-after': '1' }))).to.deep.equal([2, 'ok']);
      expect(await attempt('GET', status(404))).to.deep.equal([1, 'ERR_NOT_FOUND']);
    });
    it('a DELETE whose answer was lost, and that finds nothing then, is done', async () => {
      const s = stage({ 'DELETE /v1/x': inTurn(offline, () => json({}, 404)) });
      const done = s.client().request({ method: 'DELETE', service: 'hydra', path: 'x' });
      await s.clock.advance(10_000);
      expect((await done).status).to.equal(204);
    });
    it('no more often than configured, with full jitter within its bounds', async () => {
      const s = stage({ [GET]: offline });
      const result = failure(s.client({ config: { request: { maxRetries: 2 } } }).request(get));
      for (let n = 0; n < 2; n += 1) {
        await until(() => s.sent.length === n + 1 && s.clock.pending === 1);
        expect(s.clock.delays[0]).to.be.within(0, 500 * 2 ** n);
        await s.clock.advance(s.clock.delays[0] ?? 0);
      }
      expect(await result).to.include({ code: 'ERR_NETWORK', retryable: true });
      expect(s.sent).to.have.length(3);
      expect(s.clock.pending).to.equal(0);
    });
  });

  describe('rate limits', () => {
    for (const [form, header] of [
      ['seconds', '2'],
      ['date', new Date(Date.UTC(2030, 0, 1) + 2_000).toUTCString()],
    ] as const)
      it(`waits as long as Retry-After says in ${form}, and holds back the route`, async () => {
        const s = stage({
          'POST /v1/messages': inTurn(
            () => json({}, 429, { 'retry-after': header }),
            () => json({}),
          ),
        });
        const client = s.client();
        const limited: unknown[] = [];
        client.on('rateLimited', (event) => limited.push(event));
        const post = () => client.request({ method: 'POST', service: 'hydra', path: 'messages', body: {} });
        const first = post();
        await until(() => limited.length === 1);
        expect(limited).to.deep.equal([{ route: `${SERVICE}/v1/messages`, retryAfterMs: 2_000 }]);
        const later = client.request({ service: 'hydra', path: 'messages/1' });
        await client.request(get); // another route is not held
        await s.clock.advance(1_999);
        expect(s.sent).to.have.length(2);
        await s.clock.advance(600);
        await Promise.all([first, later]);
        expect(s.sent).to.have.length(4);
      });
    it('gives up beyond the ceiling, also for those who come later', async () => {
      const s = stage({ [GET]: () => json({}, 429, { 'retry-after': '90' }) });
      const client = s.client();
      expect(await failure(client.request(get))).to.include({
        code: 'ERR_RATE_LIMITED',
        retryAfterMs: 90_000,
        retryable: true,
      });
      expect((await failure(client.request(get))).code).to.equal('ERR_RATE_LIMITED');
      expect(s.sent).to.have.length(1);
    });
    it('does not retry forever when the service says 0', async () => {
      const s = stage({ [GET]: () => json({}, 429, { 'retry-after': '0' }) });
      const result = failure(s.client({ config: { request: { maxRateLimitWaitMs: 1_000 } } }).request(get));
      await s.clock.advance(5_000);
      expect((await result).code).to.equal('ERR_RATE_LIMITED');
      expect(s.sent.length).to.be.below(10);
    });
  });

  describe('redirects', () => {
    it('follows cisco-location and the 404 that knows better, with the token only where it belongs', async () => {
      const s = stage({
        [GET]: () => json({}, 200, { 'cisco-location': 'http://evil.test/a' }),
        'GET /v1/moved': () => json({ errorCode: 2000002, location: `${SERVICE}/v1/new?old=1` }, 404),
      });
      const client = s.client();
      await client.request(get);
      expect(s.asked.at(-1)?.url.href).to.equal('http://evil.test/a');
      expect(s.asked.at(-1)?.headers.has('authorization')).to.equal(false);
      await client.request({ service: 'hydra', path: 'moved', query: { a: 1 } });
      expect(s.asked.at(-1)?.url.href).to.equal(`${SERVICE}/v1/new?a=1`);
      await client.request({ service: 'hydra', path: 'moved' });
      expect(s.asked.at(-1)?.url.href).to.equal(`${SERVICE}/v1/new?old=1`);
      // not even one that the caller brought
      await client.request({ ...get, headers: { Authorization: 'Basic x' } });
      expect(s.asked.at(-1)?.headers.has('authorization')).to.equal(false);
    });
    it('has limits', async () => {
      const s = stage({
        [GET]: () => json({}, 200, { 'cisco-location': `${SERVICE}/v1/people/me` }),
        'GET /v1/moved': () => json({ errorCode: 2000002, location: `${SERVICE}/v1/moved` }, 404),
      });
      const client = s.client();
      expect((await failure(client.request(get))).code).to.equal('ERR_TOO_MANY_REDIRECTS');
      expect(s.sent).to.have.length(11);
      expect((await failure(client.request({ service: 'hydra', path: 'moved' }))).code).to.equal(
        'ERR_TOO_MANY_REDIRECTS',
      );
      expect(s.sent).to.have.length(17);
    });
  });

  describe('ends early', () => {
    it('by time limit', async () => {
      const s = stage({ [GET]: never });
      const result = failure(s.client().request({ ...get, timeoutMs: 50 }));
      await s.clock.advance(50);
      expect(await result).to.include({ code: 'ERR_TIMEOUT', retryable: true });
      expect(s.sent).to.have.length(1);
    });
    it('by signal, with its own reason, in every wait', async () => {
      const reason = new Error('mine');
      const waits = {
        fetch: stage({ [GET]: never }),
        backoff: stage({ [GET]: offline }),
        rate: stage({ [GET]: () => json({}, 429, { 'retry-after': '5' }) }),
        token: stage(),
        catalog: stage({ 'GET /u2c/api/v1/catalog': never }),
        body: stage({
          [GET]: ({ signal }) =>
            new Response(
              new ReadableStream({
                start: (c) => {
                  signal?.addEventListener('abort', () => {
                    c.error(signal.reason);
                  });
                },
              }),
            ),
        }),
      };
      for (const [wait, s] of Object.entries(waits)) {
        const abort = new AbortController();
        const client = s.client(wait === 'token' ? { token: () => new Promise(() => undefined) } : {});
        const result = failure(
          client.request({
            ...(wait === 'catalog' ? { service: 'conversation', path: 'x' } : get),
            signal: abort.signal,
            timeoutMs: 0,
          }),
        );
        await turn();
        abort.abort(reason);
        expect(await result, wait).to.equal(reason);
        await client.close();
        expect(s.clock.pending, wait).to.equal(0);
      }
      const s = stage();
      expect(await failure(s.client().request({ ...get, signal: AbortSignal.abort(reason) }))).to.equal(
        reason,
      );
      expect(s.sent).to.have.length(0);
    });
    it('by close', async () => {
      for (const routes of [
        { [GET]: never },
        { [GET]: offline },
        { [GET]: () => json({}, 429, { 'retry-after': '5' }) },
      ]) {
        const s = stage(routes);
        const client = s.client();
        const result = failure(client.request(get));
        await turn();
        await client.close();
        expect((await result).code).to.equal('ERR_CLIENT_CLOSED');
        expect(s.clock.pending).to.equal(0);
      }
    });
    it('by close, also an answer that is still being read', async () => {
      const s = stage({
        [GET]: ({ signal }) =>
          new Response(
            new ReadableStream({
              start: (c) => {
                signal?.addEventListener('abort', () => {
                  c.error(signal.reason);
                });
              },
            }),
          ),
      });
      const client = s.client();
      const { body } = await client.request<Response>({ ...get, as: 'response' });
      const read = failure(body.text());
      await client.close();
      expect(await read).to.be.an('error'); // browsers put one of theirs around ours
    });
  });

  it('lets interceptors change, answer and see everything in order of phase', async () => {
    const s = stage({ [GET]: inTurn(offline, () => json({ n: 1 })) });
    const client = s.client().use(spy());
    const seen: string[] = [];
    const offs = (['check', 'send', 'authorise', 'prepare'] as const).map((phase) =>
      client.spy.intercept({
        name: phase,
        phase,
        run: async (request, next) => {
          seen.push(`${phase} ${String(request.attempt)}`);
          if (phase === 'prepare') request.headers.set('x-mine', '1');
          if (phase === 'send') expect(request.headers.get('authorization')).to.equal(`Bearer ${TOKEN}`);
          return next(request);
        },
      }),
    );
    const result = client.request(get);
    await s.clock.advance(1_000);
    await result;
    expect(seen).to.deep.equal([
      'prepare 0',
      'authorise 0',
      'send 0',
      'check 0',
      'authorise 1',
      'send 1',
      'check 1',
    ]);
    expect(s.sent.at(-1)?.headers.get('x-mine')).to.equal('1');
    for (const off of offs) off();
    client.spy.intercept({ name: 'mine', phase: 'prepare', run: () => Promise.resolve(json({ own: true })) });
    expect((await client.request(get)).body).to.deep.equal({ own: true });
  });
});
