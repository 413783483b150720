import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import { WebSocketServer, type WebSocket } from 'ws';
import { createClient } from './create-client.node.js';

const listen = async (onSocket: (socket: WebSocket) => void, refuse = () => false) => {
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo;
    const base = `http://127.0.0.1:${String(port)}`;
    response.setHeader('content-type', 'application/json');
    if (request.url?.includes('/catalog') === true)
      response.end(JSON.stringify({ serviceLinks: { wdm: `${base}/wdm` }, hostCatalog: {} }));
    else
      response.end(
        JSON.stringify({
          url: `${base}/wdm/devices/1`,
          webSocketUrl: `ws://127.0.0.1:${String(port)}/s`,
          userId: 'u',
        }),
      );
  });
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request, socket, head) => {
    if (refuse()) socket.end('HTTP/1.1 503 Service Unavailable\r\n\r\n');
    else sockets.handleUpgrade(request, socket, head, onSocket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
};
const welcome = (socket: WebSocket): void => {
  socket.once('message', () => {
    socket.send(
      JSON.stringify({ id: 'first', data: { eventType: 'mercury.buffer_state', bufferState: 'NEW' } }),
    );
  });
};

describe('createClient in Node', () => {
  it('uses ws and the real fetch, survives a refused upgrade, and ends', async () => {
    let upgrades = 0;
    const server = await listen(welcome, () => (upgrades += 1) === 1);
    const client = createClient({
      token: 'A_B_C',
      service: server.url,
      config: { mercury: { backoffBaseMs: 1 } },
    });
    await client.connect();
    expect(upgrades).to.equal(2);
    expect(client.socket.state).to.equal('open');
    await client.close();
    await server.close();
  });
  it('can be disposed of', async () => {
    const client = createClient({ token: 'A_B_C' });
    const dispose = (Symbol as { readonly asyncDispose?: symbol }).asyncDispose;
    if (dispose) await (client as unknown as Record<symbol, () => Promise<void>>)[dispose]?.();
    let code: unknown;
    await client.ready().catch((error: unknown) => (code = (error as { code: string }).code));
    expect(code).to.equal(dispose ? 'ERR_CLIENT_CLOSED' : 'ERR_NETWORK');
  });

  it('lets hundreds wait for the socket without a warning of Node, and rejects them all when it closes', async () => {
    const server = await listen(() => undefined); // takes sockets and says nothing
    const warnings: Error[] = [];
    const warned = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warned);
    try {
      const client = createClient({ service: server.url, token: 't' });
      const results = Promise.allSettled(Array.from({ length: 200 }, () => client.connect()));
      await client.close();
      for (const result of await results)
        expect(result).to.have.nested.property('reason.code', 'ERR_CLIENT_CLOSED');
      await new Promise((resolve) => setImmediate(resolve)); // warnings come a turn later
      expect(warnings).to.deep.equal([]);
    } finally {
      process.off('warning', warned);
      await server.close();
    }
  });
});
