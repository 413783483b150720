// One message in the room of 10,000, a thousand of whom are connected: from the POST to the last frame. All sockets are
// here, the service is elsewhere.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { cpuMsOf, median, p95, verdict } from './figures.mjs';

const require = createRequire(new URL('../../../packages/server/package.json', import.meta.url));
const { WebSocket } = require('ws');
const rounds = 15;
const goalMs = 1_000;

export async function measureFanOut({ start, bigRoom, tokens }) {
  const { url, pid, post, stop } = await start();
  let left = 0;
  let done;
  const sockets = [];
  const connect = async (token) => {
    const { webSocketUrl } = await post('/wdm/api/v1/devices', token, { deviceType: 'WEB', name: 'bench' });
    const socket = new WebSocket(webSocketUrl, { perMessageDeflate: false });
    sockets.push(socket);
    await once(socket, 'open');
    const ready = once(socket, 'message');
    socket.send(
      JSON.stringify({ id: randomUUID(), type: 'authorization', data: { token: `Bearer ${token}` } }),
    );
    await ready;
    socket.on('message', (bytes) => {
      const frame = bytes.toString('latin1');
      if (!frame.includes('"verb":"post"')) return;
      socket.send(`{"messageId":"${/"id":"([^"]+)"/.exec(frame)[1]}","type":"ack"}`);
      left -= 1;
      if (left === 0) done();
    });
  };
  for (let n = 0; n < tokens.length; n += 50) await Promise.all(tokens.slice(n, n + 50).map(connect));

  const ms = [];
  let cpuBefore;
  for (let round = -3; round < rounds; round += 1) {
    if (round === 0) cpuBefore = cpuMsOf(pid);
    left = sockets.length;
    const all = new Promise((resolve) => {
      done = resolve;
    });
    const before = performance.now();
    const posted = post('/v1/messages', tokens[0], { roomId: bigRoom, text: `message ${round}` });
    await all;
    if (round >= 0) ms.push(performance.now() - before);
    await posted;
    // acknowledgements are kept a little later
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  const cpu = (cpuMsOf(pid) - cpuBefore) / rounds;
  console.log(
    `    one message to ${sockets.length} connected of 10,000 members: median ${median(ms).toFixed(0)} ms, slowest ${Math.max(...ms).toFixed(0)} ms to the last frame: ${verdict(p95(ms) <= goalMs)}; ${cpu.toFixed(0)} ms of the service's CPU, acknowledgements of all included`,
  );
  for (const socket of sockets) socket.terminate();
  await stop();
}
