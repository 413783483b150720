// Every member of the public types has a summary: what an editor shows when one points at it.
import { existsSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from '../lib.mjs';
import { packages } from './packages.mjs';

/** Members without a summary that are still allowed, by package. May only shrink. */
const allowed = {};

const hasSummary = (node) =>
  ts
    .getJSDocCommentsAndTags(node)
    .some((doc) => ts.isJSDoc(doc) && String(ts.getTextOfJSDocComment(doc.comment) ?? '').trim() !== '');

/** Exported functions, classes, constants, and methods of exported interfaces, without a summary. Fields may speak for themselves. */
function missing(program, entry) {
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(entry);
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) return [];
  const found = [];
  const note = (declaration, name) => {
    const file = path.relative(root, declaration.getSourceFile().fileName);
    if (file.includes('node_modules') || !file.includes('/src/')) return;
    const { line } = declaration.getSourceFile().getLineAndCharacterOfPosition(declaration.getStart());
    found.push({ file, line: line + 1, name });
  };
  for (const exported of checker.getExportsOfModule(module)) {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const declarations = symbol.declarations ?? [];
    const own = declarations.filter((declaration) => !declaration.getSourceFile().isDeclarationFile);
    for (const declaration of own) {
      const isCallable = ts.isFunctionDeclaration(declaration) || ts.isClassDeclaration(declaration);
      const isValue = ts.isVariableDeclaration(declaration);
      const holder = isValue ? declaration.parent.parent : declaration;
      // an overload may share the summary of the first one
      if (
        (isCallable || isValue) &&
        !declarations.some((other) =>
          hasSummary(ts.isVariableDeclaration(other) ? other.parent.parent : other),
        )
      )
        note(holder, symbol.name);
      if (ts.isInterfaceDeclaration(declaration))
        for (const member of declaration.members) {
          const isMethod =
            ts.isMethodSignature(member) ||
            (ts.isPropertySignature(member) && member.type && ts.isFunctionTypeNode(member.type));
          if (!isMethod || hasSummary(member)) continue;
          const name = member.name.getText();
          const siblings = declaration.members.filter((other) => other.name?.getText() === name);
          if (!siblings.some(hasSummary)) note(member, `${symbol.name}.${name}`);
        }
    }
  }
  return found;
}

export function checkDocstrings() {
  const problems = [];
  const counts = {};
  for (const [name, { entries }] of Object.entries(packages)) {
    const files = Object.values(entries)
      .flatMap((file) => [`${file}.ts`, `${file}.node.ts`])
      .map((file) => path.join(root, 'packages', name, 'src', file))
      .filter((file) => existsSync(file));
    const { config } = ts.readConfigFile(path.join(root, 'tsconfig.base.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, path.join(root, 'packages', name));
    const program = ts.createProgram(files, { ...options, noEmit: true });
    const seen = new Map();
    for (const file of files)
      for (const one of missing(program, file)) seen.set(`${one.file}:${one.line}`, one);
    counts[name] = seen.size;
    if (seen.size > (allowed[name] ?? 0))
      for (const { file, line, name: member } of seen.values())
        problems.push(`${file}:${line}: ${member} has no summary`);
  }
  return { problems, counts };
}

if (process.argv[1] === import.meta.filename) {
  const { problems, counts } = checkDocstrings();
  for (const problem of problems) console.log(problem);
  console.log(counts);
}
