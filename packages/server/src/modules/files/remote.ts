import { request as http, type IncomingMessage } from 'node:http';
import { request as https } from 'node:https';
import type { Socket } from 'node:net';
import { ApiError, badRequest } from '../../kernel/http/errors.js';
import { namesPrivateAddress, publicLookup } from '../../kernel/http/outbound.js';

const maxRedirects = 3;
/** ms without a byte */
const idleMs = 10_000;
/** ms for the whole file, with redirects */
const deadlineMs = 60_000;
/** fetches at a time, of all users and of one */
const mostFetches = 32;
const mostPerUser = 4;

const failed = (): ApiError => badRequest('The file could not be fetched from its URL.');

/** What a fetch ends with: the user waits for it on this socket. */
export interface Waiting {
  readonly userId: string;
  readonly socket: Pick<Socket, 'destroyed' | 'once' | 'off'>;
}
export interface RemoteOptions {
  readonly allowPrivate: boolean;
  readonly maxBytes: number;
  readonly deadlineMs?: number;
}

/** Files that messages name by URL. Each fetch has a deadline, ends with its request, and counts for its user. */
export class RemoteFiles {
  readonly #perUser = new Map<string, number>();
  #count = 0;

  constructor(private readonly options: RemoteOptions) {}

  /** fetches under way */
  get count(): number {
    return this.#count;
  }

  /**
   * Fetches a file and passes it to `take`.
   *
   * @throws ApiError 400 for what cannot or must not be fetched, 429 when too many are fetched at a time
   */
  async fetch<T>(
    address: string,
    { userId, socket }: Waiting,
    take: (response: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    const own = this.#perUser.get(userId) ?? 0;
    if (own >= mostPerUser || this.#count >= mostFetches)
      throw new ApiError(429, 'Too many files are being fetched by URL.', { retryAfterS: 5 });
    this.#perUser.set(userId, own + 1);
    this.#count += 1;
    const abort = new AbortController();
    const stop = (): void => {
      abort.abort();
    };
    const timer = setTimeout(stop, this.options.deadlineMs ?? deadlineMs);
    socket.once('close', stop);
    if (socket.destroyed) stop();
    let response: IncomingMessage | undefined;
    try {
      response = await ask(address, this.options, abort.signal);
      return await take(response);
    } catch (error) {
      // the file stopped arriving: that is not a failure of this service
      if (response?.errored != null && !(error instanceof ApiError)) throw failed();
      throw error;
    } finally {
      response?.destroy();
      clearTimeout(timer);
      socket.off('close', stop);
      const left = (this.#perUser.get(userId) ?? 1) - 1;
      if (left > 0) this.#perUser.set(userId, left);
      else this.#perUser.delete(userId);
      this.#count -= 1;
    }
  }
}

async function ask(
  address: string,
  options: RemoteOptions,
  signal: AbortSignal,
  redirects = 0,
): Promise<IncomingMessage> {
  if (!URL.canParse(address)) throw badRequest('A file URL is not valid.');
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw badRequest('A file URL must begin with http or https.');
  if (!options.allowPrivate && namesPrivateAddress(url))
    // the target of a redirect is not revealed
    throw redirects > 0
      ? failed()
      : badRequest(
          'A file URL must not name a private address. A service on this machine allows it with --allow-private-targets.',
        );
  const response = await new Promise<IncomingMessage | undefined>((resolve) => {
    const request = (url.protocol === 'https:' ? https : http)(
      url,
      {
        signal,
        timeout: idleMs,
        headers: { accept: '*/*' },
        ...(options.allowPrivate ? {} : { lookup: publicLookup }),
      },
      resolve,
    );
    request.on('timeout', () => request.destroy());
    request.on('error', () => {
      resolve(undefined);
    });
    request.end();
  });
  const status = response?.statusCode ?? 0;
  const location = response?.headers.location;
  if (response !== undefined && status >= 300 && status < 400 && location !== undefined) {
    response.destroy();
    if (redirects >= maxRedirects || !URL.canParse(location, url)) throw failed();
    return ask(new URL(location, url).href, options, signal, redirects + 1);
  }
  if (response === undefined || status !== 200) {
    response?.destroy();
    throw failed();
  }
  if (Number(response.headers['content-length'] ?? 0) > options.maxBytes) {
    response.destroy();
    throw badRequest('The file is too large.');
  }
  return response;
}
