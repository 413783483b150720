import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'chai';

const root = path.resolve(import.meta.dirname, '../../..');

/** Every ```js or ```ts block of a page; a page's blocks are programs of their own. */
const blocksOf = (text: string): readonly string[] =>
  [...text.matchAll(/^```(?:js|ts)\n([\s\S]*?)^```$/gm)].map(([, code = '']) => code);

/** What a short example may leave open: a service, somebody's token, a room and two other people. */
const withNames = (code: string): string => `
const __cloud = await (await import('@trunkline/testing')).startCloud();
const [__me, { id: benId }, { id: caraId }] = await Promise.all(['ana', 'ben', 'cara'].map((name) => __cloud.person(name)));
const [service, token, adminToken] = [__cloud.url, __me.accessToken, __cloud.adminToken];
const __headers = { authorization: 'Bearer ' + token, 'content-type': 'application/json' };
const __room = await fetch(service + '/v1/rooms', { method: 'POST', headers: __headers, body: '{"title":"Example"}' });
const { id: roomId } = await __room.json();
{
${code.replace(/^import (.*) from (.*);$/gm, 'const $1 = await import($2);')}
}
await __cloud.close();
`;

/** Runs a module in this package's folder, where every package can be imported. */
async function runModule(code: string, name: string): Promise<{ status: number | null; output: string }> {
  const file = path.join(import.meta.dirname, `.snippet-${name}.mjs`);
  await writeFile(file, code);
  try {
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [status] = (await once(child, 'exit')) as [number | null];
    return { status, output };
  } finally {
    await rm(file);
  }
}

describe('what the pages show', function () {
  this.timeout(120_000);

  it('runs: the README, and it prints what it says it prints', async () => {
    const [code = ''] = blocksOf(await readFile(path.join(root, 'README.md'), 'utf8'));
    const { status, output } = await runModule(code, 'readme');
    expect(output).to.equal('The launch is at nine.\n');
    expect(status).to.equal(0);
  });

  it('runs: every package’s README', async () => {
    for (const name of await readdir(path.join(root, 'packages'))) {
      const file = `packages/${name}/README.md`;
      if (!existsSync(path.join(root, file))) continue;
      for (const [index, code] of blocksOf(await readFile(path.join(root, file), 'utf8')).entries()) {
        const { status, output } = await runModule(withNames(code), `${name}-${String(index)}`);
        expect(status, `${file}\n${code}\n${output}`).to.equal(0);
      }
    }
  });
});
