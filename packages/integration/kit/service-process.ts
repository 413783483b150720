import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

const program = path.resolve(import.meta.dirname, '../../server/bin/trunkline-server.mjs');

/** The first line of `trunkline-server --json`. */
export interface Listening {
  readonly url: string;
  readonly adminToken: string;
  readonly orgId: string;
}

/** The service in a process of its own, which can be killed and started again on the same port and data. */
export interface ServiceProcess {
  /** of the present run: the admin token changes with each */
  readonly now: Listening;
  /** process id of the present run */
  readonly pid: number | undefined;
  /** SIGKILL, at once */
  kill(): Promise<void>;
  /** SIGTERM: it says goodbye */
  stop(): Promise<void>;
  /** same port, same data */
  start(): Promise<Listening>;
  /** SIGTERM, then the folder goes */
  close(): Promise<void>;
}

/** In blocks of 512 bytes; without the trap the limit would end the process. */
const limited = (maxFileKiB: number): string =>
  `trap "" XFSZ; ulimit -f ${String(maxFileKiB * 2)}; exec "$0" "$@"`;

export interface SpawnOptions {
  readonly data?: string;
  /** No file may grow beyond this, in KiB: what the service feels is a full disk. Its log goes nowhere then. */
  readonly maxFileKiB?: number;
}

export async function spawnService(options: SpawnOptions = {}): Promise<ServiceProcess> {
  const data = options.data ?? (await mkdtemp(path.join(tmpdir(), 'trunkline-test-')));
  let child: ChildProcess | undefined;
  let port = '0';
  let now: Listening | undefined;

  const start = async (): Promise<Listening> => {
    const args = [program, '--json', '--port', port, '--data', data, '--seed', 'none'];
    const { maxFileKiB } = options;
    const started =
      maxFileKiB === undefined
        ? spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
        : spawn('sh', ['-c', limited(maxFileKiB), process.execPath, ...args], {
            stdio: ['ignore', 'pipe', 'ignore'],
          });
    child = started;
    const lines = createInterface({ input: started.stdout });
    const line = await Promise.race([
      once(lines, 'line').then(([text]) => text as string),
      once(started, 'exit').then(([code]) => {
        throw new Error(`the service ended with ${String(code)} before it listened`);
      }),
    ]);
    now = JSON.parse(line) as Listening;
    port = new URL(now.url).port;
    return now;
  };
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill(signal);
    await gone;
  };
  await start();
  return {
    get now() {
      if (now === undefined) throw new Error('the service was never started');
      return now;
    },
    get pid() {
      return child?.pid;
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
    start,
    close: async () => {
      await end('SIGTERM');
      await rm(data, { recursive: true, force: true });
    },
  };
}
