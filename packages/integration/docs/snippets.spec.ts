import { expect } from 'chai';
import { startCloud } from '@trunkline/testing';
import { allBlocks, runnerOf, type Block } from './snippets/blocks.js';
import { runProgram, sideBySide, type Outcome, type Service } from './snippets/programs.js';
import { typeErrors } from './snippets/types.js';

const titleOf = ({ file, line }: Block): string => `${file}:${String(line)}`;

// MOCHA_FGREP-like choice while one writes: SNIPPETS=docs/guides/rooms npx mocha …
const chosen = allBlocks().filter(({ file }) => file.includes(process.env['SNIPPETS'] ?? ''));

describe('what the pages show', function () {
  this.timeout(180_000); // the last waits for those before it

  const blocks = chosen.filter((block) => runnerOf(block) === 'node');
  let cloud: Awaited<ReturnType<typeof startCloud>>;
  let outcomes: ReadonlyMap<Block, Promise<Outcome>>;

  before(async () => {
    cloud = await startCloud();
    await Promise.all(['ben', 'cara'].map((name) => cloud.person(name))); // examples invite ben@example.com
    const service: Service = { url: cloud.url, adminToken: cloud.adminToken };
    const running = sideBySide(
      2,
      blocks.map((block, example) => () => runProgram(block, service, example)),
    );
    for (const one of running) one.catch(() => undefined); // its own test tells
    outcomes = new Map(blocks.map((block, index) => [block, running[index]] as [Block, Promise<Outcome>]));
  });
  after(() => cloud.close());

  for (const block of blocks)
    it(`runs: ${titleOf(block)}`, async () => {
      const outcome = await outcomes.get(block);
      expect(outcome?.status, `${block.code}\n${outcome?.output ?? ''}`).to.equal(0);
      if (block.file === 'README.md' || block.file === 'docs/index.md')
        expect(outcome?.output).to.equal('The launch is at nine.\n'); // as it says
    });

  it('compiles: every TypeScript example', () => {
    expect(typeErrors(chosen.filter(({ language }) => language === 'ts'))).to.deep.equal([]);
  });
});
