// One side of the fan-out bench, in a process of its own so that its CPU is its own: our service, or bare `ws`. Its parent
// talks to it over IPC; `cpu` is user and system time of all its threads, in ms.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';

const server = new URL('../../../packages/server/', import.meta.url);
const require = createRequire(new URL('package.json', server));

async function startOurs(data) {
  const { startServer } = await import(new URL('dist/esm/index.js', server));
  const limits = { unauthorizedSockets: 5000, unauthorizedSocketsPerAddress: 5000 };
  const { url, adminToken, close } = await startServer({ port: 0, data, seed: 'none', limits });
  return { started: { url, adminToken }, close };
}

async function startBare() {
  const { WebSocketServer } = require('ws');
  const http = createServer();
  const sockets = new WebSocketServer({ server: http, perMessageDeflate: false, clientTracking: true });
  // what comes back is received, and nothing is done with it
  sockets.on('connection', (socket) => socket.on('message', () => {}));
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  return {
    started: { url: `http://127.0.0.1:${http.address().port}` },
    send: (text) => {
      const bytes = Buffer.from(text);
      for (const socket of sockets.clients) socket.send(bytes, { binary: false, compress: false });
    },
    close: async () => {
      for (const socket of sockets.clients) socket.terminate();
      http.close();
    },
  };
}

const [kind, data] = process.argv.slice(2);
const { started, send, close } = await (kind === 'ours' ? startOurs(data) : startBare());
const commands = {
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  },
  send: (text) => send(text),
};
process.on('message', ({ command, text }) => {
  if (command === 'close') void close().then(() => process.disconnect());
  else process.send({ answer: commands[command](text) ?? null });
});
process.send({ answer: started });
