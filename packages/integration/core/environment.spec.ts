import { checkEnvironment, createLogBuffer, type EnvironmentCheck } from '@trunkline/core';
import { e2ee } from '@trunkline/encryption';
import { memberships } from '@trunkline/memberships';
import { messages } from '@trunkline/messages';
import { rooms } from '@trunkline/rooms';
import { nextEvent, startCloud } from '@trunkline/testing';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Agent } from 'undici';

const wrong = (checks: readonly EnvironmentCheck[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);
const why = (checks: readonly EnvironmentCheck[], name: string) =>
  checks.find((check) => check.name === name)?.why ?? '';

describe('checkEnvironment in Node', function () {
  this.timeout(15_000);
  let cloud: Awaited<ReturnType<typeof startCloud>>;
  before(async () => {
    cloud = await startCloud({ tlsPort: 0 });
  });
  after(() => cloud.close());

  it('finds all there is, and the service by request and socket', async () => {
    const checks = await checkEnvironment({ service: cloud.url });
    expect(wrong(checks)).to.deep.equal([]);
    expect(checks.map(({ name }) => name)).to.include.members([
      'fetch',
      'crypto.subtle',
      'service',
      'socket',
    ]);
  });

  it('goes the way the client would go', async () => {
    const ca = readFileSync(cloud.server.tlsCaFile ?? '', 'utf8');
    const service = cloud.server.tlsUrl ?? '';
    const untrusted = await checkEnvironment({ service });
    expect(wrong(untrusted)).to.deep.equal(['service', 'socket']);
    for (const name of ['service', 'socket'])
      expect(why(untrusted, name)).to.contain('certificate of the service is not trusted');
    const dispatcher = new Agent({ connect: { ca } });
    expect(wrong(await checkEnvironment({ service, dispatcher, ca }))).to.deep.equal([]);
    await dispatcher.close();
  });

  it('says what it met instead of the service: no one, silence, refused sockets', async () => {
    expect(wrong(await checkEnvironment({ service: 'http://127.0.0.1:9' }))).to.deep.equal([
      'service',
      'socket',
    ]);
    const sockets = new Set<Socket>();
    const silent = createServer((socket) => sockets.add(socket));
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const port = String((silent.address() as AddressInfo).port);
    try {
      const slow = await checkEnvironment({ service: `http://127.0.0.1:${port}`, timeoutMs: 100 });
      expect(why(slow, 'service')).to.contain('timed out after 100 ms');
      expect(why(slow, 'socket')).to.contain('timed out after 100 ms');
    } finally {
      silent.close();
      for (const socket of sockets) socket.destroy();
    }
    const lift = await cloud.fault({ kind: 'refuse-sockets' });
    const refused = await checkEnvironment({ service: cloud.url });
    expect(wrong(refused)).to.deep.equal(['socket']);
    await lift();
    await cloud.fault({ kind: 'status', status: 503, times: 1, match: { path: '/u2c' } });
    expect(why(await checkEnvironment({ service: cloud.url }), 'service')).to.contain('it answered 503');
  });
});

describe('a log buffer', function () {
  this.timeout(15_000);

  for (const mode of ['rest', 'e2ee'] as const)
    it(`of a conversation (${mode}) says what happened, and nothing of the content`, async () => {
      const cloud = await startCloud();
      const log = createLogBuffer();
      const more = mode === 'e2ee' ? e2ee() : [];
      const client = await cloud.client('ana', [rooms(), messages(), memberships(), more], { logger: log });
      client.messages.on('created', ({ text }) => {
        throw new Error(`cannot show ${text ?? ''}`);
      });
      const failed = nextEvent(client, 'error');
      await client.messages.listen();
      const room = await client.rooms.create({ title: 'Skunkworks' });
      await client.memberships
        .create({ roomId: room.id, personEmail: 'ben@example.com' })
        .catch(() => undefined);
      await client.messages.create({ roomId: room.id, text: 'the launch is at nine' });
      await failed;
      await client.messages.list({ roomId: room.id, max: 1 }).page();
      await client.messages
        .create({ roomId: 'nonsense', text: 'the launch is at nine' })
        .catch(() => undefined);
      await client.close();
      const { accessToken } = await cloud.person('ana');
      const text = log.text();
      expect(text)
        .to.contain(`${cloud.url}/v1/rooms`)
        .and.contain('"to":"open"')
        .and.contain('"name":"Error"');
      for (const said of ['launch', 'Skunkworks', 'ben@', accessToken, 'Bearer'])
        expect(text).not.to.contain(said);
      await cloud.close();
    });
});
