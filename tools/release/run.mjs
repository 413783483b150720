// npm run release: everything a release does but the release. Builds, checks the versions, packs and installs what would be
// published, writes its bill of materials (CycloneDX) to dist/release, and runs `nx release publish --dry-run`.
//   -- --publish   publishes, with provenance; only where npm can prove the origin: a CI that gives it an identity
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { projects, readJson, root, run, writeJson } from '../lib.mjs';
import { stamp } from './stamp.mjs';

const publish = process.argv.includes('--publish');
const out = path.join(root, 'dist/release');
const must = (what, ok) => {
  if (ok) return;
  console.error(`stopped: ${what}`);
  process.exit(1);
};
const quiet = (program, args, cwd) => {
  const { status, stdout, stderr } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  must(`${program} ${args.slice(0, 2).join(' ')} failed\n${stdout}${stderr}`, status === 0);
};

const stale = stamp(true);
must(`${stale.join(', ')}: run \`npm run version\` first`, stale.length === 0);
if (publish)
  must(
    'provenance needs the identity of a CI run (id-token: write)',
    Boolean(process.env.ACTIONS_ID_TOKEN_REQUEST_URL ?? process.env.SIGSTORE_ID_TOKEN),
  );
must('the build failed', run('nx', ['run-many', '-t', 'build', '--outputStyle=static']) === 0);

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
const published = projects().filter(
  (project) => project.startsWith('packages/') && !readJson(path.join(root, project, 'package.json')).private,
);
for (const project of published) quiet('pnpm', ['pack', '--pack-destination', out], path.join(root, project));

// the bill is of what someone gets who installs everything, not of what this repository develops with
const shop = mkdtempSync(path.join(tmpdir(), 'trunkline-release-'));
try {
  const tarballs = readdirSync(out).filter((file) => file.endsWith('.tgz'));
  const dependencies = Object.fromEntries(
    tarballs.map((file) => [nameOf(file), `file:${path.join(out, file)}`]),
  );
  writeJson(path.join(shop, 'package.json'), {
    name: 'trunkline',
    version: '0.0.0',
    private: true,
    dependencies,
    overrides: dependencies,
  });
  quiet('npm', ['install', '--omit=dev', '--no-audit', '--no-fund', '--ignore-scripts'], shop);
  quiet(
    'cyclonedx-npm',
    ['--omit', 'dev', '--output-reproducible', '--output-file', path.join(out, 'sbom.cdx.json')],
    shop,
  );
} finally {
  rmSync(shop, { recursive: true, force: true });
}
const { components } = readJson(path.join(out, 'sbom.cdx.json'));
const ours = components.filter(({ group }) => group === '@trunkline');
must('the bill of materials does not list every package', ours.length === published.length);

const sent = spawnSync('nx', ['release', 'publish', ...(publish ? [] : ['--dry-run'])], {
  cwd: root,
  encoding: 'utf8',
  env: { ...process.env, NPM_CONFIG_PROVENANCE: 'true', NX_DAEMON: 'false' },
});
writeFileSync(path.join(out, 'publish.log'), sent.stdout + sent.stderr);
must(`nx release publish failed, see dist/release/publish.log`, sent.status === 0);
console.log(
  `${publish ? 'published' : 'would publish, with provenance'}: ${published.length} packages; ` +
    `bill of materials: dist/release/sbom.cdx.json (${ours.length} ours, ${components.length - ours.length} others)`,
);

/** `trunkline-core-0.1.0.tgz` → `@trunkline/core` */
function nameOf(file) {
  const project = published.find((each) => new RegExp(`^trunkline-${path.basename(each)}-\\d`).test(file));
  return `@trunkline/${path.basename(project)}`;
}
