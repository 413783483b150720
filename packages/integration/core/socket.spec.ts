import { createClient, type ClientBase } from '@trunkline/core';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, joinCloud, nextEvent, startCloud, type Cloud } from '@trunkline/testing';
import { expect } from 'chai';
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { spawnService, type ServiceProcess } from '../kit/service-process.js';
import { devicesOf, failure } from './tools.js';

const quick = { mercury: { backoffBaseMs: 20, backoffMaxMs: 100 } } as const;
const me = { service: 'hydra', path: 'people/me' } as const;
const plugins = () => [rooms(), messages(), memberships()] as const;
const becomes = (client: ClientBase, state: string) =>
  nextEvent(client.socket, 'state', { where: ({ to }) => to === state });

/** Another socket of a device, as someone else's program would open it. */
async function rawSocket(webSocketUrl: string, token: string): Promise<WebSocket> {
  const socket = new WebSocket(`${webSocketUrl}?outboundWireFormat=text&bufferStates=true`);
  await once(socket, 'open');
  const first = once(socket, 'message');
  socket.send(JSON.stringify({ id: 'a', type: 'authorization', data: { token: `Bearer ${token}` } }));
  await first;
  return socket;
}

describe('the socket', function () {
  this.timeout(15_000);
  let cloud: Cloud;
  before(async () => {
    cloud = await startCloud({ limits: { devicesPerUser: 6 } });
  });
  after(() => cloud.close());

  it('comes when it is no longer refused', async () => {
    const client = await cloud.client('ana', [], { config: quick });
    const lift = await cloud.fault({ kind: 'refuse-sockets' });
    let waited = 0;
    const thrice = new Promise<void>((resolve) => {
      client.socket.on('state', ({ to, retryInMs }) => {
        if (to !== 'waiting') return;
        expect(retryInMs).to.be.within(0, 100);
        if ((waited += 1) === 3) resolve();
      });
    });
    const connected = client.connect();
    await thrice;
    await lift();
    expect((await connected).url).to.equal(client.device?.url);
    expect(client.socket.state).to.equal('open');
    await client.close();
    await expectQuiet(client);
  });

  it('when it was cut brings what happened in between, each once, and says how many', async () => {
    const [ana, ben] = await cloud.clients(['ana', 'ben'], plugins, { config: quick });
    const received: string[] = [];
    ben.messages.on('created', ({ text }) => received.push(text ?? ''));
    await ben.messages.listen();
    const room = await ana.rooms.create({ title: 'Cut' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    const before = nextEvent(ben.messages, 'created');
    await ana.messages.create({ roomId: room.id, text: 'before' });
    await before;
    const person = await cloud.person('ben');
    const refuse = await cloud.fault({ kind: 'refuse-sockets', match: { userId: person.id } });
    const waiting = becomes(ben, 'waiting');
    await cloud.fault({ kind: 'drop-sockets', match: { userId: person.id } });
    await waiting;
    for (let n = 0; n < 5; n += 1) await ana.messages.create({ roomId: room.id, text: String(n) });
    const caughtUp = nextEvent(ben.socket, 'caughtUp');
    const last = nextEvent(ben.messages, 'created', { where: ({ text }) => text === '4' });
    await refuse();
    expect((await caughtUp).missed).to.equal(5);
    await last;
    const after = nextEvent(ben.messages, 'created');
    await ana.messages.create({ roomId: room.id, text: 'after' });
    await after;
    expect(received).to.deep.equal(['before', '0', '1', '2', '3', '4', 'after']);
    await Promise.all([ana.close(), ben.close()]);
    await expectQuiet(ben);
  });

  it('that another one of its device replaces stays closed, until someone connects again', async () => {
    const client = await cloud.client('cleo', [], { config: quick });
    const device = await client.connect();
    const { accessToken } = await cloud.person('cleo');
    const states: (string | undefined)[] = [];
    client.socket.on('state', ({ to, reason }) => states.push(to, reason));
    const closed = becomes(client, 'closed');
    const other = await rawSocket(device.webSocketUrl, accessToken);
    await closed;
    expect(states).to.deep.equal(['closed', 'replaced']);
    expect((await client.request(me)).status).to.equal(200);
    const replaced = once(other, 'close');
    await client.connect();
    expect((await replaced)[0]).to.equal(4000);
    expect(client.socket.state).to.equal('open');
    await client.close();
    await expectQuiet(client);
  });

  it('whose device someone removed gets another device, and says that there is a gap', async () => {
    const client = await cloud.client('dora', [], { config: quick });
    const device = await client.connect();
    const gap = nextEvent(client.socket, 'gap');
    const { accessToken } = await cloud.person('dora');
    await fetch(device.url, { method: 'DELETE', headers: { authorization: `Bearer ${accessToken}` } });
    expect((await gap).lost).to.equal(undefined);
    const another = await client.connect();
    expect(another.url).not.to.equal(device.url);
    expect(await devicesOf(cloud.url, await cloud.person('dora'))).to.deep.equal([another.url]);
    await client.close();
    await expectQuiet(client);
  });

  it('makes room among too many devices, the oldest first', async () => {
    const person = await cloud.person('eva');
    const olds: string[] = [];
    for (let n = 0; n < 6; n += 1) {
      const old = createClient({ token: person.accessToken, service: cloud.url });
      const answer = await old.request<{ url: string }>({
        method: 'POST',
        service: 'wdm',
        path: 'devices',
        body: { name: `old ${String(n)}`, deviceType: 'WEB' },
      });
      olds.push(answer.body.url);
      await old.close();
    }
    const client = await cloud.client(person, []);
    const device = await client.connect();
    const left = await devicesOf(cloud.url, person);
    expect(left).to.include(device.url);
    expect(left).to.include.members(olds.slice(2));
    expect(left).not.to.include.members(olds.slice(0, 2));
    await client.close();
    await expectQuiet(client);
  });

  it('of clients that break off in any phase of opening does the service no harm', async () => {
    const lift = await cloud.fault({ kind: 'refuse-sockets', times: 10 });
    const { hostname, port } = new URL(cloud.url);
    const paths = [
      '/nowhere',
      '/mercury/v1/apps/wx2/registrations/00000000-0000-4000-8000-000000000000/messages',
    ];
    for (let n = 0; n < 40; n += 1) {
      const raw = connect(Number(port), hostname);
      await once(raw, 'connect');
      raw.write(
        `GET ${paths[n % 2] ?? ''} HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n` +
          'sec-websocket-version: 13\r\nsec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n',
      );
      if (n % 4 > 1) await once(raw, 'data');
      raw.resetAndDestroy();
    }
    await lift();
    expect((await fetch(`${cloud.url}/healthz`)).status).to.equal(200);
  });

  it('refused permanently says so', async () => {
    const { id } = await cloud.person('fay');
    await cloud.admin('POST', 'clients', { clientId: 'narrow', redirectUris: [], scopes: 'spark:kms' });
    const { accessToken } = await cloud.admin<{ accessToken: string }>('POST', 'tokens', {
      userId: id,
      clientId: 'narrow',
    });
    const client = await cloud.client('fay', [], { token: accessToken });
    expect((await failure(client.connect())).code).to.equal('ERR_FORBIDDEN');
    expect(client.socket.state).to.equal('closed');
    await client.close();
    await expectQuiet(client);
  });
});

describe('the socket of a service that goes away', function () {
  this.timeout(15_000);
  let service: ServiceProcess;
  before(async () => {
    service = await spawnService();
  });
  after(() => service.close());

  for (const [how, stop] of [
    ['killed', () => service.kill()],
    ['asked to end', () => service.stop()],
  ] as const)
    it(`${how}: waits, comes back with the same device, and has what it missed`, async () => {
      const name = how.replaceAll(' ', '-');
      const cloud = joinCloud(service.now);
      const ana = await cloud.client(`${name}-ana`, plugins(), { config: quick });
      const ben = await cloud.client(`${name}-ben`, plugins(), { config: quick });
      const received: string[] = [];
      ben.messages.on('created', ({ text }) => received.push(text ?? ''));
      const maintenance: string[] = [];
      ben.socket.on('maintenance', ({ url }) => maintenance.push(url));
      await ben.messages.listen();
      const room = await ana.rooms.create({ title: how });
      await ana.memberships.create({ roomId: room.id, personEmail: `${name}-ben@example.com` });
      const first = nextEvent(ben.messages, 'created');
      await ana.messages.create({ roomId: room.id, text: 'first' });
      await first;
      const device = ben.device?.url;
      const waiting = becomes(ben, 'waiting');
      await stop();
      await waiting;
      const refused = await failure(
        ben.request({ ...me, method: 'POST' }), // one that is not tried again
      );
      expect(refused.code).to.equal('ERR_NETWORK');
      const back = becomes(ben, 'open');
      const second = nextEvent(ben.messages, 'created', { timeoutMs: 10_000 });
      await service.start();
      await back;
      expect(ben.device?.url).to.equal(device);
      await ana.messages.create({ roomId: room.id, text: 'second' });
      await second;
      expect(received).to.deep.equal(['first', 'second']);
      expect(maintenance).to.have.length(how === 'killed' ? 0 : 1);
      await Promise.all([ana.close(), ben.close()]);
      await expectQuiet(ben);
      expect(await devicesOf(service.now.url, await cloud.person(`${name}-ben`))).to.deep.equal([]);
    });
});
