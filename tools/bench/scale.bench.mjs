// Does it stay usable when it is large? One room of 10,000 people, one person in 5,000 rooms, a thousand sockets, a thousand
// people's presence, and 500 messages a second that a kill does not lose. The service is a process of its own on a data
// folder on disk; its CPU is printed beside what the caller waited, since the machine may be shared.
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startService } from './service-process.mjs';
import { measureFanOut } from './service/large-fan-out.mjs';
import { measureMessages } from './service/message-rate.mjs';
import { measurePages } from './service/pages.mjs';
import { measurePresence } from './service/presence-requests.mjs';

export const title = 'large rooms, many rooms, many people, many messages';
export const goal =
  'pages ≤ 100 ms; one message to 1,000 connected members ≤ 1 s; presence of 1,000 people ≤ 5 requests; 500 durable messages a second for 20 s, none lost by a kill';

export async function run() {
  const folder = mkdtempSync(path.join(tmpdir(), 'trunkline-bench-'));
  const seeder = fileURLToPath(new URL('./service/big-folder.mjs', import.meta.url));
  const running = new Set();
  const start = async () => {
    const service = await startService('--data', folder);
    running.add(service);
    const ended = (how) => async () => {
      running.delete(service);
      await service[how]();
    };
    return { ...service, stop: ended('stop'), kill: ended('kill') };
  };
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [seeder, folder, 10_000, 5_000, 1_000], {
      maxBuffer: 2 ** 26,
    });
    const seeded = JSON.parse(stdout);
    const parts = (process.env.PARTS ?? 'pages,fan-out,presence,messages').split(',');
    const measures = {
      pages: measurePages,
      'fan-out': measureFanOut,
      presence: measurePresence,
      messages: measureMessages,
    };
    for (const part of parts) {
      console.log(`  ${part}:`);
      await measures[part]({ start, ...seeded });
    }
  } finally {
    for (const { kill } of running) await kill();
    rmSync(folder, { recursive: true });
  }
}
