import { expect } from 'chai';
import { failure, json, spy, stage, TOKEN, until } from '../../test/kit.js';
import type { Interceptor } from './host.js';

describe('createClient({ interceptors })', () => {
  it('run around every request: catalog, device, calls, lists, and the goodbye at close', async () => {
    const seen: string[] = [];
    const watch: Interceptor = {
      name: 'watch',
      phase: 'send',
      async run(request, next) {
        const response = await next(request);
        seen.push(`${request.method} ${request.url.pathname} ${String(response.status)}`);
        return response;
      },
    };
    const s = stage({ 'GET /v1/x': () => json({ items: [] }) });
    const client = s.client({ interceptors: [watch], config: { device: { ttlS: 60 } } });
    const connected = client.connect();
    await until(() => s.sockets.length === 1);
    s.socket.welcome();
    await connected;
    await client.request({ service: 'hydra', path: 'x' });
    await client.close();
    expect(seen).to.deep.equal([
      'GET /u2c/api/v1/catalog 200',
      'POST /wdm/api/v1/devices 200',
      'GET /v1/x 200',
      'DELETE /wdm/api/v1/devices/1 200',
    ]);
    expect(s.sent).to.have.length(4);
    expect(s.sent.at(-1)?.headers.get('authorization')).to.equal(`Bearer ${TOKEN}`);
  });
  it('run in the order given within a phase, before those of plugins', async () => {
    const order: string[] = [];
    const step = (name: string, phase: Interceptor['phase']): Interceptor => ({
      name,
      phase,
      run(request, next) {
        order.push(name);
        return next(request);
      },
    });
    const s = stage();
    const client = s
      .client({ interceptors: [step('check', 'check'), step('one', 'prepare'), step('two', 'prepare')] })
      .use(spy());
    client.spy.intercept(step('plugin', 'prepare'));
    await client.request({ service: 'hydra', path: 'x' });
    expect(order).to.deep.equal(['one', 'two', 'plugin', 'check']);
  });
  it('may answer by themselves, add headers, and reject with an error of their own', async () => {
    const s = stage();
    const own = new Error('not today');
    const client = s.client({
      interceptors: [
        {
          name: 'cache',
          phase: 'prepare',
          run(request, next) {
            if (request.url.pathname.endsWith('/cached')) return Promise.resolve(json({ cached: true }));
            if (request.url.pathname.endsWith('/refused')) return Promise.reject(own);
            request.headers.set('x-app', '1');
            return next(request);
          },
        },
      ],
    });
    expect((await client.request({ service: 'hydra', path: 'cached' })).body).to.deep.equal({ cached: true });
    expect(await failure(client.request({ service: 'hydra', path: 'refused' }))).to.equal(own);
    await client.request({ service: 'hydra', path: 'x' });
    expect(s.sent.map(({ headers }) => headers.get('x-app'))).to.deep.equal(['1']);
  });
  it('are refused when they cannot work', () => {
    const run: Interceptor['run'] = (request, next) => next(request);
    for (const [interceptors, code] of [
      [{}, 'ERR_CONFIG'],
      ['x', 'ERR_CONFIG'],
      [[null], 'ERR_ARGUMENT'],
      [[() => undefined], 'ERR_ARGUMENT'],
      [[{ name: 'a', phase: 'later', run }], 'ERR_ARGUMENT'],
      [[{ name: 'a', phase: 'send' }], 'ERR_ARGUMENT'],
      [[{ phase: 'send', run }], 'ERR_ARGUMENT'],
    ] as const)
      expect(() => stage().client({ interceptors: interceptors as never }))
        .to.throw()
        .with.property('code', code);
  });
});

describe('trackingIdPrefix', () => {
  it('begins every tracking id, of requests and of the socket', async () => {
    const s = stage();
    const client = s.client({ trackingIdPrefix: 'my-app_7' }).use(spy());
    const connected = client.connect();
    await until(() => s.sockets.length === 1);
    s.socket.welcome();
    await connected;
    const ids = s.sent.map(({ headers }) => headers.get('trackingid') ?? '');
    expect(ids).to.deep.equal(['my-app_7_1', 'my-app_7_2']);
    expect(client.spy.nextTrackingId()).to.equal('my-app_7_3');
    expect(JSON.stringify(s.socket.frames)).to.include('"trackingId":"my-app_7_');
    await client.close();
    for (const trackingIdPrefix of ['', 'a b', 'a\n', 5, null])
      expect(() => s.client({ trackingIdPrefix: trackingIdPrefix as never }))
        .to.throw()
        .with.property('code', 'ERR_CONFIG');
  });
});
