// Accepted durable messages: the conversation service beside bare grouped inserts of the same rows.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const title = 'accepted durable messages, through the conversation service';
export const goal = '≥ 0.50 of bare grouped inserts of the same rows, synchronous=FULL; HTTP not counted';

const sorted = (list) => [...list].sort((a, b) => a - b);
const median = (list) => sorted(list)[list.length >> 1];

export async function run() {
  const program = fileURLToPath(new URL('./service/writes.mjs', import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program]);
  const { count, bare, sealed, clear, again } = JSON.parse(stdout);
  const each = (list) => `${Math.round((median(list) / count) * 1000)} µs`;
  const ratio = (list) => median(bare.map((ms, n) => ms / list[n])).toFixed(2);
  const self = sorted(again.map((ms, n) => ms / bare[n]));
  console.log(`  bare ${each(bare)} of CPU a message; ciphertext ${each(sealed)}, clear words ${each(clear)}
  median ratio of rates: ciphertext ${ratio(sealed)}, clear words ${ratio(clear)}; the reference against itself ${self[0].toFixed(2)}-${self.at(-1).toFixed(2)}`);
}
