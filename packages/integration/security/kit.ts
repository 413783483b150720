import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { request as httpRequest, type OutgoingHttpHeaders } from 'node:http';
import path from 'node:path';
import type { RunningServer, ServerOptions } from '@trunkline/server';

const program = path.resolve(import.meta.dirname, 'service.program.mjs');

type Started = Pick<RunningServer, 'url' | 'adminToken' | 'orgId' | 'routes'>;

/** The service in another process, which says how long its event loop was blocked. */
export interface Watched extends Started {
  /** what it wrote to stderr */
  readonly log: readonly string[];
  /** ms of CPU time of the longest blocking since the last call; bytes of memory */
  stall(): Promise<{ readonly ms: number; readonly rss: number }>;
  /** why the process ended; undefined while it runs */
  ended(): string | undefined;
  close(): Promise<void>;
}

export async function startWatched(
  options: ServerOptions = {},
  execArgv: readonly string[] = [],
): Promise<Watched> {
  const child: ChildProcess = fork(program, [JSON.stringify(options)], {
    execArgv: [...execArgv],
    stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
  });
  const log: string[] = [];
  child.stderr?.on('data', (part: Buffer) => log.push(part.toString()));
  let ended: string | undefined;
  const exit = once(child, 'exit').then(([code, signal]) => {
    ended = `code ${String(code)}, signal ${String(signal)}`;
  });
  const message = async <T>(): Promise<T> =>
    Promise.race([
      once(child, 'message').then(([value]) => value as T),
      exit.then(() => {
        throw new Error(`the service ended with ${ended ?? '?'}: ${log.join('').slice(-2000)}`);
      }),
    ]);
  const started = await message<Started>();
  return {
    ...started,
    log,
    stall: async () => {
      const reply = message<{ ms: number; memory: NodeJS.MemoryUsage }>();
      child.send('stall');
      const { ms, memory } = await reply;
      return { ms, rss: memory.rss };
    },
    ended: () => ended,
    close: async () => {
      if (ended === undefined) child.disconnect();
      await exit;
    },
  };
}

export interface Reply {
  readonly status: number;
  readonly text: string;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** One request over node:http, which sends any method, header and body as it is. Rejects when the connection breaks. */
export function send(
  base: string,
  {
    method,
    path: target,
    headers = {},
    body,
  }: {
    readonly method: string;
    readonly path: string;
    readonly headers?: OutgoingHttpHeaders;
    readonly body?: string | Buffer;
  },
): Promise<Reply> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    // for some methods node would send the body without saying how long it is
    const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
    const options = { hostname, port, method, path: target, headers: { ...length, ...headers } };
    const request = httpRequest(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const { statusCode: status = 0, headers: received } = response;
        resolve({ status, text: Buffer.concat(chunks).toString(), headers: received });
      });
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A call of the admin API. @throws Error when it is refused */
export async function admin<T>(service: Started, target: string, body: object): Promise<T> {
  const reply = await send(service.url, {
    method: 'POST',
    path: `/admin/v1/${target}`,
    headers: { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (reply.status >= 300) throw new Error(`${target}: ${String(reply.status)} ${reply.text}`);
  return (reply.text === '' ? undefined : JSON.parse(reply.text)) as T;
}
