// The service in a process of its own, as the repository builds it, so that what it costs is not counted as ours.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../../packages/server/bin/trunkline-server.mjs', import.meta.url));

export async function startService(...options) {
  const args = [program, '--json', '--port', '0', '--data', 'memory', '--seed', 'none', ...options];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(([code]) => {
      throw new Error(`the service ended with ${code} before it listened`);
    }),
  ]);
  const { url, adminToken } = JSON.parse(String(line).split('\n', 1)[0]);
  const post = async (path, token, body) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${path}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    url,
    pid: child.pid,
    post,
    person: (name) =>
      post('/admin/v1/users', adminToken, { email: `${name}@example.com`, displayName: name }),
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
    /** at once: nothing is finished */
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
