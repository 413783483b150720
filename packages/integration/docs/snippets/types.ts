import path from 'node:path';
import ts from 'typescript';
import { root, type Block } from './blocks.js';

/** What the compiler says against TypeScript examples, strictly, a line each, as `page:line message`. */
export function typeErrors(blocks: readonly Block[]): readonly string[] {
  const folder = path.join(import.meta.dirname, '../.snippets');
  const files = new Map(
    blocks.map(
      (block, index) =>
        [
          path.join(folder, `types-${String(index)}.${block.language === 'tsx' ? 'tsx' : 'mts'}`),
          block,
        ] as const,
    ),
  );
  const options: ts.CompilerOptions = {
    // as an app would, at its strictest
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2022.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts', 'lib.esnext.disposable.d.ts'],
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    jsx: ts.JsxEmit.ReactJSX,
    types: ['node', 'mocha'],
    typeRoots: [path.join(root, 'node_modules/@types')],
  };
  const host = ts.createCompilerHost(options);
  const beneath = { ...host };
  // the examples exist for the compiler only
  host.fileExists = (file) => files.has(file) || beneath.fileExists(file);
  host.readFile = (file) => files.get(file)?.code ?? beneath.readFile(file);
  host.getSourceFile = (file, version, onError) => {
    const code = files.get(file)?.code;
    return code === undefined
      ? beneath.getSourceFile(file, version, onError)
      : ts.createSourceFile(file, code, version);
  };
  const names = path.join(import.meta.dirname, 'names.d.mts');
  const program = ts.createProgram([names, ...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    const block = file && files.get(file.fileName);
    if (!block) return `${file?.fileName ?? ''} ${text}`;
    const line = block.line + ts.getLineAndCharacterOfPosition(file, start).line;
    return `${block.file}:${String(line)} ${text}`;
  });
}
