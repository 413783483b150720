// The conversation in Node: ES modules and CommonJS under each supported release, and copies of core that meet.
import path from 'node:path';
import { inParallel } from '../install.mjs';
import { nodes } from '../nodes.mjs';
import { runNode } from '../programs.mjs';

export async function checkNode({ check, same, folder, service, encrypted }) {
  const programs = Object.entries(nodes()).flatMap(([major, { file, error }]) =>
    ['app.mjs', 'app.cjs'].map((program) => [`node ${major} ${program}`, program, file, error]),
  );
  programs.push(['node, plugins cjs in client esm', 'mixed.mjs', process.execPath]);
  for (const program of ['webex-class.cjs', 'webex-class.mjs'])
    await check(`node ${program}`, async () => {
      same(await runNode(path.join(folder, program), {}), 'a class');
    });
  await inParallel(programs, ([name, program, file, error]) =>
    check(name, async () => {
      if (error) throw error;
      same(await runNode(path.join(folder, program), await service.people(), file), encrypted);
    }),
  );
}
