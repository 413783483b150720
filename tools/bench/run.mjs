// npm run bench -- NAME …: interleaved pairs of ours and a bare reference in one process; the median CPU ratio, and
// beside it the spread of the reference against itself, since only what lies outside that counts. A bench that weighs or
// counts, or needs fresh processes, brings a run() of its own.
import { readdirSync } from 'node:fs';

const pairs = 31;
const folder = new URL('./', import.meta.url);
const known = readdirSync(folder)
  .filter((file) => file.endsWith('.bench.mjs'))
  .map((file) => file.slice(0, -'.bench.mjs'.length));
const wanted = process.argv.slice(2).length > 0 ? process.argv.slice(2) : known;

const cpuMs = async (run) => {
  globalThis.gc?.();
  const start = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
};
const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];

for (const name of wanted) {
  if (!known.includes(name)) {
    console.error(`no bench ${name}; there are: ${known.join(', ')}`);
    process.exit(2);
  }
  const { title, goal, prepare, run } = await import(new URL(`${name}.bench.mjs`, folder));
  if (run) {
    console.log(`${name}: ${title} (goal ${goal})`);
    await run();
    continue;
  }
  const { ours, reference, count, close } = await prepare();
  for (let warm = 0; warm < 5; warm += 1) {
    await ours();
    await reference();
  }
  const ratios = [];
  const self = [];
  const oursMs = [];
  const referenceMs = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const bare = await cpuMs(reference);
    const mine = await cpuMs(ours);
    const again = await cpuMs(reference);
    ratios.push(bare / mine);
    self.push(again / bare);
    oursMs.push(mine);
    referenceMs.push(bare);
  }
  const rate = (ms) => `${Math.round((count / median(ms)) * 1000).toLocaleString('en')}/s of CPU`;
  console.log(`${name}: ${title}
  ours ${rate(oursMs)}, reference ${rate(referenceMs)}
  median ratio of rates ${median(ratios).toFixed(2)} (goal ${goal}); the reference against itself ${sorted(self)[0].toFixed(2)}-${sorted(self).at(-1).toFixed(2)}`);
  await close();
}
