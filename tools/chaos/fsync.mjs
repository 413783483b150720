// A witness outside the process: strace counts the service's fdatasync calls. Every acknowledged write must have one that
// ended between the request and its answer. Needs strace.   node tools/chaos/fsync.mjs [writes]
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { root } from '../lib.mjs';

if (spawnSync('strace', ['-V']).error) {
  console.error('strace is not here: install it, then run this again');
  process.exit(2);
}
const writes = Number(process.argv[2] ?? 100);
const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-fsync-'));
const trace = path.join(folder, 'trace');
const nowMs = () => performance.timeOrigin + performance.now();

const child = spawn(
  'strace',
  [
    ...['-f', '-ttt', '-T', '-e', 'trace=fdatasync,fsync', '-o', trace, process.execPath],
    ...[path.join(root, 'packages/server/bin/trunkline-server.mjs'), '--json', '--port', '0'],
    ...['--data', path.join(folder, 'data'), '--seed', 'none'],
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const [line] = await once(createInterface({ input: child.stdout }), 'line');
const { url, adminToken } = JSON.parse(line);
const call = async (token, target, body) => {
  const response = await fetch(url + target, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${target}: ${response.status} ${await response.text()}`);
  return response.json();
};
const { accessToken } = await call(adminToken, '/admin/v1/users', {
  email: 'a@example.com',
  displayName: 'A',
});
const { id: roomId } = await call(accessToken, '/v1/rooms', { title: 'Witness' });

const alone = [];
for (let n = 0; n < writes; n += 1) {
  const sentMs = nowMs();
  await call(accessToken, '/v1/messages', { roomId, text: `${n}` });
  alone.push({ sentMs, answeredMs: nowMs() });
}
const groups = [];
for (let n = 0; n < writes / 10; n += 1) {
  const sentMs = nowMs();
  await Promise.all(
    Array.from({ length: 20 }, (_, m) => call(accessToken, '/v1/messages', { roomId, text: `${n}/${m}` })),
  );
  groups.push({ sentMs, answeredMs: nowMs() });
}
// the trace is strace's; the service is its child
const server = Number(
  readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0],
);
process.kill(server, 'SIGTERM');
await once(child, 'exit');

const syncs = readFileSync(trace, 'utf8')
  .split('\n')
  .flatMap((text) => {
    const found = /^\d+ +(\d+\.\d+) (?:<\.\.\. )?f(?:data)?sync.* = 0 <([\d.]+)>/.exec(text);
    if (!found) return [];
    // a resumed call is stamped at its end, another at its beginning
    const ms = Number(found[1]) * 1000;
    return [text.includes('resumed') ? ms : ms + Number(found[2]) * 1000];
  });
const covered = (spans) =>
  spans.filter(({ sentMs, answeredMs }) => syncs.some((ms) => ms >= sentMs && ms <= answeredMs)).length;
console.log(`fdatasync calls: ${syncs.length}
one by one: ${covered(alone)} of ${alone.length} answers had one between request and answer
twenty at once: ${covered(groups)} of ${groups.length} groups (${groups.length * 20} messages) had one`);
rmSync(folder, { recursive: true, force: true });
process.exit(covered(alone) === alone.length && covered(groups) === groups.length ? 0 : 1);
