import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import pino from 'pino';
import { resolveConfig } from '../config.js';
import { createFaults } from './faults.js';
import { createSockets } from './sockets.js';

describe('sockets', () => {
  it('that were refused may break off: nothing is thrown', async () => {
    const server = createServer();
    const log = pino({ level: 'silent' });
    const sockets = createSockets(resolveConfig({}), log, createFaults(Date.now));
    sockets.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    client.write('GET /nowhere HTTP/1.1\r\nhost: x\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n');
    const [socket] = await accepted;
    const [answer] = (await once(client, 'data')) as [Buffer];
    expect(answer.toString()).to.match(/^HTTP\/1.1 404 /);
    const ended = new Promise((resolve) => socket.on('close', resolve));
    socket.emit('error', new Error('read ECONNRESET')); // as when the client resets: throws without a listener
    await ended;
    client.destroy();
    server.close();
    await once(server, 'close');
  });
});
