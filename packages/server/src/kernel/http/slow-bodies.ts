import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Socket } from 'node:net';
import { ApiError } from './errors.js';

/** bytes per second at which a body must arrive, on average, after its first seconds */
const leastPerSecond = 4 * 1024;
/** ms in which the rest of a body may arrive after the request was answered without it */
const restMs = 5000;
const checkMs = 1000;

interface Pending {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly startMs: number;
  readonly startBytes: number;
  /** when the response was sent, or the request was failed */
  overMs: number | undefined;
}

/** Whether the body has come so slowly that the connection is better closed. */
export const isTooSlow = (bytes: number, ms: number, graceMs: number): boolean =>
  bytes < ((ms - graceMs) / 1000) * leastPerSecond;

/**
 * Ends requests whose body comes too slowly: 408, or the connection is closed when the request was answered already.
 *
 * @param graceMs time that any body may take; a longer one must come at 4 KiB/s on average
 */
export function slowBodies(app: FastifyInstance, graceMs: number): void {
  const pending = new Set<Pending>();

  function check(entry: Pending, nowMs: number): void {
    const { request, reply } = entry;
    const { raw } = request;
    const { socket } = raw;
    if (raw.complete || socket.destroyed) {
      pending.delete(entry);
      return;
    }
    if (reply.raw.writableEnded) entry.overMs ??= nowMs;
    if (entry.overMs !== undefined) {
      if (nowMs - entry.overMs >= restMs) socket.destroy();
      return;
    }
    if (!isTooSlow(socket.bytesRead - entry.startBytes, nowMs - entry.startMs, graceMs)) return;
    entry.overMs = nowMs;
    // whatever reads the body fails with this, and the response says so; when nothing reads it, no response can be sent
    if (!reply.raw.headersSent) void reply.header('connection', 'close');
    if (raw.listenerCount('error') > 0)
      raw.emit('error', new ApiError(408, 'The body did not arrive in time.'));
    else socket.destroy();
  }

  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (const entry of pending) check(entry, nowMs);
  }, checkMs);
  timer.unref();
  app.addHook('onClose', (_, done) => {
    clearInterval(timer);
    done();
  });
  app.addHook('onRequest', (request, reply, done) => {
    const { headers, socket } = request.raw;
    const length = headers['content-length'];
    const hasBody = headers['transfer-encoding'] !== undefined || (length !== undefined && length !== '0');
    // requests that tests inject have no connection
    if (hasBody && socket instanceof Socket)
      pending.add({
        request,
        reply,
        startMs: performance.now(),
        startBytes: socket.bytesRead,
        overMs: undefined,
      });
    done();
  });
}
