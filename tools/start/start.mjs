// npm start: builds, starts the service, shows one encrypted conversation, then serves the demo page.
//   --once       ends after the conversation, with 0 only if it really went through; no demo page
//   --port N     the service's port (8080; with --once a free one)
//   --demo-port N the demo page's port (8081)
//   --data DIR   where it keeps its data (a temporary folder)
//   --no-build   starts what is built already
//   --allow-private-targets  webhooks and file URLs may go to this machine, as the webhook sample needs
import { spawn } from 'node:child_process';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { env, root } from '../lib.mjs';
import '../setup.mjs';

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    port: { type: 'string' },
    'demo-port': { type: 'string', default: '8081' },
    data: { type: 'string', default: 'memory' },
    'allow-private-targets': { type: 'boolean', default: false },
    'no-build': { type: 'boolean', default: false },
  },
});

// What runs at the moment ends before this program.
let running;
const endOf = (child) =>
  new Promise((resolve) => {
    child.once('error', () => resolve(1));
    child.once('exit', (code) => resolve(code ?? 1));
  });
const stop = async () => {
  if (running === undefined) return;
  const { child, ended } = running;
  child.kill('SIGTERM');
  await ended;
};
const start = (program, args, options) => {
  const child = spawn(program, args, options);
  const ended = endOf(child);
  running = { child, ended };
  return running;
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.once(signal, () => void stop().then(() => process.exit(0)));
// npm passes SIGTERM on to its shell only, which ends and passes nothing on: seen by the change of the parent
const parent = process.ppid;
if (process.env.npm_lifecycle_event !== undefined)
  setInterval(() => {
    if (process.ppid !== parent) void stop().then(() => process.exit(0));
  }, 500).unref();

if (!values['no-build']) {
  console.log('Building; a minute the first time, seconds after that …');
  const { child, ended } = start('nx', ['run-many', '-t', 'build', '--outputStyle=static'], {
    ...{ cwd: root, env, stdio: ['ignore', 'pipe', 'inherit'], shell: process.platform === 'win32' },
  });
  child.stdout.resume();
  if ((await ended) !== 0) {
    console.error('The build failed. `npm run build` shows where.');
    process.exit(1);
  }
}

const port = values.port ?? (values.once ? '0' : '8080');
const { child, ended } = start(
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
    ...(values['allow-private-targets'] ? ['--allow-private-targets'] : []),
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);

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
  console.error(
    `The service failed to start (exit code ${service}). Choose another port: npm start -- --port 0`,
  );
  process.exit(1);
}

const { createCast } = await import('./demo.mjs');
const { tellConversation } = await import('./conversation.mjs');
let cast;
try {
  cast = await createCast(service);
  await tellConversation(service, cast);
} catch (error) {
  console.error('\nThe conversation failed:', error);
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
  demo = await openDemo(service, Number(values['demo-port']), cast);
} catch (error) {
  console.error(
    `\nThe demo page could not be served: ${error.message}. Choose another port: npm start -- --demo-port 0`,
  );
  await stop();
  process.exit(1);
}
const width = Math.max(...demo.people.map(({ email }) => email.length));
console.log(`
The demo is at ${demo.url}  (Ctrl+C ends it). Open it in two windows and sign in as two of

${demo.people.map(({ email, password }) => `  ${email.padEnd(width)}  ${password}`).join('\n')}

The service is at ${service.url}; admin token ${service.adminToken}
A client of your own, as ${cast[0].name}:
  createClient({ service: '${service.url}', token: '${cast[0].accessToken}', plugins })
The samples, as ${cast[0].name}:
  export SERVICE=${service.url} TOKEN=${cast[0].accessToken}
`);
process.exitCode = await ended;
