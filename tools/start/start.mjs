// npm start: builds, starts the service, shows one encrypted conversation, then keeps serving.
//   --once       ends after the conversation, with 0 only if it really went through
//   --port N     the service's port (8080; with --once a free one)
//   --data DIR   where it keeps its data (a temporary folder)
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, run } from '../lib.mjs';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string' },
    data: { type: 'string', default: 'memory' },
  },
});

const built = run('nx', ['run-many', '-t', 'build', '--outputStyle=static'], {
  stdio: ['ignore', 'pipe', 'inherit'],
});
if (built !== 0) {
  console.error('The build failed; `npm run build` says where.');
  process.exit(1);
}

const port = values.port ?? (values.once ? '0' : '8080');
const child = spawn(
  process.execPath,
  [
    path.join(root, 'packages/server/bin/trunkline-server.mjs'),
    '--json',
    '--port',
    port,
    '--data',
    values.data,
    '--seed',
    'none',
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
const stop = async () => {
  child.kill('SIGTERM');
  await ended;
};
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void stop().then(() => process.exit(0)));

const service = await Promise.race([
  new Promise((resolve) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      if (text.includes('\n')) resolve(JSON.parse(text.slice(0, text.indexOf('\n'))));
    });
  }),
  ended,
]);
if (typeof service === 'number') {
  console.error(`The service did not start (exit code ${service}). Is port ${port} taken? Try --port 0.`);
  process.exit(1);
}

const { tellConversation } = await import('./conversation.mjs');
let people;
try {
  people = await tellConversation(service);
} catch (error) {
  console.error('\nThe conversation did not go through:', error);
  await stop();
  process.exit(1);
}
if (values.once) {
  await stop();
  process.exit(0);
}

console.log(`
The service keeps running at ${service.url} (Ctrl+C ends it).

  ana   ${people.ana.accessToken}
  ben   ${people.ben.accessToken}
  admin ${service.adminToken}   for ${service.url}/admin/v1

  import { createClient } from '@trunkline/core';
  import { e2ee } from '@trunkline/encryption';
  import { messages } from '@trunkline/messages';

  const client = createClient({ service: '${service.url}', token: '…', plugins: [messages(), e2ee()] });
`);
process.exitCode = await ended;
