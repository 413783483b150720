import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const root = path.resolve(import.meta.dirname, '../../..');

/** A sample, running: what it said first, and its end. */
export interface Program {
  readonly firstLine: string;
  /** Ctrl+C; answers the exit code */
  end(): Promise<number | null>;
}

/** Starts a sample as its README says, and waits for its first line. */
export async function start(file: string, env: Readonly<Record<string, string>>): Promise<Program> {
  const child = spawn(process.execPath, ['--unhandled-rejections=strict', `docs/samples/${file}`], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const exit = once(child, 'exit');
  const line = once(createInterface({ input: child.stdout }), 'line') as Promise<[string]>;
  const first = await Promise.race([line, exit.then(() => undefined)]);
  if (first === undefined) throw new Error(`${file} ended before it said anything: ${said}`);
  return {
    firstLine: first[0],
    end: async () => {
      child.kill('SIGINT');
      await exit;
      if (said !== '') throw new Error(`${file} complained: ${said}`);
      return child.exitCode;
    },
  };
}
