// Runs a program of the folder in Node and gives what it printed.
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** @param node another Node than this one */
export async function runNode(file, people, node = process.execPath) {
  const { stdout, stderr } = await execute(node, [file], {
    cwd: path.dirname(file),
    timeout: 60_000, // also for what keeps the process alive
    env: { ...process.env, NODE_OPTIONS: '', TRUNKLINE_PEOPLE: JSON.stringify(people) },
  });
  if (stderr) throw new Error(`it printed to stderr: ${stderr}`);
  return stdout;
}
