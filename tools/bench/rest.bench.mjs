// What a REST call costs above bare fetch: the same URL with the same headers, its JSON read, one after the other and
// 64 at a time. The service is in a process of its own.
import { startService } from './service-process.mjs';

const at = (name, entry = 'esm/index') => new URL(`../../packages/${name}/dist/${entry}.js`, import.meta.url);
const pairs = 31;
const goalRatio = 1.2;

export const title = 'rooms.get against bare fetch reading the same JSON, CPU of this process';
export const goal = `≤ ${goalRatio} × its CPU`;

export async function run() {
  const { createClient } = await import(at('core', 'node/index'));
  const { rooms } = await import(at('rooms'));
  const service = await startService();
  const { accessToken: token } = await service.person('ana');
  const { id } = await service.post('/v1/rooms', token, { title: 'Bench' });
  // what leaves here is what the reference sends
  let seen;
  const tapped = createClient({
    service: service.url,
    token,
    plugins: [rooms()],
    fetch: (url, init) => {
      seen = { url, init };
      return fetch(url, init);
    },
  });
  await tapped.rooms.get(id);
  await tapped.close();
  const { url, init } = seen;
  const headers = { ...init.headers };
  const client = createClient({ service: service.url, token, plugins: [rooms()] });

  for (const [inFlight, count] of [
    [1, 150],
    [64, 384],
  ]) {
    const ours = () => repeat(count, inFlight, () => client.rooms.get(id));
    const reference = () =>
      repeat(count, inFlight, async () => {
        const response = await fetch(url, { method: 'GET', headers });
        if (!response.ok) throw new Error(`the service answered ${response.status}`);
        return response.json();
      });
    report(`${inFlight} in flight`, count, await compare(ours, reference));
  }
  await client.close();
  await service.stop();
}

async function repeat(count, inFlight, call) {
  let left = count;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      const { title } = await call();
      if (title !== 'Bench') throw new Error('another room came');
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
}

async function compare(ours, reference) {
  for (let warm = 0; warm < 5; warm += 1) {
    await ours();
    await reference();
  }
  const found = { ratios: [], self: [], oursMs: [], referenceMs: [] };
  for (let pair = 0; pair < pairs; pair += 1) {
    const bare = await cpuMs(reference);
    const mine = await cpuMs(ours);
    const again = await cpuMs(reference);
    // between its neighbours, so that a machine that slows down does not count against either
    found.ratios.push(mine / ((bare + again) / 2));
    found.self.push(again / bare);
    found.oursMs.push(mine);
    found.referenceMs.push(bare);
  }
  return found;
}

function report(what, count, { ratios, self, oursMs, referenceMs }) {
  const ratio = median(ratios);
  const per = (list) => `${((median(list) / count) * 1000).toFixed(0)} µs`;
  const [low, high] = [sorted(self)[3], sorted(self).at(-4)];
  console.log(
    `  ${what}: ours ${per(oursMs)}, bare fetch ${per(referenceMs)} of CPU per call; median ratio ${ratio.toFixed(2)}: ${ratio <= goalRatio ? 'met' : 'MISSED'}; bare fetch against itself ${low.toFixed(2)} to ${high.toFixed(2)} (four fifths of the pairs)`,
  );
}

async function cpuMs(work) {
  performance.clearResourceTimings();
  globalThis.gc?.();
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
