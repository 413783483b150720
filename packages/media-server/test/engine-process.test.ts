import { existsSync } from 'node:fs';
import { expect } from 'chai';
import type { MediaServer } from '../src/index.js';
import { createRawClient, type RawClient } from './support/raw-client.js';
import { sleep, startServer, until } from './support/server.js';

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

describe('an engine in a child process', function () {
  this.timeout(60_000);
  let server: MediaServer;
  const clients: RawClient[] = [];
  beforeEach(async () => {
    server = await startServer({ mode: 'process' });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    await server.close();
  });
  const connect = async (
    transport: Awaited<ReturnType<MediaServer['createTransport']>>,
  ): Promise<RawClient> => {
    const client = await createRawClient();
    clients.push(client);
    client.apply((await transport.accept(client.offer)).answer);
    await client.open;
    return client;
  };
  const flows = (from: RawClient, to: RawClient) => {
    let sent = 0;
    return until('video', async () => {
      from.sendVideo(sent % 10 === 0);
      sent += 1;
      await sleep(5);
      return to.received.length > 10;
    });
  };

  it('is restarted when it is killed, keeps SSRCs and routes, and asks clients to negotiate again', async () => {
    const ana = await server.createTransport();
    const ben = await server.createTransport();
    const first = [await connect(ana), await connect(ben)] as const;
    await ben.slot('1')?.route(ana.track('1'));
    await flows(...first);
    const ssrc = ben.slot('1')?.ssrc;
    const events: string[] = [];
    for (const [name, transport] of [
      ['ana', ana],
      ['ben', ben],
    ] as const) {
      transport.on('state', ({ to }) => events.push(`${name} ${to}`));
      transport.on('renegotiate', () => events.push(`${name} renegotiate`));
    }
    const pid = server.enginePid ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(
      'both to be asked',
      () => events.filter((event) => event.endsWith('renegotiate')).length === 2,
      20_000,
    );
    expect(events).to.deep.equal(['ana lost', 'ben lost', 'ana renegotiate', 'ben renegotiate']);
    expect(server.enginePid).to.be.a('number').and.not.equal(pid);
    const second = [await connect(ana), await connect(ben)] as const;
    // nothing was routed again
    await flows(...second);
    expect(second[1].received.at(-1)?.header.ssrc).to.equal(ssrc);
  });

  it('fails calls in between with an error that says to try again', async () => {
    const ana = await server.createTransport();
    const client = await createRawClient();
    clients.push(client);
    process.kill(server.enginePid ?? 0, 'SIGKILL');
    const error: unknown = await ana.accept(client.offer).catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'ERR_MEDIA_ENGINE_LOST', retryable: true });
    await until('the restart', () => server.state === 'running' && server.enginePid !== undefined, 20_000);
  });

  it('refuses calls while the next one starts, and starts all the same', async () => {
    const ana = await server.createTransport();
    const client = await createRawClient();
    clients.push(client);
    let isBack = false;
    server.on('engineRestarted', () => {
      isBack = true;
    });
    process.kill(server.enginePid ?? 0, 'SIGKILL');
    const codes = new Set<unknown>();
    // all through the restart
    await until('the next engine', async () => {
      await ana
        .accept(client.offer)
        .catch((error: unknown) => codes.add((error as { readonly code?: unknown }).code));
      return isBack;
    });
    expect([...codes]).to.deep.equal(['ERR_MEDIA_ENGINE_LOST']);
  });
  it('ends with the server', async () => {
    const pid = server.enginePid ?? 0;
    expect(alive(pid)).to.equal(true);
    await server.close();
    expect(alive(pid)).to.equal(false);
    expect(await server.createTransport().catch((error: unknown) => error)).to.include({
      code: 'ERR_MEDIA_CLOSED',
    });
  });

  it('carries errors with code and phase', async () => {
    const transport = await server.createTransport();
    expect(await transport.accept('v=0\r\n').catch((error: unknown) => error)).to.include({
      code: 'ERR_MEDIA_OFFER',
      phase: 'offer',
    });
    const path = '/nowhere/at/all.webm';
    expect(existsSync(path)).to.equal(false);
    const error: unknown = await server
      .createRecorder({ path, tracks: [{ name: 'sound', kind: 'audio' }] })
      .catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'ERR_MEDIA_FILE', phase: 'record' });
  });
});
