// The service beside the barest thing that could do the same: `ws` sends of the same bytes, grouped inserts of the same rows.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const title = 'one message to 1,000 sockets of one room; accepted durable messages';
export const goal =
  'CPU ≤ 2 × bare ws sends of the same bytes; rate ≥ 0.50 of bare grouped inserts of the same rows, synchronous=FULL';

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];
const ratio = (list, other) => median(list.map((ms, n) => ms / other[n])).toFixed(2);
const self = (list, other) => {
  const ratios = sorted(list.map((ms, n) => ms / other[n]));
  return `the reference against itself ${ratios[0].toFixed(2)}-${ratios.at(-1).toFixed(2)}`;
};

async function measured(name) {
  const program = fileURLToPath(new URL(`./service/${name}.mjs`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout);
}

export async function run() {
  const { sockets, bytes, ours, oursAcked, ...reference } = await measured('fan-out');
  const ms = (list) => `${median(list).toFixed(1)} ms`;
  console.log(`  one message of ${bytes} bytes to ${sockets} sockets, from the POST to the last socket: ${ms(ours)} of CPU, bare ${ms(reference.bare)}:
    median ratio ${ratio(ours, reference.bare)} (${self(reference.again, reference.bare)})
    with the acknowledgements of all, received and kept: ${ms(oursAcked)}, bare with the same frames received ${ms(reference.bareAcked)}: median ratio ${ratio(oursAcked, reference.bareAcked)}`);

  const { count, bare, sealed, clear, again } = await measured('writes');
  const each = (list) => `${Math.round((median(list) / count) * 1000)} µs`;
  console.log(`  accepted durable messages through the conversation service (HTTP not counted): ciphertext ${each(sealed)} of CPU, clear words ${each(clear)}, bare ${each(bare)}:
    median ratio of rates: ciphertext ${ratio(bare, sealed)}, clear words ${ratio(bare, clear)} (${self(again, bare)})`);
}
