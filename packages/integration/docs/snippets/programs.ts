import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ts from 'typescript';
import type { Block } from './blocks.js';

/** Where the service is that the examples talk to. */
export interface Service {
  readonly url: string;
  readonly adminToken: string;
}
/** What the prelude of a Node example supplies, for a page. */
export interface Names {
  readonly service: string;
  readonly token: string;
  readonly roomId: string;
  readonly benId: string;
  readonly caraId: string;
}
export interface Outcome {
  readonly status: number | null;
  readonly output: string;
}

/** Here every package can be imported, and nothing is committed. */
const folder = path.join(import.meta.dirname, '../.snippets');
const limitMs = 60_000;
// not measured: what an example passes through is not a test of it
const withoutCoverage = { ...process.env, NODE_V8_COVERAGE: undefined };

/** TypeScript without its types; what is wrong with them, `types.ts` says. */
export const plain = ({ language, code }: Block): string =>
  language === 'ts'
    ? ts.transpileModule(code, {
        compilerOptions: {
          target: ts.ScriptTarget.ES2022,
          module: ts.ModuleKind.ESNext,
          verbatimModuleSyntax: true,
        },
      }).outputText
    : code;

/** Whether an example takes the `client` that is supplied: it uses one, and makes none. */
const takesClient = (code: string): boolean =>
  /\bclient\b[.;,)\]]/.test(code) && !/\b(?:const|let) (?:\{[^}]*\bclient\b[^}]*\}|client)\b/.test(code);

/** Runs one example as a program of its own, which has to end by itself. */
export async function runProgram(block: Block, service: Service, example: number): Promise<Outcome> {
  await mkdir(folder, { recursive: true });
  const client = takesClient(block.code);
  const extension = block.words.includes('cjs') ? 'cjs' : 'mjs';
  const name = block.file.replaceAll(/\W+/g, '-');
  const file = path.join(folder, `${name}-${String(block.line)}.${extension}`);
  const cwd = await mkdtemp(path.join(tmpdir(), 'trunkline-snippet-'));
  await writeFile(file, client ? `${plain(block)}\nawait client.close();\n` : plain(block));
  const prelude = path.join(import.meta.dirname, 'prelude.mjs');
  try {
    const child = spawn(process.execPath, ['--unhandled-rejections=strict', '--import', prelude, file], {
      cwd, // what it writes is gone afterwards
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: limitMs,
      env: { ...withoutCoverage, TRUNKLINE_SNIPPET: JSON.stringify({ ...service, example, client }) },
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, output };
  } finally {
    await Promise.all([rm(file), rm(cwd, { recursive: true, force: true })]);
  }
}

/** Runs tasks side by side, `width` at a time, in order; each answer can be waited for alone. */
export function sideBySide<T>(width: number, tasks: readonly (() => Promise<T>)[]): readonly Promise<T>[] {
  let free = width;
  const waiting: (() => void)[] = [];
  return tasks.map(async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free += 1;
    }
  });
}
