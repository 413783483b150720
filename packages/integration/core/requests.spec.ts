import { createClient, type ClientBase } from '@trunkline/core';
import { expectQuiet, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startProxy } from './proxy.js';
import { countedFetch, failure } from './tools.js';

const me = { service: 'hydra', path: 'people/me' } as const;
const newRoom = { method: 'POST', service: 'hydra', path: 'rooms', body: { title: 'Once' } } as const;

describe('requests', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud();
  });
  after(() => cloud.close());

  const ready = async (name: string) => {
    const { fetch: fetcher, sent } = countedFetch();
    const client = await cloud.client(name, [], { fetch: fetcher });
    await client.ready();
    sent.length = 0;
    return { client, sent };
  };

  it('wait as many seconds as Retry-After says, together, and the app is notified', async () => {
    const { client, sent } = await ready('ana');
    await cloud.fault({
      kind: 'status',
      status: 429,
      retryAfterS: 1,
      times: 1,
      match: { path: '/v1/people' },
    });
    const limited = nextEvent(client as ClientBase, 'rateLimited');
    const startedMs = Date.now();
    const first = client.request(me);
    expect(await limited).to.deep.equal({ route: `${cloud.url}/v1/people`, retryAfterMs: 1_000 });
    const second = client.request(me); // it comes while the route is limited: it does not even try
    expect((await Promise.all([first, second])).map(({ status }) => status)).to.deep.equal([200, 200]);
    expect(Date.now() - startedMs).to.be.within(1_000, 3_000);
    expect(sent).to.have.length(3);
  });

  it('wait until the time that Retry-After names, when it is a date', async () => {
    // the service says seconds; what stands before it may say the same as a date
    const proxy = await startProxy(cloud.url, {
      headers: (path, headers) => {
        const seconds = Number(headers['retry-after']);
        if (path.startsWith('/v1/people') && seconds > 0)
          headers['retry-after'] = new Date(Date.now() + seconds * 1_000).toUTCString();
      },
    });
    try {
      const client = await cloud.client('ana', [], { service: proxy.url });
      await client.ready();
      await cloud.fault({
        kind: 'status',
        status: 429,
        retryAfterS: 2, // a date has no fractions: between one and two seconds are left
        times: 1,
        match: { path: '/v1/people' },
      });
      const limited = nextEvent(client as ClientBase, 'rateLimited');
      const startedMs = Date.now();
      const answer = client.request(me);
      const { route, retryAfterMs } = await limited;
      expect(route).to.equal(`${proxy.url}/v1/people`);
      expect(retryAfterMs).to.be.within(500, 2_000);
      expect((await answer).status).to.equal(200);
      expect(Date.now() - startedMs).to.be.within(retryAfterMs - 50, 5_000);
      await client.close();
      await expectQuiet(client);
    } finally {
      await proxy.close();
    }
  });

  it('held back for longer than they may be say so at once', async () => {
    const { client, sent } = await ready('ana');
    const lift = await cloud.fault({
      kind: 'status',
      status: 429,
      retryAfterS: 3_600,
      match: { path: '/v1/people' },
    });
    const refused = [await failure(client.request(me)), await failure(client.request(me))];
    expect(refused.map(({ code, retryable }) => [code, retryable])).to.deep.equal(
      Array(2).fill(['ERR_RATE_LIMITED', true]),
    );
    expect(refused[0]?.retryAfterMs).to.equal(3_600_000);
    expect(sent).to.have.length(1);
    await lift();
  });

  it('that read are sent again after 503', async () => {
    const { client, sent } = await ready('ana');
    await cloud.fault({ kind: 'status', status: 503, times: 2, match: { path: '/v1/people' } });
    expect((await client.request(me)).status).to.equal(200);
    expect(sent).to.have.length(3);
  });

  for (const status of [500, 502, 503])
    it(`that write are not sent again after ${String(status)}`, async () => {
      const { client, sent } = await ready('ana');
      await cloud.fault({ kind: 'status', status, times: 1, match: { path: '/v1/rooms', method: 'POST' } });
      const error = await failure(client.request(newRoom));
      expect([error.code, error.status, error.retryable]).to.deep.equal([
        status === 500 ? 'ERR_SERVER' : 'ERR_UNAVAILABLE',
        status,
        true,
      ]);
      expect(sent).to.deep.equal(['POST /v1/rooms']);
    });

  it('end with ERR_TIMEOUT when the service is slow', async () => {
    const { client } = await ready('ana');
    // lifted: on a busy machine the call may end before it is there
    const lift = await cloud.fault({
      kind: 'delay',
      delayMs: 60_000,
      times: 1,
      match: { path: '/v1/people' },
    });
    const error = await failure(client.request({ ...me, timeoutMs: 50 }));
    expect([error.code, error.retryable]).to.deep.equal(['ERR_TIMEOUT', true]);
    expect(error.message).to.contain('50 ms');
    await lift();
  });

  it('end with the reason of their signal', async () => {
    const client = await cloud.client('ana', []);
    await client.ready();
    // lifted: on a busy machine the call may end before it is there
    const lift = await cloud.fault({
      kind: 'delay',
      delayMs: 60_000,
      times: 1,
      match: { path: '/v1/people' },
    });
    const controller = new AbortController();
    const reason = new Error('no longer wanted');
    const ended = client.request({ ...me, signal: controller.signal }).catch((error: unknown) => error);
    setImmediate(() => {
      controller.abort(reason);
    });
    expect(await ended).to.equal(reason);
    const gone = await client.request({ ...me, signal: controller.signal }).catch((error: unknown) => error);
    expect(gone).to.equal(reason);
    await lift();
    await client.close();
    await expectQuiet(client);
  });

  it('say that no one is there', async () => {
    const client = createClient({
      token: 'A_B_C',
      service: 'http://127.0.0.1:9',
      config: { request: { maxRetries: 1 } },
    });
    const error = await failure(client.ready());
    expect([error.code, error.retryable]).to.deep.equal(['ERR_NETWORK', true]);
    expect((await failure(client.request(me))).code).to.equal('ERR_NETWORK');
    const connect = await failure(
      Promise.race([client.connect({ timeoutMs: 300 }), new Promise<never>(() => undefined)]),
    );
    expect(connect.retryable).to.equal(true);
    await client.close();
  });

  describe('whose answer breaks off', () => {
    it('are sent again when they read, and are an error when they write', async () => {
      let cuts = 1;
      const seen: string[] = [];
      const proxy = await startProxy(cloud.url, {
        cut: ({ method, path }) => {
          if (!path.startsWith('/v1/people') && !path.startsWith('/v1/rooms')) return false;
          seen.push(`${method} ${path}`);
          return (cuts -= 1) >= 0;
        },
      });
      try {
        const client = await cloud.client('ana', [], { service: proxy.url });
        const { body } = await client.request<{ displayName: string }>(me);
        expect([body.displayName, seen.length]).to.deep.equal(['Ana', 2]);
        cuts = 1;
        const error = await failure(client.request(newRoom));
        expect([error.code, error.retryable]).to.deep.equal(['ERR_NETWORK', true]);
        expect(seen.filter((what) => what === 'POST /v1/rooms')).to.have.length(1);
        await client.close();
        await expectQuiet(client);
      } finally {
        await proxy.close();
      }
    });
  });

  it('to a host that is none of the service take no token along, nor do its redirects', async () => {
    const received: IncomingHttpHeaders[] = [];
    const foreign = createServer((request, response) => {
      received.push(request.headers);
      if (request.url === '/redirect') response.writeHead(200, { 'cisco-location': '/plain' }).end();
      else response.setHeader('content-type', 'application/json').end('{"hello":"world"}');
    });
    foreign.listen(0, '127.0.0.1');
    await once(foreign, 'listening');
    const url = `http://127.0.0.1:${String((foreign.address() as AddressInfo).port)}`;
    try {
      const client = await cloud.client('ana', []);
      await client.connect(); // it has a token and a device that it could give away
      const { accessToken } = await cloud.person('ana');
      for (const path of ['/plain', '/redirect', '/v1/people/me'])
        expect((await client.request({ url: `${url}${path}` })).body).to.deep.equal({ hello: 'world' });
      expect(received).to.have.length(4);
      const told = JSON.stringify(received);
      expect(told).not.to.contain(accessToken);
      expect(told).not.to.match(/authorization|cisco-device-url|trackingid|spark-user-agent/);
      await client.close();
    } finally {
      foreign.closeAllConnections();
      foreign.close();
    }
  });
});
