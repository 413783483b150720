import { expect } from 'chai';
import sinon from 'sinon';
import { SERVICE, TestSocket, testClock, turn } from '../../test/kit.js';
import { sdkError } from '../kernel/errors.js';
import type { SocketConstructor } from '../kernel/socket.js';
import { checkEnvironment } from './check.web.js';
import { inspect, type EnvironmentCheck, type EnvironmentOptions } from './inspect.js';

const named = (checks: readonly EnvironmentCheck[], name: string) => {
  const found = checks.find((check) => check.name === name);
  if (found === undefined) throw new Error(`no ${name}`);
  return found;
};
const catalog = () => Promise.resolve(Response.json({ serviceLinks: {} }));
const opening = (act: (socket: TestSocket) => void) => {
  const made: TestSocket[] = [];
  class Socket extends TestSocket {
    constructor(url: string) {
      super(url);
      made.push(this);
      queueMicrotask(() => {
        act(this);
      });
    }
  }
  return { made, WebSocket: Socket as SocketConstructor };
};

describe('checkEnvironment', () => {
  it('finds what there is, says what each is for, and tries no network without a service', async () => {
    const fetcher = sinon.spy(catalog);
    const checks = await checkEnvironment({ fetch: fetcher, WebSocket: TestSocket });
    for (const name of ['fetch', 'WebSocket', 'AbortController', 'crypto.getRandomValues'])
      expect(named(checks, name)).to.include({ ok: true, needed: true });
    expect(named(checks, 'crypto.subtle')).to.include({ ok: true, needed: false });
    for (const { why } of checks) expect(why).to.match(/\w{3}/);
    expect(checks.map(({ name }) => name)).to.include.members([
      'localStorage',
      'indexedDB',
      'ReadableStream',
    ]);
    sinon.assert.notCalled(fetcher);
  });

  it('says what to do about what is missing or forbidden, and never throws', async () => {
    const missing = await inspect({}, undefined, [
      {
        name: 'mine',
        needed: false,
        purpose: 'trying',
        remedy: 'try harder',
        test: () => {
          throw new Error('secret words');
        },
      },
    ]);
    expect(named(missing, 'WebSocket')).to.deep.include({ ok: false, needed: true });
    expect(named(missing, 'WebSocket').why).to.contain('give one as `WebSocket`');
    expect(named(missing, 'mine')).to.deep.equal({
      name: 'mine',
      ok: false,
      needed: false,
      why: 'trying: try harder',
    });
  });

  describe('with a service', () => {
    const check = async (options: Partial<EnvironmentOptions>) => {
      const checks = await inspect({ service: SERVICE, ...options }, undefined, []);
      return { service: named(checks, 'service'), socket: named(checks, 'socket') };
    };
    it('asks for the catalog that needs no token and opens a socket, which it closes', async () => {
      const fetcher = sinon.spy(catalog);
      const { made, WebSocket } = opening((socket) => {
        socket.open();
      });
      const { service, socket } = await check({ fetch: fetcher, WebSocket });
      expect([service.ok, socket.ok]).to.deep.equal([true, true]);
      const [url] = fetcher.firstCall.args as unknown as [string];
      expect(url).to.equal(`${SERVICE}/u2c/api/v1/limited/catalog?mode=DEFAULT_BY_PROXIMITY&format=hostmap`);
      expect(made[0]?.url).to.match(
        /^ws:\/\/cloud\.test\/mercury\/v1\/apps\/wx2\/registrations\/[\d-]+\/messages$/,
      );
      expect(made[0]?.terminated).to.equal(true);
    });
    for (const [what, answer, said] of [
      ['a status', () => new Response(null, { status: 404 }), 'it answered 404'],
      ['another page', () => new Response('<html>'), 'no service catalog'],
      ['another JSON', () => Response.json([]), 'no service catalog'],
      ['nothing', () => Promise.reject(new TypeError('fetch failed')), 'opens in a browser'],
      [
        'an error of the SDK',
        () => Promise.reject(sdkError('ERR_PROXY', 'the proxy said no')),
        'proxy said no',
      ],
    ] as const)
      it(`reports ${what} instead`, async () => {
        const { service } = await check({
          fetch: async () => answer(),
          ...opening((socket) => {
            socket.open();
          }),
        });
        expect(service).to.include({ ok: false, needed: true });
        expect(service.why).to.contain(said);
      });
    it('reports a socket that is refused', async () => {
      const { socket } = await check({
        fetch: catalog,
        ...opening((opened) => {
          opened.end(1006);
        }),
      });
      expect(socket.ok).to.equal(false);
      expect(socket.why).to.contain('Upgrade: websocket');
    });
    it('waits no longer than it may, and leaves nothing behind', async () => {
      const clock = testClock();
      const signals: (AbortSignal | null | undefined)[] = [];
      const { made, WebSocket } = opening(() => undefined);
      const checking = check({
        clock,
        WebSocket,
        timeoutMs: 100,
        fetch: (_url, init) => {
          signals.push(init?.signal);
          return new Promise(() => undefined);
        },
      });
      await turn();
      await clock.advance(100);
      const { service, socket } = await checking;
      expect([service.ok, socket.ok]).to.deep.equal([false, false]);
      expect(service.why).to.contain('timed out after 100 ms');
      expect(socket.why).to.contain('timed out after 100 ms');
      expect([signals[0]?.aborted, made[0]?.terminated, clock.pending]).to.deep.equal([true, true, 0]);
    });
    it('refuses an address that is none', async () => {
      const { service, socket } = await check({ service: 'cloud', fetch: catalog, WebSocket: TestSocket });
      expect([service.ok, socket.ok]).to.deep.equal([false, false]);
      expect(service.why).to.contain('must be an http(s) URL');
    });
  });
});
