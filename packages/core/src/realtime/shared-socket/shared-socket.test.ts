import { expect } from 'chai';
import { device, failure, json, spy, stage, turn, until, type Route, type Stage } from '../../../test/kit.js';
import { fakeBrowser, type FakeBrowser, type FakeTab } from '../../../test/tabs.js';
import type { ClientOptions } from '../../kernel/client.js';
import { createLogBuffer } from '../../kit/log-buffer.js';
import { sharedAmong, sharedSocket } from './shared-socket.js';

const redelivering = { replayed: 0, lost: 0 };

function openTab(s: Stage, tab: FakeTab, options: Partial<ClientOptions> = {}) {
  const socket = sharedAmong(() => tab.around, { name: 'ana' });
  const client = s.client({ socket, clock: tab.clock(s.clock), ...options }).use(spy());
  const seen: unknown[] = [];
  const told: unknown[] = [];
  client.spy.onWire('test.event', ({ n }) => void seen.push(n));
  for (const type of ['caughtUp', 'gap', 'maintenance'] as const)
    client.socket.on(type, (event) => told.push([type, event]));
  client.on('error', ({ error }) => told.push(error));
  return { client, seen, told, tab };
}
type OpenTab = ReturnType<typeof openTab>;
const devicesMade = (s: Stage): number =>
  s.sent.filter(({ method, url }) => method === 'POST' && url.pathname.endsWith('/devices')).length;
const removed = (s: Stage): number => s.sent.filter(({ method }) => method === 'DELETE').length;

describe('a shared socket', () => {
  let s: Stage;
  let browser: FakeBrowser;
  beforeEach(() => {
    s = stage();
    browser = fakeBrowser();
  });
  /** That many tabs, all open; the first one leads. */
  const tabs = async (
    count: number,
    first: object = redelivering,
  ): Promise<[OpenTab, OpenTab, ...OpenTab[]]> => {
    const all: OpenTab[] = [];
    for (let n = 0; n < count; n += 1) {
      const one = openTab(s, browser.tab());
      all.push(one);
      const connecting = one.client.connect();
      if (n === 0) {
        await until(() => s.sockets.length === 1);
        s.socket.welcome(first);
      }
      await connecting;
    }
    return all as [OpenTab, OpenTab];
  };
  const close = async (...all: readonly OpenTab[]): Promise<void> => {
    for (const { client } of all) await client.close();
    await turn();
  };
  const nothingLeft = (): void => {
    expect(browser.held).to.deep.equal([]);
    expect(s.clock.pending).to.equal(0);
  };

  it('is one for all tabs, and so is the device; it goes with the last of them', async () => {
    const [a, b, c] = await tabs(3);
    expect([devicesMade(s), s.sockets.length]).to.deep.equal([1, 1]);
    expect([b.client.device?.url, c?.client.device?.url]).to.deep.equal([device().url, device().url]);
    s.socket.event('x', { n: 1 });
    s.socket.event('y', { n: 2 });
    s.socket.event('x', { n: 1 });
    await turn();
    for (const { seen } of [a, b, c as OpenTab]) expect(seen).to.deep.equal([1, 2]);
    await b.client.request({ service: 'hydra', path: '/rooms' });
    expect(s.asked.at(-1)?.headers.get('cisco-device-url')).to.equal(device().url);
    await close(b, c as OpenTab);
    expect([removed(s), s.socket.closedWith]).to.deep.equal([0, undefined]);
    await close(a);
    expect([removed(s), s.socket.closedWith?.code]).to.deep.equal([1, 1000]);
    nothingLeft();
  });
  it('is acknowledged when every tab is done, and does not wait for one that is gone', async () => {
    const [a, b, c] = await tabs(3);
    const done: (() => void)[] = [];
    b.client.spy.onWire('test.event', () => new Promise<void>((resolve) => void done.push(resolve)));
    s.socket.event('x');
    await turn();
    expect(s.socket.acks).not.to.include('x');
    done[0]?.();
    await turn();
    expect(s.socket.acks.filter((id) => id === 'x')).to.have.length(1);
    s.socket.event('y');
    await turn();
    expect(s.socket.acks).not.to.include('y');
    b.tab.crash();
    await turn();
    expect(s.socket.acks).to.include('y');
    await close(a, c as OpenTab);
  });
  it('does not give a listener’s changes in one tab to the others', async () => {
    const [a, b] = await tabs(2);
    a.client.spy.onWire('test.event', (data) => {
      (data as { n?: number }).n = 7;
    });
    const late: unknown[] = [];
    b.client.spy.onWire('test.event', ({ n }) => void late.push(n));
    s.socket.event('x', { n: 1 });
    await turn();
    await b.client.disconnect();
    s.socket.event('y', { n: 2 });
    await turn();
    await b.client.connect();
    await turn();
    expect(late).to.deep.equal([1, 2]);
    await close(a, b);
  });

  for (const [how, leave] of [
    ['closes', async ({ client }: OpenTab) => client.close()],
    [
      'crashes',
      ({ tab }: OpenTab) => {
        tab.crash();
        return Promise.resolve();
      },
    ],
  ] as const)
    it(`goes on with the same device when the leader ${how}, and no event is lost or doubled`, async () => {
      const [a, b, c] = (await tabs(3)) as [OpenTab, OpenTab, OpenTab];
      s.socket.event('x', { n: 1 });
      await turn();
      b.tab.freeze(); // it has not received y when the leader goes
      s.socket.event('y', { n: 2 });
      await turn();
      expect(s.socket.acks).not.to.include('y');
      await leave(a);
      b.tab.thaw();
      await until(() => s.sockets.length === 2);
      expect([devicesMade(s), removed(s), s.socket.url.startsWith('ws://cloud.test/socket/1')]).to.deep.equal(
        [1, 0, true],
      );
      s.socket.welcome({ replayed: 1, lost: 0 });
      s.socket.event('y', { n: 2 }, { redelivered: true });
      s.socket.event('z', { n: 3 });
      await until(() => b.client.socket.state === 'open' && c.client.socket.state === 'open');
      await turn();
      expect([b.seen, c.seen]).to.deep.equal([
        [1, 2, 3],
        [1, 2, 3],
      ]);
      expect(s.socket.acks.slice(1)).to.deep.equal(['y', 'z']);
      for (const { told } of [b, c])
        expect(told.map((event) => (event as unknown[])[0])).to.deep.equal(['caughtUp']);
      await close(b, c);
      if (how === 'closes') nothingLeft();
    });
  it('acknowledges nothing to a new leader before those who listened have come over, for at most 5 s', async () => {
    const [a, b, c] = (await tabs(3)) as [OpenTab, OpenTab, OpenTab];
    c.tab.freeze();
    a.tab.crash();
    await until(() => s.sockets.length === 2);
    s.socket.welcome({ replayed: 0, lost: 0 });
    s.socket.event('x', { n: 1 });
    await turn();
    expect([b.seen, s.socket.acks]).to.deep.equal([[1], []]);
    await s.clock.advance(5_000);
    expect(s.socket.acks).to.include('x');
    c.tab.thaw(); // late, and still it gets all of it
    await until(() => c.client.socket.state === 'open');
    await turn();
    expect(c.seen).to.deep.equal([1]);
    await close(b, c);
  });
  it('is taken from a leader that does not answer, by one of the others', async () => {
    const [a, b, c] = (await tabs(3)) as [OpenTab, OpenTab, OpenTab];
    a.tab.freeze();
    s.socket.event('x', { n: 1 });
    await s.clock.advance(40_000);
    expect(s.sockets).to.have.length(2);
    expect(s.sockets[0]?.acks).not.to.include('x');
    s.socket.welcome({ replayed: 1, lost: 0 });
    s.socket.event('x', { n: 1 }, { redelivered: true });
    await turn();
    expect([b.seen, c.seen]).to.deep.equal([[1], [1]]);
    a.tab.thaw();
    await until(() => a.client.socket.state === 'open');
    await turn();
    expect([a.seen, s.sockets.length, devicesMade(s)]).to.deep.equal([[1], 2, 1]);
    await close(a, b, c);
    nothingLeft();
  });
  it('does not wait forever for a stuck tab, and sends it what it missed', async () => {
    const [a, b] = await tabs(2);
    b.tab.freeze();
    s.socket.event('x', { n: 1 });
    for (let n = 0; n < 10; n += 1) {
      await s.clock.advance(10_000);
      s.socket.pong();
    }
    expect(s.socket.acks).not.to.include('x');
    s.socket.event('y', { n: 2 });
    await turn();
    expect(s.socket.acks).to.include.members(['x', 'y']);
    b.tab.thaw();
    await s.clock.advance(2_000);
    await until(() => b.client.socket.state === 'open');
    expect([a.seen, b.seen, s.sockets.length]).to.deep.equal([[1, 2], [1, 2], 1]);
    await close(a, b);
  });
  it('is reopened once for all when it is cut; what comes again is counted in each tab', async () => {
    const [a, b] = await tabs(2);
    s.socket.event('x', { n: 1 });
    await turn();
    s.socket.end(1006);
    await turn();
    expect([a.client.socket.state, b.client.socket.state]).to.deep.equal(['waiting', 'waiting']);
    await s.clock.advance(1_000);
    expect(s.sockets).to.have.length(2);
    s.socket.welcome({ replayed: 2, lost: 0 });
    s.socket.event('x', { n: 1 }, { redelivered: true });
    s.socket.event('y', { n: 2 }, { redelivered: true });
    await turn();
    for (const { seen, told } of [a, b]) {
      expect(seen).to.deep.equal([1, 2]);
      expect(told[0]).to.deep.include(['caughtUp', { missed: 1, gapMs: 1_000 }][0]);
    }
    expect(s.socket.acks.slice(1)).to.have.members(['x', 'y']);
    await close(a, b);
  });
  it('notifies every tab of a gap that the service does not fill', async () => {
    const [a, b] = await tabs(2, {});
    s.socket.end(1006);
    await s.clock.advance(1_000);
    s.socket.welcome();
    await turn();
    for (const { told } of [a, b]) expect((told[0] as unknown[])[0]).to.equal('gap');
    await close(a, b);
  });
  it('moves with all tabs when the service announces its end', async () => {
    const [a, b] = await tabs(2);
    const first = s.socket;
    first.receive({ id: 's', type: 'shutdown', reason: 'update' });
    await until(() => s.sockets.length === 2);
    first.event('x', { n: 1 });
    s.socket.welcome(redelivering);
    await turn();
    first.end(4001, 'gone');
    s.socket.event('y', { n: 2 });
    await turn();
    for (const { seen, told, client } of [a, b]) {
      expect([seen, client.socket.state]).to.deep.equal([[1, 2], 'open']);
      expect((told[0] as unknown[])[0]).to.equal('maintenance');
    }
    expect(s.sockets).to.have.length(2);
    await close(a, b);
  });
  it('asks for another token only in the tab whose token was refused', async () => {
    const asked: string[] = [];
    const token = (name: string) => () => Promise.resolve(`${name}${String(asked.push(name))}`);
    const a = openTab(s, browser.tab(), { token: token('a') });
    const b = openTab(s, browser.tab(), { token: token('b') });
    const both = Promise.all([a.client.connect(), b.client.connect()]);
    await until(() => s.sockets.length === 1);
    await turn();
    s.socket.open();
    s.socket.end(4401, 'authentication failed');
    await s.clock.advance(0);
    await until(() => s.sockets.length === 2);
    s.socket.welcome(redelivering);
    await s.clock.advance(2_000);
    await both;
    expect(asked.sort()).to.deep.equal(['a', 'a', 'b']);
    expect(s.sockets).to.have.length(2);
    await close(a, b);
  });
  it('lets a follower register again through the leader, and receive its failure', async () => {
    const [a, b] = await tabs(2);
    s.routes['PUT /wdm/api/v1/devices/1'] = () => json({ ...device(), name: 'renamed' });
    expect((await b.client.register()).url).to.equal(device().url);
    s.routes['PUT /wdm/api/v1/devices/1'] = () => json({ message: 'no' }, 403);
    const error = await failure(b.client.register());
    expect(error.code).to.equal('ERR_FORBIDDEN');
    await b.client.unregister();
    expect([removed(s), a.client.socket.state]).to.deep.equal([0, 'open']);
    await close(a, b);
  });
  it('goes on with another device when the service has removed this one', async () => {
    const [a, b] = await tabs(2);
    s.routes['PUT /wdm/api/v1/devices/1'] = () => json({ message: 'gone' }, 404);
    s.routes['POST /wdm/api/v1/devices'] = () => json(device(2));
    s.routes['PUT /wdm/api/v1/devices/2'] = () => json(device(2));
    s.socket.end(4404, 'device removed');
    for (let n = 0; n < 5 && s.sockets.length === 1; n += 1) await s.clock.advance(1_000);
    s.socket.welcome(redelivering);
    await s.clock.advance(2_000);
    for (const { client, told } of [a, b]) {
      expect([client.device?.url, client.socket.state]).to.deep.equal([device(2).url, 'open']);
      expect((told[0] as unknown[])[0]).to.equal('gap');
    }
    expect([s.sockets.length, devicesMade(s)]).to.deep.equal([2, 2]);
    await close(a, b);
    nothingLeft();
  });
  it('gives the frames it kept to a tab that was away, and says when there were more', async () => {
    const [a, b] = await tabs(2);
    await b.client.disconnect();
    for (let n = 1; n <= 1_003; n += 1) s.socket.event(`e${String(n)}`, { n });
    await b.client.connect();
    await turn();
    expect([b.seen.length, b.seen[0], b.seen.at(-1)]).to.deep.equal([1_000, 4, 1_003]);
    const [type, gap] = b.told[0] as [string, { lost?: number }];
    expect([type, gap.lost]).to.deep.equal(['gap', 3]);
    expect(a.seen).to.have.length(1_003);
    await close(a, b);
  });
  it('rejects at once when the client closes, whatever it waits for', async () => {
    const [a] = await tabs(2);
    a.tab.freeze();
    const late = openTab(s, browser.tab());
    const connecting = failure(late.client.connect());
    await turn();
    await late.client.close();
    expect((await connecting).code).to.equal('ERR_CLIENT_CLOSED');
  });

  describe('stays one’s own', () => {
    const alone = async (options: Partial<ClientOptions>) => {
      const log = createLogBuffer();
      const client = s.client({ ...options, logger: log });
      const connecting = client.connect();
      await until(() => s.sockets.length === 1);
      s.socket.welcome();
      await connecting;
      await client.close();
      expect(removed(s)).to.equal(1);
      return log.text();
    };
    it('where tabs cannot find each other', async () => {
      expect(await alone({ socket: sharedAmong(() => undefined, {}) })).to.contain('no Web Locks');
    });
    it('where locks are refused', async () => {
      const { around } = browser.tab();
      const locks = { ...around.locks, request: () => Promise.reject(new Error('SecurityError')) };
      const text = await alone({ socket: sharedAmong(() => ({ ...around, locks }), { name: 'ana' }) });
      expect(text).to.contain('does not let tabs find each other');
    });
    it('where the service does not say who is signed in', async () => {
      s.routes['GET /v1/people/me'] = () => json({ message: 'no' }, 403);
      const text = await alone({ socket: sharedAmong(() => browser.tab().around, {}) });
      expect(text).to.contain('does not say who');
    });
    it('for each person: the service is asked who it is', async () => {
      const who =
        (id: string): Route =>
        () =>
          json({ id });
      s.routes['GET /v1/people/me'] = who('1');
      const one = openTab(s, browser.tab(), { socket: sharedAmong(() => browser.tab().around, {}) });
      const connecting = one.client.connect();
      await until(() => s.sockets.length === 1);
      s.socket.welcome();
      await connecting;
      s.routes['GET /v1/people/me'] = who('2');
      const two = openTab(s, browser.tab(), { socket: sharedAmong(() => browser.tab().around, {}) });
      const other = two.client.connect();
      await until(() => s.sockets.length === 2);
      s.socket.welcome();
      await other;
      expect(browser.held.filter((name) => name.includes('lead'))).to.have.length(2);
      await close(one, two);
      nothingLeft();
    });
    it('and an option that is none is refused', () => {
      expect(() => s.client({ socket: 'shared' as never })).to.throw('socket must be a function');
      expect(sharedSocket()).to.be.a('function');
    });
  });
});
