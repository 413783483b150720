import { request as http, Agent as HttpAgent, type IncomingMessage } from 'node:http';
import { request as https, Agent as HttpsAgent } from 'node:https';
import { namesPrivateAddress, publicLookup } from '../../kernel/http/outbound.js';
import { askedDelay, type Outcome } from './retry.js';

/** of an answer's body, which no one reads, before its connection is given up */
const mostBodyBytes = 64 * 1024;
/** ms that such a body may take */
const bodyMs = 1000;

export interface Sender {
  /** One attempt. Never rejects; redirects are not followed. */
  post(
    target: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Outcome>;
  /** Idle connections end. */
  close(): void;
}

/** Lets an answer's body pass, so that its connection can be used again, or gives the connection up. */
function discard(response: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const tooLong = setTimeout(() => response.destroy(), bodyMs);
    response.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes > mostBodyBytes) response.destroy();
    });
    response.on('error', () => undefined);
    response.on('close', () => {
      clearTimeout(tooLong);
      resolve();
    });
  });
}

export function createSender(options: {
  readonly allowPrivate: boolean;
  readonly timeoutMs: number;
  now(): number;
}): Sender {
  // free connections are given up before most targets do it
  const kept = { keepAlive: true, maxFreeSockets: 128, timeout: options.timeoutMs + 5000 };
  const agents = { 'http:': new HttpAgent(kept), 'https:': new HttpsAgent(kept) };

  function attempt(
    url: URL,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Outcome & { readonly stale: boolean }> {
    return new Promise((resolve) => {
      const secure = url.protocol === 'https:';
      const request = (secure ? https : http)(url, {
        method: 'POST',
        agent: agents[secure ? 'https:' : 'http:'],
        headers: { ...headers, 'content-length': String(body.length) },
        ...(options.allowPrivate ? {} : { lookup: publicLookup }),
      });
      let answer: Outcome = { status: undefined };
      let ended = false;
      const end = (): void => {
        ended = true;
        request.destroy();
      };
      // the whole of it, also the name and the connection: a target that hangs anywhere is given up
      const deadline = setTimeout(end, options.timeoutMs);
      signal.addEventListener('abort', end, { once: true });
      if (signal.aborted) end();
      const settle = (): void => {
        clearTimeout(deadline);
        signal.removeEventListener('abort', end);
        const stale = answer.status === undefined && request.reusedSocket && !ended;
        resolve({ ...answer, stale });
      };
      request.on('response', (response) => {
        const retryAfterMs = askedDelay(response.headers['retry-after'], options.now());
        answer = { status: response.statusCode, retryAfterMs };
        void discard(response).then(settle);
      });
      // what the answer said stays said, whatever happens to its body
      request.on('error', settle);
      request.on('close', settle);
      request.end(body);
    });
  }

  return {
    post: async (target, body, headers, signal) => {
      const url = new URL(target);
      if (signal.aborted || (!options.allowPrivate && namesPrivateAddress(url))) return { status: undefined };
      const first = await attempt(url, body, headers, signal);
      // the target closed a kept connection just then: that says nothing of the target
      return first.stale ? attempt(url, body, headers, signal) : first;
    },
    close: () => {
      agents['http:'].destroy();
      agents['https:'].destroy();
    },
  };
}
