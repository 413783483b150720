// A file of 100 MB, encrypted, up and down in Node: our CPU against the same bytes moved by bare fetch and encrypted by
// bare node:crypto, in pairs in one process; and how much memory it takes. What goes up goes to a small server that
// drops it, what comes down comes from the service; both are processes of their own.
import { spawn } from 'node:child_process';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, openAsBlob } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { startService } from './service-process.mjs';

const at = (name) => new URL(`../../packages/${name}/dist/node/index.js`, import.meta.url);
const mebi = 1024 * 1024;
const size = 100 * mebi;
const pairs = 9;
const goalRatio = 1.3;
const goalBytes = 64 * mebi;

export const title = 'encrypted files of 100 MB in Node against bare fetch and node:crypto';
export const goal = `≤ ${goalRatio} × its CPU, ≤ ${goalBytes / mebi} MiB of memory`;

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
  const url = `http://127.0.0.1:${String(port).trim()}`;
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const file = path.join(folder, 'file.bin');
  await writeFile(file, randomBytes(size));
  const service = await startService();
  const { accessToken: token } = await service.person('ana');
  const client = createClient({ service: service.url, token, plugins: [e2ee()] });
  const { conversation, encryption } = client;

  const key = randomBytes(32);
  const iv = randomBytes(12);
  const put = async (body, extra) => {
    const response = await fetch(`${url}/up`, { method: 'PUT', body, ...extra });
    await response.text();
  };
  const bareUp = () => {
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    const body = Readable.toWeb(createReadStream(file, { highWaterMark: mebi }).pipe(cipher));
    return put(body, { duplex: 'half', headers: { 'content-length': String(size) } });
  };
  const up = async () => {
    const sealed = await encryption.sealFile(await openAsBlob(file));
    await client.request({ method: 'PUT', url: `${url}/up`, body: sealed.body, auth: false, as: 'text' });
    sealed.scr(`${url}/file`);
    sealed.close();
  };
  // what is downloaded
  const { id } = await conversation.create({ participants: [], title: 'Bench' });
  const sent = await conversation.share(id, { files: [await openAsBlob(file)] });
  const [item] = sent.object.files.items;
  const scr = JSON.parse(item.scr);
  const { body: signed } = await client.request({
    ...{ method: 'POST', url: new URL('/v1/download/endpoints', item.url).href },
    body: { endpoints: [item.url] },
  });
  const [fileKey, fileIv, tag] = [scr.key, scr.iv, scr.tag].map((text) => Buffer.from(text, 'base64url'));
  const bareDown = async () => {
    const response = await fetch(signed.endpoints[item.url]);
    const decipher = createDecipheriv('aes-256-gcm', fileKey, fileIv);
    decipher.setAAD(Buffer.from(scr.aad)).setAuthTag(tag);
    for await (const chunk of response.body) decipher.update(chunk);
    decipher.final();
  };
  const down = async () => {
    const content = await conversation.download(item);
    let bytes = 0;
    for await (const chunk of content.stream()) bytes += chunk.length;
    if (bytes !== size) throw new Error('not all of it came');
  };

  for (const [what, ours, reference] of [
    ['up', up, bareUp],
    ['down', down, bareDown],
  ]) {
    // first: a process that has done it before has the memory already
    const growth = await memory(ours);
    const { ratio, mine, bare, self } = await compare(ours, reference);
    console.log(
      `  ${what}: ours ${mine.toFixed(0)} ms of CPU, bare ${bare.toFixed(0)} ms; median ratio ${ratio.toFixed(2)}: ${ratio <= goalRatio ? 'met' : 'MISSED'} (bare against itself ${self}); memory at most ${(growth / mebi).toFixed(0)} MiB above the start: ${growth <= goalBytes ? 'met' : 'MISSED'}`,
    );
  }
  await client.close();
  child.kill();
  await service.stop();
  await rm(folder, { recursive: true });
}

async function compare(ours, reference) {
  for (let warm = 0; warm < 2; warm += 1) {
    await ours();
    await reference();
  }
  const all = { ratio: [], mine: [], bare: [], self: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const before = await cpuMs(reference);
    const mine = await cpuMs(ours);
    const again = await cpuMs(reference);
    all.ratio.push(mine / ((before + again) / 2));
    all.mine.push(mine);
    all.bare.push(before);
    all.self.push(again / before);
  }
  const self = sorted(all.self);
  return {
    ...{ ratio: median(all.ratio), mine: median(all.mine), bare: median(all.bare) },
    self: `${self[1].toFixed(2)} to ${self.at(-2).toFixed(2)}`,
  };
}

/** The most that the resident set grows by while it runs, looked at every 5 ms. */
async function memory(work) {
  globalThis.gc?.();
  const start = process.memoryUsage.rss();
  let most = start;
  const timer = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 5);
  await work();
  clearInterval(timer);
  return most - start;
}

async function cpuMs(work) {
  globalThis.gc?.();
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}
const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
