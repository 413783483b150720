import { isSdkError } from '../kernel/errors.js';
import type { Host } from '../kernel/host.js';
import { backoffMs, sleep } from './wait.js';

/**
 * Fetches the object of an event from the public API. Transient failures are retried for as long as it takes: the
 * frame stays unacknowledged meanwhile, so the event is not lost.
 */
export async function fetchForEvent<T>(host: Host, path: string, signal: AbortSignal): Promise<T> {
  for (let failures = 0; ; failures += 1) {
    try {
      return (await host.request<T>({ service: 'hydra', path, signal })).body;
    } catch (error) {
      if (!mayPass(error, failures)) throw error;
      host.log.debug({ error, failures, path }, 'not fetched yet');
      await sleep(host.clock, backoffMs(failures, 1_000, 30_000), signal);
    }
  }
}
// a service that fails for this one object must not block later events
const mayPass = (error: unknown, failures: number): boolean =>
  isSdkError(error) &&
  (error.code === 'ERR_SERVER' ? failures < 5 : error.retryable || error.code === 'ERR_AUTH_EXPIRED') &&
  error.code !== 'ERR_CLIENT_CLOSED';

const expectedRefusals = new Set<string>(['ERR_NOT_FOUND', 'ERR_FORBIDDEN']);
/** The object was deleted before it could be fetched, or this account may not read it (a bot that is not mentioned). */
export const isExpectedRefusal = (error: unknown): boolean =>
  isSdkError(error) && expectedRefusals.has(error.code);
