import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.resolve(import.meta.dirname, '../../../..');

/** One fenced block of a page. */
export interface Block {
  /** of the page, relative to the repository */
  readonly file: string;
  /** of its first line, in the page */
  readonly line: number;
  readonly language: string;
  /** what stands behind the language: `browser`, `cjs`, `[worker.js]` */
  readonly words: readonly string[];
  readonly code: string;
}

/**
 * How a block is tried: `node` in a Node process of its own, as ES module or CommonJS; `browser` bundled, in Chromium;
 * `page` as the page of a script tag. Blocks of one page that name files (`[worker.js]`) are one program.
 */
export type Runner = 'node' | 'browser' | 'page';
export const runnerOf = ({ file, language, words }: Block): Runner | undefined => {
  if (language === 'html') return file.startsWith('docs/') ? 'page' : undefined;
  if (language !== 'js' && language !== 'ts' && language !== 'tsx') return undefined;
  return words.includes('browser') || words.some((word) => word.startsWith('[')) ? 'browser' : 'node';
};
/** The file name that a block gives itself. */
export const nameOf = ({ words }: Block): string | undefined =>
  words.map((word) => /^\[(.+)\]$/.exec(word)?.[1]).find((name) => name !== undefined);

const blocksOf = (file: string): readonly Block[] => {
  const text = readFileSync(path.join(root, file), 'utf8');
  return [...text.matchAll(/^```(\w+)([^\n]*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', words = '', code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { file, line, language, words: words.trim().split(/\s+/), code };
  });
};

/** Pages of a folder and those in it; not what is installed there. */
const markdownBelow = (folder: string): readonly string[] =>
  readdirSync(path.join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const file = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : markdownBelow(file);
    return file.endsWith('.md') ? [file] : [];
  });

const pages = (): readonly string[] => {
  const found = markdownBelow('docs').filter((file) => !/^docs\/(reference|\.vitepress)\//.test(file));
  const readmes = readdirSync(path.join(root, 'packages'), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .flatMap(({ name }) =>
      readdirSync(path.join(root, 'packages', name)).includes('README.md') ? [name] : [],
    )
    .map((name) => `packages/${name}/README.md`);
  return ['README.md', ...readmes, ...found].sort();
};

/** Every block of every page that can be run. */
export const allBlocks = (): readonly Block[] =>
  pages()
    .flatMap(blocksOf)
    .filter((block) => runnerOf(block) !== undefined);
