import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, Socket } from 'node:net';
import { ApiError } from '../../kernel/http/errors.js';
import { RemoteFiles } from './remote.js';

describe('files by URL', () => {
  let target: Server;
  let url: string;
  beforeEach(async () => {
    target = createServer((_, response) => {
      response.writeHead(200).write('x');
      const timer = setInterval(() => response.write('x'), 5);
      response.once('close', () => {
        clearInterval(timer);
      });
    });
    target.listen(0, '127.0.0.1');
    await once(target, 'listening');
    url = `http://127.0.0.1:${String((target.address() as AddressInfo).port)}/`;
  });
  afterEach(() => {
    target.closeAllConnections();
    target.close();
  });

  it('have a deadline for the whole file, however steadily its bytes come (F6)', async () => {
    const remote = new RemoteFiles({ allowPrivate: true, maxBytes: 1e6, deadlineMs: 200 });
    let bytes = 0;
    const error = await remote
      .fetch(url, { userId: 'ana', socket: new Socket() }, async (response) => {
        for await (const chunk of response) bytes += (chunk as Buffer).length;
      })
      .catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(ApiError);
    expect((error as ApiError).status).to.equal(400);
    expect(bytes).to.be.greaterThan(0);
    expect(remote.count).to.equal(0);
  });
});
