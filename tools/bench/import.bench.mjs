// What importing costs a program that has just started: fresh processes in turn, bare Node and the five packages.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { performance } from 'node:perf_hooks';
import { prepareStranger } from '../consumers/install.mjs';

const pairs = 31;
const names = ['core', 'rooms', 'messages', 'memberships', 'people'];

export const title = `importing ${names.join(', ')} in a fresh process, above bare Node`;
export const goal = '≤ 25 ms, heap ≤ 2 MiB';

export async function run() {
  const folder = await prepareStranger([...names, 'wire']);
  const say = 'console.log(JSON.stringify({ ...process.cpuUsage(), heap: process.memoryUsage().heapUsed }));';
  const programs = {
    'bare.mjs': '',
    'five.mjs': names.map((name) => `import '@trunkline/${name}';\n`).join(''),
    'bare.cjs': '',
    'five.cjs': names.map((name) => `require('@trunkline/${name}');\n`).join(''),
  };
  for (const [name, text] of Object.entries(programs))
    writeFileSync(path.join(folder, name), `${text}globalThis.gc?.();\n${say}\n`);
  const start = (name, ...flags) => {
    const before = performance.now();
    const { user, system, heap } = JSON.parse(
      execFileSync(process.execPath, [...flags, name], { cwd: folder, encoding: 'utf8' }),
    );
    return { wallMs: performance.now() - before, cpuMs: (user + system) / 1000, heap };
  };
  for (const format of ['mjs', 'cjs']) measure(format, start);
}

function measure(format, start) {
  const [bareFile, fiveFile] = [`bare.${format}`, `five.${format}`];
  for (let warm = 0; warm < 3; warm += 1) [bareFile, fiveFile].map((file) => start(file)); // the disk's cache
  const differences = { wallMs: [], cpuMs: [] };
  const self = { wallMs: [], cpuMs: [] };
  const bareMs = { wallMs: [], cpuMs: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const bare = start(bareFile);
    const five = start(fiveFile);
    const again = start(bareFile);
    for (const kind of ['wallMs', 'cpuMs']) {
      differences[kind].push(five[kind] - bare[kind]);
      self[kind].push(again[kind] - bare[kind]);
      bareMs[kind].push(bare[kind]);
    }
  }
  const heaps = Array.from(
    { length: 5 },
    () => start(fiveFile, '--expose-gc').heap - start(bareFile, '--expose-gc').heap,
  );
  const heapMiB = median(heaps) / 1024 ** 2;
  const say = (kind) => {
    const [low, high] = [sorted(self[kind])[3], sorted(self[kind]).at(-4)];
    return `${median(differences[kind]).toFixed(1)} ms (bare Node ${median(bareMs[kind]).toFixed(1)}; against itself ${low.toFixed(1)} to ${high.toFixed(1)}, four fifths of the pairs)`;
  };
  const good = median(differences.wallMs) <= 25 && median(differences.cpuMs) <= 25 && heapMiB <= 2;
  console.log(`  ${format === 'mjs' ? 'ES modules' : 'CommonJS'}: ${good ? 'met' : 'MISSED'}
    wall ${say('wallMs')}
    CPU  ${say('cpuMs')}
    heap ${heapMiB.toFixed(2)} MiB after gc`);
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
