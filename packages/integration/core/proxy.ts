import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer, type RawData } from 'ws';

/** A frame of the service, as far as a proxy cares. */
export interface AnyFrame {
  id?: string;
  type?: string;
  data?: Record<string, unknown> & { eventType?: string };
  sequenceNumber?: number;
  redelivered?: boolean;
}

export interface ProxyOptions {
  /** Whether this answer breaks off in the middle of its body. */
  readonly cut?: (request: { readonly method: string; readonly path: string }) => boolean;
  /** Changes headers of an answer, in place. */
  readonly headers?: (path: string, headers: IncomingHttpHeaders) => void;
  /** Changes a frame on its way to the client, or keeps it (undefined): it is then acknowledged here. */
  readonly frame?: (frame: AnyFrame) => AnyFrame | undefined;
  /** Sends what it likes instead of this frame, which is numbered already. */
  readonly send?: (text: string, send: (data: string | Uint8Array) => void) => void;
}

export interface Proxy {
  readonly url: string;
  /** Cuts every socket. Answers how many. */
  drop(): number;
  /** Says on every socket that it ends soon, as before maintenance; its end is called 4001 then. Answers how many. */
  announceShutdown(): number;
  close(): Promise<void>;
}

/** Stands between client and service. The service makes its URLs from the Host header, so all of them lead back here. */
export async function startProxy(service: string, options: ProxyOptions = {}): Promise<Proxy> {
  const target = new URL(service);
  const clients = new Set<WebSocket>();
  const draining = new WeakSet<WebSocket>();

  const pass = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    const { method = 'GET', url = '/', headers } = incoming;
    const path = url.split('?', 1)[0] ?? '';
    const onward = httpRequest(
      { host: target.hostname, port: target.port, method, path: url, headers, agent: false },
      (answer) => {
        const isCut = options.cut?.({ method, path }) === true;
        options.headers?.(path, answer.headers);
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        if (!isCut) {
          answer.pipe(outgoing);
          return;
        }
        answer.once('data', (chunk: Buffer) => {
          outgoing.write(chunk.subarray(0, Math.max(1, chunk.length >> 1)), () => incoming.socket.destroy());
        });
      },
    );
    onward.on('error', () => outgoing.destroy());
    incoming.on('error', () => onward.destroy());
    incoming.pipe(onward);
  };

  const join = (client: WebSocket, { url = '/', headers }: IncomingMessage): void => {
    const upstream = new WebSocket(`ws://${target.host}${url}`, { headers: { host: headers.host ?? '' } });
    const waiting: string[] = [];
    let number = 0;
    clients.add(client);
    client.on('message', (data: RawData) => {
      const text = asText(data);
      if (upstream.readyState === WebSocket.OPEN) upstream.send(text);
      else waiting.push(text);
    });
    upstream.on('open', () => {
      for (const text of waiting) upstream.send(text);
    });
    upstream.on('message', (data: RawData) => {
      const frame = JSON.parse(asText(data)) as AnyFrame;
      const changed = options.frame ? options.frame(frame) : frame;
      if (changed === undefined) {
        upstream.send(JSON.stringify({ messageId: frame.id, type: 'ack' }));
        return;
      }
      // numbered again: what was kept back left no hole
      if (changed.sequenceNumber !== undefined) changed.sequenceNumber = number += 1;
      const text = JSON.stringify(changed);
      if (options.send)
        options.send(text, (data) => {
          client.send(data);
        });
      else client.send(text);
    });
    const end = (other: WebSocket) => (code: number, reason: Buffer) => {
      clients.delete(client);
      if (code === 1005 || code === 1006) other.terminate();
      else if (draining.has(other)) other.close(4001, 'maintenance');
      else other.close(code, reason.toString());
    };
    client.on('close', end(upstream));
    upstream.on('close', end(client));
    client.on('error', () => undefined);
    upstream.on('error', () => undefined);
  };

  const server = createServer(pass);
  const sockets = new WebSocketServer({ noServer: true });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    sockets.handleUpgrade(request, socket, head, (client) => {
      join(client, request);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const drop = (): number => {
    const { size } = clients;
    for (const client of clients) client.terminate();
    return size;
  };
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    drop,
    announceShutdown: () => {
      for (const client of clients) {
        draining.add(client);
        client.send(JSON.stringify({ id: randomUUID(), type: 'shutdown' }));
      }
      return clients.size;
    },
    close: async () => {
      drop();
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

const asText = (data: RawData): string =>
  Buffer.isBuffer(data)
    ? data.toString()
    : Array.isArray(data)
      ? Buffer.concat(data).toString()
      : Buffer.from(data).toString();
