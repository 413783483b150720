import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { silentConnections } from './silent-connections.js';

describe('silent connections', () => {
  it('do not hold up the end of a server; those that asked get their answer', async () => {
    const server = createServer();
    const silent = silentConnections(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const mute = connect(port, '127.0.0.1');
    await once(server, 'connection');
    const asking = connect(port, '127.0.0.1');
    let answer = '';
    asking.on('data', (chunk: Buffer) => (answer += chunk.toString()));
    asking.write('GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n');
    const [, response] = (await once(server, 'request')) as [unknown, { end(text: string): void }];
    const [muteEnded, asked, closed] = [once(mute, 'close'), once(asking, 'close'), once(server, 'close')];
    server.close();
    silent.end();
    await muteEnded;
    response.end('here you are');
    await Promise.all([asked, closed]);
    expect(answer).to.contain('200 OK').and.to.contain('here you are');
  });
});
