// The media engine alone, in its child process, with synthetic clients here: CPU per forwarded receiver and latency, for
// both transport libraries. Twelve people in one meeting: each sees the next one and receives all others, three speak.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';

const at = (file) => new URL(`../../packages/media-server/${file}`, import.meta.url).href;

export const title = 'media engine: 12 people, 1 picture and mixed sound each, 3 speak';
export const goal = 'latency ≤ 5 ms median; CPU is printed';

const people = 12;
const speakers = 3;
const seconds = 10;
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const median = (list) => [...list].sort((a, b) => a - b)[list.length >> 1] ?? NaN;
const percentile = (list, share) => [...list].sort((a, b) => a - b)[Math.floor(list.length * share)] ?? NaN;

async function measure(library) {
  const { createMediaServer } = await import(at('dist/esm/index.js'));
  const { loadOpus } = await import(at('dist/esm/audio/opus.js'));
  const { createRawClient } = await tsImport(at('test/support/raw-client.ts'), import.meta.url);
  const opus = await loadOpus();
  const server = await createMediaServer({ transport: library });
  const mix = await server.createMix();
  const joined = [];
  for (let index = 0; index < people; index += 1) {
    const client = await createRawClient();
    const transport = await server.createTransport();
    client.apply((await transport.accept(client.offer)).answer);
    await client.open;
    await mix.join({ participant: String(index), track: transport.track('0'), slot: transport.slot('0') });
    joined.push({ client, transport, encoder: opus.createEncoder() });
  }
  for (const [index, { transport }] of joined.entries())
    await transport.slot('1').route(joined[(index + 1) % people].transport.track('1'));

  const silence = Buffer.from([0xf8, 0xff, 0xfe]);
  const noise = () => Int16Array.from({ length: 960 }, () => (Math.random() - 0.5) * 12_000);
  const clips = Array.from({ length: 50 }, () => joined[0].encoder.encode(noise()));
  let frame = 0;
  const timer = setInterval(() => {
    frame += 1;
    for (const [index, { client }] of joined.entries()) {
      client.sendAudio(index < speakers ? clips[frame % clips.length] : silence);
      if (frame % 2 === 0) client.sendVideo(client.keyframesAsked > 0 || frame < 50, 750);
      client.keyframesAsked = 0;
    }
  }, 20);
  await sleep(3000);

  // one packet at a time, with the moment in it
  const latencies = [];
  const [first] = joined;
  const last = joined[people - 1];
  const before = await server.stats();
  const started = performance.now();
  for (const { client } of joined) client.received.length = 0;
  let packets = 0;
  while (performance.now() - started < seconds * 1000) {
    const seen = last.client.received.length;
    const sentAt = performance.now();
    first.client.sendVideo(false, 750);
    while (last.client.received.length === seen && performance.now() - sentAt < 200)
      await new Promise((resolve) => setImmediate(resolve));
    latencies.push(performance.now() - sentAt);
    await sleep(15);
  }
  const passed = (performance.now() - started) / 1000;
  const after = await server.stats();
  clearInterval(timer);
  for (const { client } of joined) packets += client.received.length;
  const share = ((after.cpuSeconds - before.cpuSeconds) / passed) * 100;
  console.log(
    `  ${library}: ${share.toFixed(1)} % of a core, ${(share / people).toFixed(2)} % per receiver, ` +
      `${Math.round(packets / passed)} packets/s out; client to client ${median(latencies).toFixed(2)} ms median, ` +
      `${percentile(latencies, 0.95).toFixed(2)} ms p95; ${Math.round(after.memoryBytes / 1e6)} MB`,
  );
  for (const { client } of joined) client.close();
  await server.close();
}

const self = fileURLToPath(import.meta.url);
export function run() {
  for (const library of ['node-datachannel', 'werift'])
    spawnSync(process.execPath, [self, library], { stdio: 'inherit' });
}
// a process per library: the clients' native threads end with it
if (process.argv[1] === self) {
  await measure(process.argv[2]);
  process.exit();
}
