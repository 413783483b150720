import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const markdownIn = (folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !/node_modules|(^|\/)(reference|\.vitepress|dist)\//.test(file))
    .map((file) => `${folder}/${file}`);
const packages = readdirSync(path.join(root, 'packages'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const pages = (): readonly string[] => [
  'README.md',
  ...markdownIn('docs'),
  ...packages.map((name) => `packages/${name}/README.md`).filter((file) => existsSync(path.join(root, file))),
];

interface Manifest {
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly scripts?: Readonly<Record<string, string>>;
}
const manifest = (file: string): Manifest => JSON.parse(read(file)) as Manifest;

describe('pages for newcomers', () => {
  it('run the service by its scoped package only: anybody could register the unscoped name (H2)', () => {
    for (const page of pages())
      for (const [line] of read(page).matchAll(/^.*\bnpx\b.*trunkline-server.*$/gm))
        expect(line, page).to.match(/npx (-y )?-p @trunkline\/server trunkline-server\b/);
  });

  it('say on every getting-started page that nothing is on npm yet, and which command installs it (H1)', () => {
    const started = markdownIn('docs/getting-started');
    expect(started.length).to.be.greaterThan(5);
    for (const page of [...started, 'README.md', 'docs/index.md']) {
      expect(read(page), page).to.match(/not on npm yet/i);
      expect(read(page), page).to.match(/npm run pack\b/);
    }
    // and wherever else a page names the registry or a CDN
    for (const page of markdownIn('docs'))
      if (/npm install [^`\n]*@trunkline\/|unpkg\.com\/@trunkline/.test(read(page)))
        expect(read(page), page).to.match(/not on npm yet/i);
    expect(manifest('package.json').scripts).to.have.property('pack');
  });

  it('name a script-tag file for each package that has one, and none for the others (H9)', () => {
    const page = read('docs/getting-started/script-tag.md');
    const table = page.split('\n').filter((line) => line.startsWith('| `'));
    const listed = table
      .flatMap((line) => [...(line.split('|')[1] ?? '').matchAll(/`([\w-]+)`/g)])
      .map(([, name = '']) => name);
    const existing = packages.filter(
      (name) => manifest(`packages/${name}/package.json`).exports?.['./iife'] !== undefined,
    );
    expect(existing).to.include('auth');
    expect([...listed].sort()).to.deep.equal([...existing].sort());
    for (const name of existing)
      expect(readdirSync(path.join(root, 'packages', name, 'dist/iife'))).to.include(`${name}.js`);
  });

  it('lead to the guide of bots and to the page about React (H3, H20)', () => {
    const config = read('docs/.vitepress/config.ts');
    expect(config).to.include("'bots'").and.include('/getting-started/react');
    expect(read('docs/guides/bots.md')).to.include("roles: ['bot']").and.include('clientCredentials');
    expect(read('docs/getting-started/react.md')).to.include('.close()').and.include('{ signal }');
  });

  it('say how a master key is made, and how long the tests take (H17, H30)', () => {
    expect(read('docs/guides/run-the-service.md')).to.include('openssl rand -base64 32 > master.key');
    expect(read('README.md')).to.match(/`npm test` takes about \d+ minutes/);
  });

  it('say that refuse-sockets leaves open sockets alone, and how to make an outage of two faults (H5)', () => {
    const page = read('docs/guides/test-your-app.md');
    const row = page.split('\n').find((line) => line.startsWith('| `refuse-sockets`')) ?? '';
    expect(row).to.include('new sockets only').and.include('stay open');
    expect(page.indexOf("fault({ kind: 'refuse-sockets' })")).to.be.greaterThan(0);
    expect(page.lastIndexOf("fault({ kind: 'drop-sockets' })")).to.be.greaterThan(
      page.indexOf("fault({ kind: 'refuse-sockets' })"),
    );
  });
});
