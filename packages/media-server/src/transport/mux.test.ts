import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { expect } from 'chai';
import { classes, Message, methods, parseMessage } from 'werift';
import { Mux } from './mux.js';
import type { LocalParameters } from './types.js';

describe('Mux', () => {
  const sockets: Socket[] = [];
  let mux: Mux;
  let now = 0;
  const bind = async (): Promise<Socket> => {
    const socket = createSocket('udp4');
    sockets.push(socket);
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return socket;
  };
  const message = async (socket: Socket): Promise<Buffer> => ((await once(socket, 'message')) as [Buffer])[0];
  const binding = (user?: string, password?: string): Buffer => {
    const request = new Message(methods.BINDING, classes.REQUEST);
    if (user !== undefined) request.setAttribute('USERNAME', user);
    if (password !== undefined) request.addMessageIntegrity(Buffer.from(password));
    request.addFingerprint();
    return request.bytes;
  };
  const password = '0123456789012345678901';
  const transport = async (
    ufrag: string,
  ): Promise<{ readonly socket: Socket; readonly local: LocalParameters }> => {
    const socket = await bind();
    const { port } = socket.address();
    return { socket, local: { ufrag, password, fingerprint: 'x', setup: 'active', host: '127.0.0.1', port } };
  };
  beforeEach(async () => {
    now = 0;
    mux = new Mux({
      host: '127.0.0.1',
      port: 0,
      lastPort: 0,
      announcedAddresses: ['203.0.113.7', '127.0.0.1'],
      now: () => now,
    });
    await mux.listen();
  });
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.close();
    await mux.close();
  });

  it('gives clients every announced address, in order', async () => {
    const { candidates, address } = await mux.add((await transport('a')).local);
    expect(address).to.equal('203.0.113.7');
    expect(candidates.map((line) => line.split(' ').slice(4, 6))).to.deep.equal([
      ['203.0.113.7', String(mux.port)],
      ['127.0.0.1', String(mux.port)],
    ]);
  });

  it('passes a client to the transport that it proves to belong to, and follows its address', async () => {
    const one = await transport('one');
    const other = await transport('other');
    const entry = await mux.add(one.local);
    await mux.add(other.local);
    const first = await bind();
    now = 5;
    first.send(binding('one:client', password), mux.port, '127.0.0.1');
    await message(one.socket);
    expect(entry.lastHeardMs()).to.equal(5);
    const second = await bind();
    second.send(binding('one:client', password), mux.port, '127.0.0.1');
    await message(one.socket);
    second.send(Buffer.from([0x80, 1, 2]), mux.port, '127.0.0.1');
    expect([...(await message(one.socket))]).to.deep.equal([0x80, 1, 2]);
    expect(mux.moves).to.equal(1);
  });

  it('does not move a transport for a sender that only knows its name', async () => {
    const one = await transport('one');
    const entry = await mux.add(one.local);
    const thief = await bind();
    thief.send(binding('one:client', 'wrong password, of any length'), mux.port, '127.0.0.1');
    thief.send(binding('one:client'), mux.port, '127.0.0.1');
    thief.send(Buffer.from([0x80, 1, 2]), mux.port, '127.0.0.1');
    while (mux.ignored < 3) await new Promise((resolve) => setImmediate(resolve));
    expect(entry.lastHeardMs()).to.equal(undefined);
  });

  it('answers as a STUN server does', async () => {
    const client = await bind();
    client.send(binding(), mux.port, '127.0.0.1');
    const reply = parseMessage(await message(client));
    expect(reply?.messageClass).to.equal(classes.RESPONSE);
    expect(reply?.getAttributeValue('XOR-MAPPED-ADDRESS')).to.deep.equal([
      '127.0.0.1',
      client.address().port,
    ]);
  });

  it('takes the next port of its range, and says when there is none', async () => {
    const options = { host: '127.0.0.1', announcedAddresses: [], now: () => 0 };
    const next = new Mux({ ...options, port: mux.port, lastPort: Math.min(65_535, mux.port + 5) });
    await next.listen();
    expect(next.port).to.be.within(mux.port + 1, mux.port + 5);
    await next.close();
    const none = new Mux({ ...options, port: mux.port, lastPort: mux.port });
    expect(await none.listen().catch((error: unknown) => error)).to.include({ code: 'ERR_MEDIA_TRANSPORT' });
  });
});
