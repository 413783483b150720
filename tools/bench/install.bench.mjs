// What npm puts on the disk of someone who wants conversations in Node, encrypted.
import { lstatSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { existsSync } from 'node:fs';
import { prepareStranger } from '../consumers/install.mjs';
import { readJson } from '../lib.mjs';

export const title = 'npm install of core, rooms, messages, memberships, people and encryption';
export const goal = '≤ 12 packages, at most 3 of them not ours, ≤ 3 MiB';

export async function run() {
  const folder = await prepareStranger([
    ...['core', 'rooms', 'messages', 'memberships', 'people', 'encryption'],
    // which those ask for
    ...['wire', 'conversation'],
  ]);
  const found = packagesIn(path.join(folder, 'node_modules'));
  const others = found.filter(({ name }) => !name.startsWith('@trunkline/'));
  const bytes = found.reduce((sum, one) => sum + one.bytes, 0);
  const blocks = found.reduce((sum, one) => sum + one.blocks, 0);
  const good = found.length <= 12 && others.length <= 3 && bytes <= 3 * 1024 ** 2;
  console.log(
    `  ${found.length} packages, ${others.length} of them not ours (${others.map(({ name }) => name).join(', ')}), ${mib(bytes)} MiB of files (${mib(blocks)} in disk blocks): ${good ? 'met' : 'MISSED'}`,
  );
  for (const one of found.sort((a, b) => b.bytes - a.bytes))
    console.log(
      `    ${(one.bytes / 1024).toFixed(0).padStart(6)} KiB in ${String(one.files).padStart(4)} files  ${one.name} ${one.version}`,
    );
}

const mib = (bytes) => (bytes / 1024 ** 2).toFixed(2);

/** Every installed package, with those inside of others on their own. */
function packagesIn(folder) {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .flatMap((name) =>
      name.startsWith('@')
        ? readdirSync(path.join(folder, name)).map((rest) => path.join(folder, name, rest))
        : [path.join(folder, name)],
    )
    .flatMap((one) => {
      const { name, version } = readJson(path.join(one, 'package.json'));
      return [{ name, version, ...weigh(one) }, ...packagesIn(path.join(one, 'node_modules'))];
    });
}

function weigh(folder) {
  const sum = { bytes: 0, blocks: 0, files: 0 };
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules') continue;
    const file = path.join(folder, entry.name);
    const stat = lstatSync(file);
    const inside = entry.isDirectory() ? weigh(file) : { bytes: stat.size, blocks: 0, files: 1 };
    sum.bytes += inside.bytes;
    sum.blocks += inside.blocks + stat.blocks * 512;
    sum.files += inside.files;
  }
  return sum;
}
