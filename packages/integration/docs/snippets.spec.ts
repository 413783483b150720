import { expect } from 'chai';
import { createClient } from '@trunkline/core';
import { rooms } from '@trunkline/rooms';
import { startCloud } from '@trunkline/testing';
import type { Browser } from 'playwright-core';
import { launch } from '../auth/kit.js';
import { allBlocks, runnerOf, type Block } from './snippets/blocks.js';
import { browserPrograms, runPage } from './snippets/pages.js';
import { runProgram, sideBySide, type Names, type Outcome, type Service } from './snippets/programs.js';
import { typeErrors } from './snippets/types.js';

const titleOf = ({ file, line }: Block): string => `${file}:${String(line)}`;

// while one writes: SNIPPETS=docs/guides/rooms mocha … runs those of one page
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
    for (const one of running) one.catch(() => undefined); // reported by its own test
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

  describe('in Chromium', () => {
    let browser: Browser | undefined;
    before(async () => {
      browser = await launch();
    });
    after(() => browser?.close());

    for (const [index, program] of browserPrograms(chosen).entries())
      it(`runs: ${program.title}`, async function () {
        if (browser === undefined) return this.skip();
        const [ana, ben, cara] = await Promise.all(
          ['ana', 'ben', 'cara'].map((name) => cloud.person(`${name}.page${String(index)}`)),
        );
        const { accessToken: token = '' } = ana ?? {};
        const client = createClient({ service: cloud.url, token, plugins: [rooms()] });
        const { id: roomId } = await client.rooms.create({ title: 'Example' });
        await client.close();
        const names: Names = {
          service: cloud.url,
          token,
          roomId,
          benId: ben?.id ?? '',
          caraId: cara?.id ?? '',
        };
        expect(await runPage(program, names, browser)).not.to.equal('');
      });
  });

  // last: the compiler keeps this process, and so the service, from everything else
  it('compiles: every TypeScript example', () => {
    expect(
      typeErrors(chosen.filter(({ language }) => language === 'ts' || language === 'tsx')),
    ).to.deep.equal([]);
  });
});
