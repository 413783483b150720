// `npm run pack`: the line it prints installs in a fresh project, without naming every transitive package by hand.
import { execFile, execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { env, root } from '../../lib.mjs';
import { strangerFolder } from '../install.mjs';

const execute = promisify(execFile);

export async function checkPack({ check, service }) {
  await check(
    'npm run pack prints a line that installs what was asked for, in a fresh project (H1)',
    async () => {
      const { stdout } = await execute(
        process.execPath,
        ['tools/pack.mjs', '--no-build', 'rooms', '@trunkline/auth'],
        { cwd: root, env },
      );
      const line = /^ {2}(npm install .+)$/m.exec(stdout)?.[1];
      if (line === undefined) throw new Error(`no install line in: ${stdout}`);
      for (const name of ['auth', 'core', 'rooms', 'wire'])
        if (!line.includes(`/${name}.tgz`)) throw new Error(`${name} is missing in: ${line}`);
      if (line.includes('server')) throw new Error(`more than was asked for: ${line}`);
      const folder = strangerFolder();
      writeFileSync(path.join(folder, 'package.json'), '{"private":true,"type":"module"}');
      execFileSync('sh', ['-c', `${line} --prefer-offline --no-audit --no-fund --loglevel=error`], {
        cwd: folder,
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, npm_config_engine_strict: 'true', npm_config_update_notifier: 'false' },
      });
      const { service: address, ana } = await service.people();
      writeFileSync(
        path.join(folder, 'app.js'),
        `import { createClient } from '@trunkline/core';
import { clientCredentials } from '@trunkline/auth';
import { rooms } from '@trunkline/rooms';
const client = createClient({ service: ${JSON.stringify(address)}, token: ${JSON.stringify(ana.token)}, plugins: [rooms()] });
const { id } = await client.rooms.create({ title: 'Packed' });
console.log((await client.rooms.get(id)).title, typeof clientCredentials);
await client.close();
`,
      );
      const { stdout: said } = await execute(process.execPath, ['app.js'], { cwd: folder });
      if (said !== 'Packed function\n') throw new Error(said);
    },
  );
  await check('npm run pack names the packages that there are when one is unknown', async () => {
    const { stderr, code } = await execute(process.execPath, ['tools/pack.mjs', '--no-build', 'room'], {
      cwd: root,
      env,
    }).catch((error) => error);
    if (code !== 1 || !stderr.includes('rooms')) throw new Error(stderr);
  });
}
