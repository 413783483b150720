// The service as it is published: bin/trunkline-server.mjs of the installed package, in a process of its own.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

export async function startService(folder) {
  const child = spawn(
    process.execPath,
    [
      path.join(folder, 'node_modules/@trunkline/server/bin/trunkline-server.mjs'),
      ...['--json', '--port', '0', '--data', 'memory', '--seed', 'none'],
    ],
    { cwd: folder, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  let printed = '';
  const service = await Promise.race([
    new Promise((resolve) => {
      child.stdout.on('data', (chunk) => {
        printed += chunk;
        if (printed.includes('\n')) resolve(JSON.parse(printed.slice(0, printed.indexOf('\n'))));
      });
    }),
    ended,
  ]);
  if (typeof service === 'number') throw new Error(`the packed service ended with ${service}`);

  const admin = async (what, body) => {
    const response = await fetch(`${service.url}/admin/v1/${what}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${service.adminToken}`, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`admin ${what}: ${response.status} ${await response.text()}`);
    return response.json();
  };
  return {
    url: service.url,
    admin,
    /** Two new people, for one conversation: what entries/environment.js hands to a program. */
    people: async () => {
      const [ana, ben] = await Promise.all(
        ['ana', 'ben'].map(async (displayName) => {
          const email = `${displayName}.${randomUUID().slice(0, 8)}@example.com`;
          const { accessToken } = await admin('users', { displayName, email });
          return { email, token: accessToken };
        }),
      );
      return { service: service.url, ana, ben };
    },
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}
