// npm start: builds, starts the service, shows one encrypted conversation, then serves the demo page.
//   --once       ends after the conversation, with 0 only if it really went through; no demo page
//   --port N     the service's port (8080; with --once a free one)
//   --demo-port N the demo page's port (8081)
//   --data DIR   where it keeps its data (a temporary folder)
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, run } from '../lib.mjs';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string' },
    'demo-port': { type: 'string', default: '8081' },
    data: { type: 'string', default: 'memory' },
  },
});

console.log('Building; a minute the first time, seconds after that …');
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

const { openDemo } = await import('./demo.mjs');
let demo;
try {
  demo = await openDemo(service, Number(values['demo-port']));
} catch (error) {
  console.error(`\nThe demo page could not be served: ${error.message} Try --demo-port 0.`);
  await stop();
  process.exit(1);
}
const width = Math.max(...demo.people.map(({ email }) => email.length));
console.log(`
The demo is at ${demo.url}  (Ctrl+C ends it). Open it in two windows and sign in as two of

${demo.people.map(({ email, password }) => `  ${email.padEnd(width)}  ${password}`).join('\n')}

The service is at ${service.url}; admin token ${service.adminToken}
A client of your own: createClient({ service: '${service.url}', token: '${people.ana.accessToken}', plugins })
`);
process.exitCode = await ended;
