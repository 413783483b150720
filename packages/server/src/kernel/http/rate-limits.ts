import type { FastifyInstance } from 'fastify';
import { createHash } from 'node:crypto';
import { type Config, isLoopback } from '../config.js';
import { clientAddress } from './client-address.js';
import { ApiError } from './errors.js';

const windowMs = 60_000;
/** callers that are counted at a time; who is counted out of memory begins again */
const mostKeys = 100_000;

/** Counts in windows of a minute; not by the wall clock, which may be set back and would then shut a user out. */
export class Windows {
  #counts = new Map<string, number>();
  #endsAt = 0;

  constructor(
    private readonly most: number,
    private readonly ticks: () => number = () => performance.now(),
  ) {}

  /** ms until the caller may ask again; 0 when this time was all right. */
  take(key: string): number {
    const at = this.ticks();
    if (at >= this.#endsAt) {
      this.#counts = new Map();
      this.#endsAt = at + windowMs;
    }
    if (this.#counts.size >= mostKeys && !this.#counts.has(key)) this.#counts.clear();
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    return count > this.most ? Math.max(1, this.#endsAt - at) : 0;
  }
}

/** What one caller has of addresses: of IPv6 whole networks, since a machine has 2⁶⁴ of them. */
export function addressKey(address: string | undefined): string {
  const plain = (address ?? '').replace(/^::ffff:(?=\d+\.)/i, '');
  if (!plain.includes(':')) return plain;
  const [head = '', tail] = plain.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  while (tail !== undefined && groups.length + rest.length < 8) groups.push('0');
  return [...groups, ...rest].slice(0, 4).join(':');
}

export const isLoopbackPeer = (address: string | undefined): boolean =>
  isLoopback((address ?? '').replace(/^::ffff:(?=\d+\.)/i, ''));

export interface RateLimitOptions {
  /** ms of a clock that never jumps */
  readonly ticks?: () => number;
  /** whether an `authorization` header holds an access token that was found valid a short while ago */
  readonly isKnown?: (authorization: string) => boolean;
}

/**
 * 429 with Retry-After for callers that ask too often: by access token, and by address, which counts also those who show
 * ever new tokens. Someone at the same address whose token is valid is counted by the token alone, so that no one else
 * there can use up their requests. Programs on this machine are not counted unless a limit was set on purpose.
 */
export function rateLimits(app: FastifyInstance, config: Config, options: RateLimitOptions = {}): void {
  const { ticks, isKnown } = options;
  const { requestsPerTokenPerMinute: perToken, requestsPerAddressPerMinute: perAddress } = config.limits;
  const tokens = perToken > 0 ? new Windows(perToken, ticks) : undefined;
  const addresses = perAddress > 0 ? new Windows(perAddress, ticks) : undefined;
  const { limited } = config;
  app.addHook('onRequest', (request, _, done) => {
    const address = clientAddress(config, request.raw);
    const local = isLoopbackPeer(address);
    let waitMs = 0;
    const { authorization } = request.headers;
    const counted = addresses !== undefined && (!local || limited.has('requestsPerAddressPerMinute'));
    if (
      counted &&
      !(tokens !== undefined && authorization !== undefined && isKnown?.(authorization) === true)
    )
      waitMs = addresses.take(addressKey(address));
    if (
      tokens !== undefined &&
      authorization !== undefined &&
      (!local || limited.has('requestsPerTokenPerMinute'))
    )
      waitMs = Math.max(waitMs, tokens.take(createHash('sha256').update(authorization).digest('base64')));
    if (waitMs === 0) {
      done();
      return;
    }
    done(
      new ApiError(429, 'Too many requests: wait as long as Retry-After says.', {
        retryAfterS: Math.ceil(waitMs / 1000),
      }),
    );
  });
}
