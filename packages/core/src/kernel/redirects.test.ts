import { expect } from 'chai';
import { failure, json, SERVICE, stage, TOKEN, type Route } from '../../test/kit.js';

const to =
  (location: string, status: number): Route =>
  () =>
    new Response(null, { status, headers: { location } });
const post = { method: 'POST', service: 'hydra', path: 'x', body: { text: 'secret' } } as const;

describe('redirects of a request with a body (F23)', () => {
  it('do not carry the body to a host outside the catalog', async () => {
    for (const status of [301, 302, 307, 308])
      for (const method of ['PUT', 'PATCH', 'DELETE', 'POST'] as const) {
        if (method === 'POST' && status < 303) continue;
        const s = stage({ [`${method} /v1/x`]: to('http://evil.test/v1/x', status) });
        const error = await failure(s.client().request({ ...post, method }));
        expect(error.code, `${method} ${String(status)}`).to.equal('ERR_BAD_RESPONSE');
        expect(error.message).to.include('evil.test').and.not.include('secret');
        expect(s.sent.map(({ url }) => url.host)).not.to.include('evil.test');
      }
  });
  it('are followed within the origin and to services of the catalog, with method and body', async () => {
    for (const location of ['/v1/y', `${SERVICE}/conversation/api/v1/y`]) {
      const s = stage({ 'POST /v1/x': to(location, 307) });
      await s.client().request(post);
      const last = s.asked.at(-1);
      expect([last?.method, last?.url.pathname, last?.body]).to.deep.equal([
        'POST',
        new URL(location, SERVICE).pathname,
        '{"text":"secret"}',
      ]);
      expect(last?.headers.get('authorization')).to.equal(`Bearer ${TOKEN}`);
    }
  });
  it('become a GET without the body after 303, and after 301 or 302 of a POST', async () => {
    for (const status of [301, 302, 303]) {
      const s = stage({ 'POST /v1/x': to('http://other.test/y', status) });
      await s.client().request(post);
      const last = s.asked.at(-1);
      expect([last?.method, last?.url.href, last?.body]).to.deep.equal(['GET', 'http://other.test/y', null]);
      expect(last?.headers.has('authorization')).to.equal(false);
      expect(last?.headers.has('content-type')).to.equal(false);
    }
  });
  it('end after ten, and are an error where they lead to no URL or nowhere', async () => {
    const s = stage({ 'POST /v1/x': to('/v1/x', 307) });
    expect((await failure(s.client().request(post))).code).to.equal('ERR_TOO_MANY_REDIRECTS');
    expect(s.sent).to.have.length(11);
    for (const location of ['http://', 'javascript:alert(1)', 'http://[', 'data:text/plain,x']) {
      const odd = stage({ 'POST /v1/x': to(location, 307) });
      expect((await failure(odd.client().request(post))).code, location).to.equal('ERR_BAD_RESPONSE');
    }
    const without = stage({ 'POST /v1/x': () => new Response(null, { status: 307 }) });
    expect((await failure(without.client().request(post))).code).to.equal('ERR_BAD_RESPONSE');
  });
  it('tell fetch not to follow by itself, only where there is a body', async () => {
    const modes: unknown[] = [];
    const fetch = ((_url: string, init: RequestInit) => {
      modes.push(init.redirect);
      return Promise.resolve(json({}));
    }) as typeof globalThis.fetch;
    const client = stage().client({ fetch });
    await client.request(post);
    await client.request({ service: 'hydra', path: 'x' });
    expect(modes).to.deep.equal(['manual', undefined]);
  });
});

describe('a move that the service announces', () => {
  const moved =
    (location: string): Route =>
    () =>
      json({ errorCode: 2000002, location }, 404);
  const elsewhere =
    (location: string): Route =>
    () =>
      json({}, 200, { 'cisco-location': location });
  it('to something that is not a URL is ERR_BAD_RESPONSE, not a TypeError (F23)', async () => {
    for (const location of ['http://', 'http://[', 'javascript:alert(1)', 'mailto:a@b.test'])
      for (const route of [moved(location), elsewhere(location)]) {
        const s = stage({ 'GET /v1/x': route });
        const error = await failure(s.client().request({ service: 'hydra', path: 'x' }));
        expect(error.code, location).to.equal('ERR_BAD_RESPONSE');
      }
  });
  it('does not carry a body to a host outside the catalog', async () => {
    for (const route of [moved('http://evil.test/x'), elsewhere('http://evil.test/x')]) {
      const s = stage({ 'POST /v1/x': route });
      expect((await failure(s.client().request(post))).code).to.equal('ERR_BAD_RESPONSE');
      expect(s.sent.map(({ url }) => url.host)).not.to.include('evil.test');
    }
  });
});

describe('a wait that the service asks for (F12)', () => {
  const years = [
    '315360000',
    '9'.repeat(400),
    'Fri, 31 Dec 9999 23:59:59 GMT',
    '1e3', // neither seconds nor a date
  ];
  it('ends after ten minutes at the latest, in every form', async () => {
    for (const retryAfter of years)
      for (const status of [429, 503, 423]) {
        let isOver = false;
        const s = stage({
          'GET /v1/x': () => (isOver ? json({ ok: true }) : json({}, status, { 'retry-after': retryAfter })),
        });
        const client = s.client({ config: { request: { maxRetries: 0 } } });
        const first = failure(client.request({ service: 'hydra', path: 'x' }));
        await s.clock.advance(61_000);
        const { retryAfterMs = 0 } = (await first) as { retryAfterMs?: number };
        expect(retryAfterMs, `${String(status)} ${retryAfter}`).to.be.at.most(3_600_000);
        isOver = true;
        await s.clock.advance(600_000);
        const again = client.request<{ ok: boolean }>({ service: 'hydra', path: 'x' });
        await s.clock.advance(60_000);
        expect((await again).body.ok).to.equal(true);
      }
  });
});
