import { createClient, type ClientBase, type NodeClientOptions } from '@trunkline/core';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { expectQuiet, nextEvent, startCloud } from '@trunkline/testing';
import { expect } from 'chai';
import { HttpsProxyAgent } from 'https-proxy-agent';
import { readFileSync } from 'node:fs';
import { Agent as TlsAgent } from 'node:https';
import { Server as ProxyServer } from 'proxy-chain';
import { Agent, fetch as undiciFetch, ProxyAgent, type Dispatcher } from 'undici';
import { runProgram, failure } from './tools.js';

const me = { service: 'hydra', path: 'people/me' } as const;
const plugins = () => [rooms(), messages(), memberships()] as const;

describe('the way to the service in Node', function () {
  this.timeout(20_000);
  let cloud: Awaited<ReturnType<typeof startCloud>>;
  let service: string;
  let ca: string;
  let proxy: ProxyServer;
  let proxyUrl: string;
  /** what the proxy was asked for; its password, when it wants one */
  const asked: string[] = [];
  let password: string | undefined;
  const cleaners: (() => Promise<unknown> | undefined)[] = [];
  before(async () => {
    cloud = await startCloud({ tlsPort: 0 });
    service = cloud.server.tlsUrl ?? '';
    ca = readFileSync(cloud.server.tlsCaFile ?? '', 'utf8');
    proxy = new ProxyServer({
      port: 0,
      host: '127.0.0.1',
      prepareRequestFunction: ({ hostname, port, request, password: given }) => {
        asked.push(`${request.method ?? ''} ${hostname}:${String(port)}`);
        return { requestAuthentication: password !== undefined && given !== password };
      },
    });
    await proxy.listen();
    proxyUrl = `http://127.0.0.1:${String(proxy.port)}`;
  });
  beforeEach(() => {
    asked.length = 0;
    password = undefined;
  });
  afterEach(async () => {
    for (const clean of cleaners.splice(0)) await clean();
  });
  after(async () => {
    await proxy.close(true);
    await cloud.close();
  });

  const through = (uri: string, trusting = true) => {
    const dispatcher = new ProxyAgent({ uri, ...(trusting && { requestTls: { ca } }) });
    const agent = new HttpsProxyAgent(uri);
    cleaners.push(() => dispatcher.destroy());
    return { service, dispatcher, agent, ...(trusting && { ca }) };
  };
  const direct = (trust?: string) => {
    const dispatcher: Dispatcher = new Agent(trust === undefined ? {} : { connect: { ca: trust } });
    cleaners.push(() => dispatcher.destroy());
    return { service, dispatcher };
  };
  const ends = async (client: ClientBase): Promise<void> => {
    await client.close();
    await expectQuiet(client);
  };

  it('leads requests, files and the socket through a proxy, to a service with an authority of its own', async () => {
    const options: Partial<NodeClientOptions> = through(proxyUrl);
    const [ana, ben] = await cloud.clients(['ana', 'ben'], plugins, options);
    await ben.messages.listen();
    const { host } = new URL(service);
    expect(new URL(ben.device?.webSocketUrl ?? '').host).to.equal(host);
    const room = await ana.rooms.create({ title: 'Through' });
    await ana.memberships.create({ roomId: room.id, personEmail: 'ben@example.com' });
    const seen = nextEvent(ben.messages, 'created');
    const bytes = new Uint8Array(300_000).fill(7);
    await ana.messages.create({ roomId: room.id, text: 'hello', files: [bytes] });
    const { text, files: [url] = [] } = await seen;
    expect(text).to.equal('hello');
    const { body } = await ben.request<Uint8Array>({ url: url ?? '', as: 'bytes' });
    expect(body.length).to.equal(bytes.length);
    // one tunnel for the socket, one or more for requests, and nothing else
    expect(asked.length).to.be.greaterThanOrEqual(2);
    expect(new Set(asked)).to.deep.equal(new Set([`CONNECT ${host}`]));
    const before = asked.length;
    await ana.connect();
    expect(asked.length).to.be.greaterThan(before);
    await ends(ana);
    await ends(ben);
  });

  it('also does so with undici’s own fetch, and by proxies that want a password', async () => {
    password = 'let me in';
    const uri = `http://ana:${encodeURIComponent(password)}@127.0.0.1:${String(proxy.port)}`;
    const own = { ...through(uri), fetch: undiciFetch as unknown as typeof fetch };
    const client = await cloud.client('ana', [], own);
    await client.connect();
    expect((await client.request(me)).status).to.equal(200);
    await ends(client);
  });

  it('trusts an authority without any proxy, by option or environment', async () => {
    const client = await cloud.client('ana', [], { ...direct(ca), ca } as Partial<NodeClientOptions>);
    await client.connect();
    await ends(client);
    const byAgent = { ...direct(ca), agent: new TlsAgent({ ca }) } as Partial<NodeClientOptions>;
    const other = await cloud.client('ana', [], byAgent);
    await other.connect();
    await ends(other);
    const program = `
      import { createClient } from '@trunkline/core';
      const client = createClient({ service: process.env.SERVICE, token: process.env.TOKEN });
      console.log((await client.connect()).url.startsWith(process.env.SERVICE));
      await client.close();`;
    const { accessToken } = await cloud.person('ana');
    const { stdout, stderr } = await runProgram(program, 'module', {
      SERVICE: service,
      TOKEN: accessToken,
      NODE_EXTRA_CA_CERTS: cloud.server.tlsCaFile ?? '',
    });
    expect([stdout, stderr]).to.deep.equal(['true\n', '']);
  });

  const wrong: readonly (readonly [string, () => Partial<NodeClientOptions>])[] = [
    ['directly', () => direct()],
    ['through a proxy', () => through(proxyUrl, false)],
    ['without any option', () => ({ service })],
  ];
  for (const [how, options] of wrong)
    it(`says ${how} that a certificate is not trusted, and what to do`, async () => {
      const client = await cloud.client('ana', [], options());
      for (const call of [() => client.request(me), () => client.ready(), () => client.connect()]) {
        const error = await failure(call());
        expect([error.code, error.retryable]).to.deep.equal(['ERR_CERTIFICATE', false]);
        expect(error.message).to.match(/not trusted \(\w+\); give its authority by NODE_EXTRA_CA_CERTS/);
      }
      expect(client.socket.state).to.equal('closed');
      await ends(client);
    });

  it('says the same of the socket alone, which does not try in vain', async () => {
    const client = await cloud.client('ana', [], { ...direct(ca), WebSocket: undefined } as never);
    await client.ready();
    expect((await failure(client.connect())).code).to.equal('ERR_CERTIFICATE');
    expect(client.socket.state).to.equal('closed');
    await ends(client);
  });

  it('says that a proxy refuses, and does not reveal its password', async () => {
    password = 'another';
    const { accessToken: token } = await cloud.person('ana');
    const uri = `http://ana:secret@127.0.0.1:${String(proxy.port)}`;
    const client = createClient({ token, ...through(uri) });
    for (const call of [() => client.request(me), () => client.connect()]) {
      const error = await failure(call());
      expect([error.code, error.status, error.retryable]).to.deep.equal(['ERR_PROXY', 407, false]);
      expect(`${error.message} ${JSON.stringify(error)}`).not.to.contain('secret');
    }
    await client.close();
    const socketOnly = createClient({ token, ...through(uri), ...direct(ca) });
    expect((await failure(socketOnly.connect())).code).to.equal('ERR_PROXY');
    await socketOnly.close();
  });

  it('waits for a proxy that is not there, as for any network', async () => {
    const away = through('http://127.0.0.1:9');
    const client = await cloud.client('ana', [], { ...away, config: { request: { maxRetries: 1 } } });
    expect((await failure(client.request(me))).code).to.equal('ERR_NETWORK');
    await ends(client);
  });
});
