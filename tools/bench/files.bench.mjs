// A file of 100 MB, encrypted, up and down. In Node: our CPU against the same bytes moved by bare fetch and encrypted by
// bare node:crypto, in pairs, a fresh process for each direction; and how much memory it takes. In Chromium: how much
// memory. What goes up goes to a small server that drops it, what comes down comes from the service; both are processes
// of their own.
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { chromiumPeaks } from './files/chromium.mjs';
import { startService } from './service-process.mjs';

const at = (name) => new URL(`../../packages/${name}/dist/node/index.js`, import.meta.url);
const mebi = 1024 * 1024;
const size = 100 * mebi;
const pairs = 9;
const goalRatio = 1.3;
const goalBytes = 64 * mebi;
const goalPeak = 2.2;

export const title = 'encrypted files of 100 MB: Node against bare fetch and node:crypto, and memory';
export const goal = `≤ ${goalRatio} × its CPU, ≤ ${goalBytes / mebi} MiB of memory; in Chromium ≤ ${goalPeak} × the file`;

const server = `
const http = require('node:http');
http.createServer((request, response) => {
  request.resume();
  request.on('end', () => response.end('{}'));
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;

export async function run() {
  const { createClient } = await import(at('core'));
  const { e2ee } = await import(at('encryption'));
  const child = spawn(process.execPath, ['-e', server], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [port] = await once(child.stdout, 'data');
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const file = path.join(folder, 'file.bin');
  await writeFile(file, randomBytes(size));
  const service = await startService();
  try {
    const { accessToken: token } = await service.person('ana');
    const client = createClient({ service: service.url, token, plugins: [e2ee()] });
    const { id } = await client.conversation.create({ participants: [], title: 'Bench' });
    const sent = await client.conversation.share(id, { files: [{ path: file }] });
    const [item] = sent.object.files.items;
    await client.close();
    const parts = { file, size, token, item, pairs, serviceUrl: service.url };
    const sink = `http://127.0.0.1:${String(port).trim()}`;
    for (const what of ['up', 'down']) tell(what, await transfer(what, { ...parts, sink }));
    const peaks = await chromiumPeaks({ serviceUrl: service.url, token, roomId: id, file, size });
    if (peaks === undefined) console.log('  Chromium: none here, not measured');
    for (const [what, bytes] of Object.entries(peaks ?? {}))
      console.log(
        `  Chromium, ${what}: at most ${mib(bytes)} MiB above the start, ${(bytes / size).toFixed(2)} × the file: ${met(bytes / size <= goalPeak)}`,
      );
  } finally {
    child.kill();
    await service.stop();
    await rm(folder, { recursive: true });
  }
}

async function transfer(what, parts) {
  const script = fileURLToPath(new URL('files/transfer.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--expose-gc', script, what, JSON.stringify(parts)],
    { maxBuffer: mebi },
  );
  return JSON.parse(stdout);
}

function tell(what, { growth, ratio, ours, bare, self, beside }) {
  const spread = sorted(self);
  console.log(
    `  Node, ${what}: ours ${median(ours).toFixed(0)} ms of CPU, bare ${median(bare).toFixed(0)} ms; median ratio ${median(ratio).toFixed(2)}: ${met(median(ratio) <= goalRatio)} (bare against itself ${spread[1].toFixed(2)} to ${spread.at(-2).toFixed(2)}); memory at most ${mib(growth)} MiB above the start: ${met(growth <= goalBytes)}`,
  );
  const others = Object.entries(beside).map(([name, list]) => `${name} ${median(list).toFixed(0)} ms`);
  console.log(`    beside it: ${others.join(', ')}`);
}
const met = (is) => (is ? 'met' : 'MISSED');
const mib = (bytes) => (bytes / mebi).toFixed(0);
const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
