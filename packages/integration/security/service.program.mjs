// The service in a process of its own that measures how long its event loop is blocked.
import { startServer } from '@trunkline/server';

const sampleMs = 5;
let worst = { ms: 0, at: 0 };
let last = process.hrtime.bigint();
let lastCpu = process.cpuUsage();

// a gap in which this process did not compute is the machine's, not ours: only CPU time counts
setInterval(() => {
  const now = process.hrtime.bigint();
  const { user, system } = process.cpuUsage(lastCpu);
  const gapMs = Number(now - last) / 1e6 - sampleMs;
  const ms = Math.min(gapMs, (user + system) / 1000);
  last = now;
  lastCpu = process.cpuUsage();
  if (ms > worst.ms) worst = { ms, at: Date.now() };
}, sampleMs).unref();

const server = await startServer({ port: 0, seed: 'none', ...JSON.parse(process.argv[2] ?? '{}') });
const { url, adminToken, orgId, routes } = server;

process.on('message', (question) => {
  if (question === 'stall') {
    process.send?.({ ...worst, memory: process.memoryUsage() });
    worst = { ms: 0, at: 0 };
  }
});
process.on('disconnect', () => {
  void server.close();
});
process.send?.({ url, adminToken, orgId, routes });
